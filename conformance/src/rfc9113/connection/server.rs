//! What differs where a server is judged. Its peer is a client, which opens the streams and sends requests on them.
//!
//! A malformed request leaves its stream to the server: it can answer it, reset it, or not notice (§8.1.1). What
//! an application does with a request is not the server's conduct either: it can give any stream up.

use super::{Connection, Place, breach::Fault};
use crate::{
    http2::{ErrorCode, Frame, FrameType, StreamId},
    rfc9113::{
        Handling,
        clauses::Clause,
        field_block::{FieldBlocks, Message, Section},
        message::Response,
        stream::Stream,
    },
};

/// An end of a connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Endpoint {
    #[default]
    Client,
    Server,
}

impl Connection<'_> {
    /// The server's side of a connection.
    pub(crate) fn of_server() -> Connection<'static> {
        let mut connection = Connection {
            judged: Endpoint::Server,
            blocks: FieldBlocks::read_by_judged(Message::Request),
            ..Connection::new(Vec::new(), &[])
        };
        connection.conduct.blocks = FieldBlocks::written_by_judged(Message::Response);
        connection
    }

    /// §8.4.
    pub(super) fn only_a_server_may(&self, frame: &Frame) -> Option<Clause> {
        let promises = self.judged == Endpoint::Server && frame.kind == FrameType::PUSH_PROMISE;
        promises.then_some(Clause::ClientPush)
    }

    /// §5.1: HEADERS of a client opens an idle stream. Its field block may go on in other frames.
    pub(super) fn opens(&mut self, id: StreamId) {
        if self.judged == Endpoint::Client || !id.is_client_initiated() || !matches!(self.place(id), Place::Idle) {
            return;
        }
        let stream = Stream { response: Response::request(), ..self.stream(id) };
        self.streams.push(stream);
        self.highest_opened = id;
    }

    /// A stream that a client has skipped is closed (§5.1.1). A server that resets it discards what comes after.
    pub(super) fn remembers(&mut self, id: StreamId) {
        let is_skipped = id.is_client_initiated() && matches!(self.place(id), Place::Skipped);
        if self.judged == Endpoint::Server && is_skipped {
            let stream = self.stream(id);
            self.streams.push(stream);
        }
    }

    /// HEADERS that ends the connection, or comes after its end, opens nothing; but a server can name its stream.
    pub(super) fn notes_unopened(&mut self, frame: &Frame, handling: Handling) {
        let is_over = matches!(handling, Handling::Unread | Handling::ConnectionError(_));
        let opens = frame.kind == FrameType::HEADERS && frame.stream.is_client_initiated();
        if self.judged == Endpoint::Server && is_over && opens {
            self.highest_opened = self.highest_opened.max(frame.stream);
        }
    }

    /// §8.1.1: the server may detect it, and may answer before it ends the stream.
    pub(super) fn malformed_request(&mut self, place: usize, clause: Clause) -> Handling {
        self.streams[place].may_have_ended = true;
        Handling::Choice(clause)
    }

    pub(super) fn send_response(&mut self, frame: &Frame) {
        if let Some(stream) = self.stream_mut(frame.stream) {
            stream.local_ended |= frame.ends_stream();
            stream.has_answer = true;
        }
    }

    /// Judges the fields of a response, or of its trailers (§8.2, §8.3).
    pub(super) fn hold_response(&mut self, frame: &Frame, section: &Section) {
        if let Some(clause) = section.malformed {
            self.breach(Fault::Prohibited, clause, frame.stream, || "a response is malformed".into());
        }
    }

    /// Judges a server that can do no more. Its application reads every request whole, and then answers it: a response
    /// that both windows let go on is whole.
    pub(super) fn hold_responses(&mut self) {
        if self.judged == Endpoint::Client {
            return;
        }
        for place in 0..self.streams.len() {
            let stream = &self.streams[place];
            let is_over = stream.closed_by.is_some() || stream.client_reset.is_some() || stream.local_ended;
            let has_room = stream.send_window > 0 && self.send_window > 0;
            if stream.complete_at.is_some() && has_room && !is_over && !stream.is_left_to_the_client() {
                let id = stream.id;
                let what = || "the request is whole and both windows are open, but its response does not go on".into();
                self.breach(Fault::Stuck, Clause::WithinWindow, id, what);
            }
        }
    }

    /// §5.4.1: a server that ends the connection for no reason, and says nothing, leaves open what became of whole
    /// requests.
    pub(crate) fn hold_to_an_orderly_end(&mut self) {
        let is_server = self.judged == Endpoint::Server;
        if !is_server || self.conduct.is_gone || self.end.is_some() || self.conduct.goaway.is_some() || self.may_end() {
            return;
        }
        let is_open = |stream: &&Stream| stream.closed_by.is_none() && !stream.local_ended;
        if let Some(id) = self.streams.iter().find(is_open).map(|stream| stream.id) {
            let what = || "the connection is closed without GOAWAY, although a request on it is open".into();
            self.breach(Fault::Reasonless, Clause::GoawayWhenEnding, id, what);
        }
    }

    /// §6.8, §8.7. Before a graceful shutdown ends, its identifier can be the maximum.
    pub(super) fn hold_goaway_of_server(&mut self, frame: &Frame, last: StreamId, code: ErrorCode) {
        let announces = last == StreamId::MAX && code == ErrorCode::NO_ERROR;
        let raised = self.conduct.goaway.is_some_and(|before| last > before);
        let acted = self.streams.iter().any(|stream| stream.has_answer && stream.id > last);
        self.conduct.goaway = Some(last);
        let is_known = announces || last <= self.highest_opened;
        for (forbidden, clause, what) in [
            (!is_known, Clause::GoawayIdentifier, "names a stream that the peer never opened"),
            (raised, Clause::RaisedIdentifier, "names a higher stream than the one before"),
            (acted, Clause::Disowned, "disowns a stream that the server has answered"),
        ] {
            if forbidden {
                self.breach(Fault::Prohibited, clause, frame.stream, || format!("{} {what}", frame.kind));
            }
        }
    }
}
