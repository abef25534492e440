//! Requests as they cross the wire: the fields and the content that the application gave.

use super::{Cancelled, Connection, breach::Fault};
use crate::{
    http2::{Frame, StreamId, hpack::Field},
    rfc9113::{clauses::Clause, field_block::Section, stream::Stream},
    script::{Body, BodyEnd, Reads, content},
};

impl Connection<'_> {
    /// Records that the application cancels the request with this number.
    pub(crate) fn cancel(&mut self, number: usize) {
        self.cancelled.push(Cancelled { number, in_time: false });
    }

    /// Whether the application has cancelled the request with this number.
    pub(crate) fn is_cancelled(&self, number: usize) -> bool {
        self.cancelled.iter().any(|cancelled| cancelled.number == number)
    }

    /// Records that the application hands over so many more bytes of the content of a request, and perhaps its end.
    pub(crate) fn feed(&mut self, number: usize, bytes: u32, end: bool) {
        let Some(request) = self.requests.get(number) else { return };
        let place = self.fed.iter().position(|(fed, _)| *fed == number).unwrap_or_else(|| {
            self.fed.push((number, request.body()));
            self.fed.len() - 1
        });
        let body = &mut self.fed[place].1;
        *body = body.fed(bytes, end);
    }

    /// The content of the request with this number, as far as the application has handed it over.
    fn body(&self, number: usize) -> Body {
        let fed = self.fed.iter().find(|(fed, _)| *fed == number);
        fed.map_or_else(|| self.requests[number].body(), |(_, body)| *body)
    }

    fn is_fed(&self, number: usize) -> bool {
        self.fed.iter().any(|(fed, _)| *fed == number)
    }

    /// Whether a client learns that the content of this request is complete only when it asks for more: the application
    /// fed it, or trailers follow.
    fn ends_late(&self, number: usize) -> bool {
        !self.requests[number].trailers().is_empty() || self.is_fed(number)
    }

    /// Whether the content of the request with this number fails, so that the client gives it up.
    pub(super) fn content_fails(&self, request: Option<usize>) -> bool {
        let request = request.and_then(|number| self.requests.get(number));
        request.is_none_or(|request| request.body().end() == BodyEnd::Fails)
    }

    /// Whether the application gives up the request with this number: it cancels it, or its content fails.
    pub(crate) fn may_give_up(&self, request: Option<usize>) -> bool {
        self.content_fails(request) || request.is_some_and(|number| self.is_cancelled(number))
    }

    /// Judges cancelled requests when the client can do no more. No rule demands that it resets their streams. But a
    /// request that was cancelled before it was written is none: if it leaves all the same, it is reset at once.
    pub(super) fn hold_cancelled(&mut self) {
        for place in 0..self.cancelled.len() {
            let Cancelled { number, in_time } = self.cancelled[place];
            let stream = self.streams.iter().find(|stream| stream.request == Some(number));
            match stream {
                None => self.cancelled[place].in_time = true,
                Some(stream) if in_time && stream.is_active() && !stream.is_left_to_the_client() => {
                    let what = || "the request is sent although its application had cancelled it before".into();
                    self.breach(Fault::Altered, Clause::NewStream, stream.id, what);
                }
                Some(_) => {}
            }
        }
    }

    /// Records that the application is to read so many more bytes of the response to this request.
    pub(crate) fn reads_more(&mut self, number: usize, bytes: u32) {
        self.reads.push((number, bytes));
    }

    /// The number of bytes that the application reads of the response to this request; `None` if it reads all.
    pub(crate) fn wanted(&self, number: usize) -> Option<u64> {
        let Reads::Bytes(bytes) = self.requests.get(number)?.read() else { return None };
        let more = self.reads.iter().filter(|(request, _)| *request == number);
        Some(u64::from(bytes) + more.map(|(_, bytes)| u64::from(*bytes)).sum::<u64>())
    }

    /// Whether the application may not ask for more of the response on this stream: it has as much as it wants.
    pub(crate) fn is_held_back(&self, stream: &Stream) -> bool {
        let sent = &stream.response.sent;
        let wanted = stream.request.and_then(|number| self.wanted(number));
        sent.head.is_some() && wanted.is_some_and(|wanted| wanted <= sent.length() as u64)
    }

    /// The number of bytes for which the client may keep the credit: those that its applications have not read.
    pub(super) fn unread(&self) -> i64 {
        let unread = |stream: &Stream| match stream.request.and_then(|number| self.wanted(number)) {
            Some(wanted) if stream.request.is_none_or(|number| !self.is_cancelled(number)) => {
                (stream.counted - i64::try_from(wanted).unwrap_or(i64::MAX)).max(0)
            }
            _ => 0,
        };
        self.streams.iter().map(unread).sum()
    }

    /// Judges the fields of a request (§8.2, §8.3).
    pub(super) fn hold_request(&mut self, frame: &Frame, section: &Section) {
        let stream = frame.stream;
        let (clause, wanted) = match self.request_on(stream).map(|number| &self.requests[number]) {
            Some(request) if request.protocol().is_some() => {
                (Clause::ExtendedConnect, &[":method", ":protocol", ":scheme", ":path", ":authority"][..])
            }
            Some(request) if request.is_connect() => (Clause::TunnelPseudo, &[":method", ":authority"][..]),
            _ => (Clause::RequestPseudo, &[":method", ":scheme", ":path"][..]),
        };
        let count = |name: &str| section.pseudo.iter().filter(|(pseudo, _)| pseudo == name).count();
        let has_value = |name: &str| section.pseudo.iter().any(|(pseudo, value)| pseudo == name && !value.is_empty());
        self.meet(clause);
        if wanted.iter().any(|name| count(name) != 1 || !has_value(name)) {
            self.breach(Fault::Prohibited, clause, stream, || "a request lacks a pseudo-header field".into());
        }
        if clause == Clause::TunnelPseudo && (count(":scheme") > 0 || count(":path") > 0) {
            let what = || "a CONNECT request has a scheme or a path".into();
            self.breach(Fault::Prohibited, clause, stream, what);
        }
        if let Some(clause) = section.malformed {
            self.breach(Fault::Prohibited, clause, stream, || "a request is malformed".into());
        }
        let Some(request) = self.request_on(stream).map(|number| self.requests[number]) else { return };
        let method = section.pseudo.iter().find(|(name, _)| name == ":method").map(|(_, value)| value.as_str());
        if method != Some(request.method().name()) || !are_kept(request.headers(), &section.fields) {
            self.breach(Fault::Altered, Clause::NewStream, stream, || {
                "the request is written with other fields than it has".into()
            });
        }
    }

    /// Judges the trailers of a request (§8.1), before their effect.
    pub(super) fn hold_trailers(&mut self, frame: &Frame, section: &Section) {
        let id = frame.stream;
        let Some(stream) = self.streams.iter().find(|stream| stream.id == id) else { return };
        let (has_ended, uploaded) = (stream.local_ended, stream.uploaded);
        if section.has_pseudo {
            let what = || "trailers have a pseudo-header field".into();
            self.breach(Fault::Prohibited, Clause::PseudoInTrailers, id, what);
        }
        if !frame.ends_stream() && !has_ended {
            let what = || "trailers do not end the request".into();
            self.breach(Fault::Prohibited, Clause::TrailersWithoutEnd, id, what);
        }
        let Some(number) = self.request_on(id) else { return };
        let (trailers, body) = (self.requests[number].trailers(), self.body(number));
        let is_whole = body.end() == BodyEnd::Complete && uploaded == body.size() as usize;
        let same = trailers.len() == section.fields.len() && are_kept(trailers, &section.fields);
        if !is_whole || !same {
            let what = || "the trailers that are written are not the application's, or not after its content".into();
            self.breach(Fault::Altered, Clause::NewStream, id, what);
        }
    }

    /// Judges a DATA frame of a request, before its effect. `content` has no padding.
    pub(super) fn hold_content(&mut self, id: StreamId, sent: &[u8], end_stream: bool) {
        let Some(number) = self.request_on(id) else { return };
        let (body, has_trailers) = (self.body(number), !self.requests[number].trailers().is_empty());
        let Some(stream) = self.stream_mut(id) else { return };
        let start = stream.uploaded;
        stream.uploaded += sent.len();
        let size = body.size() as usize;
        let altered = start + sent.len() > size || content(number as u32, start, sent.len()) != sent;
        if altered {
            let what = || format!("byte {start} and on of the content that is written are not the application's");
            self.breach(Fault::Altered, Clause::NewStream, id, what);
        }
        // An application that drops a tunnel closes it.
        let is_closed = self.requests[number].is_connect() && self.is_cancelled(number);
        let is_early = start + sent.len() < size || body.end() != BodyEnd::Complete || has_trailers;
        if end_stream && is_early && !is_closed {
            let what = || format!("the request ends after {} bytes of its content", start + sent.len());
            self.breach(Fault::Altered, Clause::ContentLength, id, what);
        }
    }

    /// Judges uploads when the client can do no more: what waits for nothing goes on, and what fails ends its stream
    /// (§5.4.2).
    pub(super) fn hold_uploads(&mut self) {
        for place in 0..self.streams.len() {
            let stream = &self.streams[place];
            let is_over = stream.closed_by.is_some()
                || stream.client_reset.is_some()
                || stream.local_ended
                || stream.remote_ended;
            let Some(number) = stream.request else { continue };
            let body = self.body(number);
            // A client that has given up a peer which does not answer its PING (§8.7) takes nothing that is fed later.
            let may_be_given_up = !self.unanswered_pings.is_empty() && self.is_fed(number);
            let is_no_tunnel = self.requests[number].is_connect() && !stream.response.is_tunnel();
            if is_over || is_no_tunnel || stream.is_left_to_the_client() || self.is_cancelled(number) || may_be_given_up
            {
                continue;
            }
            let left = (body.size() as usize).saturating_sub(stream.uploaded);
            let (id, has_room) = (stream.id, stream.send_window > 0 && self.send_window > 0);
            let (fault, clause, what) = match (left, body.end()) {
                // While a window is closed, a client does not ask for more content, so it cannot notice the failure.
                (0, BodyEnd::Fails) if has_room => {
                    let what = "the content of the request has failed, but its stream is not reset".into();
                    (Fault::Owed, Clause::ResetOnStreamError, what)
                }
                (0, BodyEnd::Complete) if has_room || !self.ends_late(number) => {
                    let what = "the content has been written, but not the end of the request".into();
                    (Fault::Stuck, Clause::WithinWindow, what)
                }
                (1.., BodyEnd::Complete | BodyEnd::Never) if has_room => {
                    let what = format!("{left} bytes of content wait, although both windows are open");
                    (Fault::Stuck, Clause::WithinWindow, what)
                }
                _ => continue,
            };
            self.breach(fault, clause, id, || what);
        }
    }
}

/// Whether the lines of each of these fields are sent in their order.
fn are_kept(given: &[Field], sent: &[Field]) -> bool {
    given.iter().all(|(name, _)| {
        let of_name = |field: &&Field| field.0 == *name;
        given.iter().filter(of_name).eq(sent.iter().filter(of_name))
    })
}
