//! Requests as they cross the wire: the fields and the content that the application gave.

use super::{Connection, conduct::Fault};
use crate::{
    http2::{Frame, StreamId},
    rfc9113::{clauses::Clause, field_block::Section, stream::Stream},
    script::{BodyEnd, Request, content},
};

impl Connection<'_> {
    fn request_of(&self, stream: &Stream) -> Option<&Request> {
        self.requests.get(stream.request?).copied()
    }

    /// Whether the application's content fails, so that the client gives the request up.
    pub(super) fn may_give_up(&self, stream: &Stream) -> bool {
        self.request_of(stream).is_none_or(|request| request.body().end() == BodyEnd::Fails)
    }

    /// Judges the fields of a request (§8.2, §8.3).
    pub(super) fn hold_request(&mut self, frame: &Frame, section: &Section) {
        let count =
            |name: &str| section.pseudo.iter().filter(|(pseudo, value)| pseudo == name && !value.is_empty()).count();
        let missing = [":method", ":scheme", ":path"].iter().any(|name| count(name) != 1);
        let stream = frame.stream;
        self.meet(Clause::RequestPseudo);
        if missing {
            self.breach(Fault::Prohibited, Clause::RequestPseudo, stream, "a request lacks a pseudo-header field");
        }
        if let Some(clause) = section.malformed {
            self.breach(Fault::Prohibited, clause, stream, "a request is malformed");
        }
        let Some(request) = self.request_on(stream).map(|number| self.requests[number]) else { return };
        let method = section.pseudo.iter().find(|(name, _)| name == ":method").map(|(_, value)| value.as_str());
        let kept = request.headers().iter().all(|(name, _)| {
            let given = request.headers().iter().filter(|field| field.0 == *name).map(|field| &field.1);
            let sent = section.fields.iter().filter(|field| field.0 == *name).map(|field| &field.1);
            given.eq(sent)
        });
        if method != Some(request.method().name()) || !kept {
            self.breach(
                Fault::Altered,
                Clause::NewStream,
                stream,
                "the request is written with other fields than it has",
            );
        }
    }

    /// Judges a DATA frame of a request, before its effect. `content` has no padding.
    pub(super) fn hold_content(&mut self, id: StreamId, sent: &[u8], end_stream: bool) {
        let Some(number) = self.request_on(id) else { return };
        let body = self.requests[number].body();
        let Some(stream) = self.stream_mut(id) else { return };
        let start = stream.uploaded;
        stream.uploaded += sent.len();
        let size = body.size() as usize;
        let altered = start + sent.len() > size || content(number as u32, start, sent.len()) != sent;
        if altered {
            let what = format!("byte {start} and on of the content that is written are not the application's");
            self.breach(Fault::Altered, Clause::NewStream, id, what);
        }
        if end_stream && (start + sent.len() < size || body.end() != BodyEnd::Complete) {
            let what = format!("the request ends after {} bytes of its content", start + sent.len());
            self.breach(Fault::Altered, Clause::ContentLength, id, what);
        }
    }

    /// Judges uploads when the client can do no more: what waits for nothing goes on.
    pub(super) fn is_stuck(&mut self) {
        for place in 0..self.streams.len() {
            let stream = &self.streams[place];
            let over =
                stream.closed_by.is_some() || stream.local_ended || stream.remote_ended || stream.disowned.is_some();
            if over || stream.uncertain || stream.may_have_ended || self.may_give_up(stream) {
                continue;
            }
            let Some(body) = self.request_of(stream).map(|request| request.body()) else { continue };
            let left = body.size() as usize - stream.uploaded.min(body.size() as usize);
            let what = match left {
                0 if body.end() == BodyEnd::Complete => {
                    "the content has been written, but not its END_STREAM".to_owned()
                }
                0 => continue,
                _ if stream.send_window > 0 && self.send_window > 0 => {
                    format!("{left} bytes of content wait, although both windows are open")
                }
                _ => continue,
            };
            let id = stream.id;
            self.breach(Fault::Stuck, Clause::WithinWindow, id, what);
        }
    }
}
