//! The peer's frames, one after the other, and their effect on the stream and the connection.

use super::{Connection, End, Kind, Place};
use crate::{
    http2::{Frame, FrameType, StreamId, flags, wire::Header},
    rfc9113::{
        Handling,
        clauses::Clause,
        stream::{ClosedBy, State, Stream},
    },
};
use std::cmp::Ordering;

/// The types whose frames can alter the state of the whole connection (§4.2).
const OF_CONNECTION: [FrameType; 5] =
    [FrameType::HEADERS, FrameType::PUSH_PROMISE, FrameType::CONTINUATION, FrameType::SETTINGS, FrameType::GOAWAY];

impl Connection<'_> {
    /// Takes the peer's next frame. `index` counts the peer's frames.
    pub(crate) fn receive(&mut self, index: usize, frame: &Frame) -> Handling {
        let handling = if self.end.is_some() { Handling::Unread } else { self.handle(index, frame) };
        self.notes_unopened(frame, handling);
        self.carry_out(index, frame.stream, handling)
    }

    /// Takes the header of a frame that is longer than the client accepts; the rest is not needed (§4.2).
    pub(crate) fn receive_too_long(&mut self, index: usize, header: Header) -> Handling {
        if self.end.is_some() {
            return Handling::Unread;
        }
        self.meet(Clause::FrameSize);
        let of_connection = OF_CONNECTION.contains(&header.kind) || header.stream.is_connection();
        let handling = match (of_connection, header.kind) {
            (true, _) => Handling::ConnectionError(Clause::FrameSizeOfConnection),
            (_, FrameType::RST_STREAM) => Handling::ConnectionError(Clause::ResetSize),
            (_, FrameType::WINDOW_UPDATE) => Handling::ConnectionError(Clause::WindowUpdateSize),
            (_, FrameType::PING) => Handling::ConnectionError(Clause::PingSize),
            _ => Handling::StreamError(Clause::FrameSize),
        };
        self.carry_out(index, header.stream, handling)
    }

    /// §5.4: the effect of errors on the stream and the connection. Returns the handling.
    fn carry_out(&mut self, index: usize, stream: StreamId, handling: Handling) -> Handling {
        if let Some(clause) = handling.clause() {
            self.meet(clause);
        }
        let is_error = matches!(handling, Handling::StreamError(_) | Handling::ConnectionError(_));
        if is_error && std::mem::replace(&mut self.has_erred, true) {
            self.meet(Clause::SeveralErrors);
            self.meet(Clause::AnyError);
        }
        match handling {
            Handling::ConnectionError(clause) => {
                self.meet(Clause::ConnectionErrorReported);
                self.meet(Clause::AnyCode);
                self.ends(End::Broken { frame: index, clause });
            }
            Handling::StreamError(clause) => {
                self.meet(Clause::ResetOnStreamError);
                self.meet(Clause::Escalated);
                self.may_have_ended = true;
                self.stream_error(index, stream, clause);
            }
            Handling::Choice(_) => self.may_have_ended = true,
            Handling::Processed | Handling::Discarded(_) | Handling::Unread => {}
        }
        handling
    }

    fn stream_error(&mut self, index: usize, id: StreamId, clause: Clause) {
        self.remembers(id);
        let Some(stream) = self.stream_mut(id) else { return };
        let closed = matches!(stream.state(), State::Closed(_));
        if !closed {
            stream.closed_by = Some(ClosedBy::Error { frame: index, clause });
        }
        stream.erred = true;
        self.meet_if(closed, Clause::FirstStreamError);
    }

    /// How a client must handle the frame. The rules of §3.4 and §4.3 come before those for its type.
    fn handle(&mut self, index: usize, frame: &Frame) -> Handling {
        if !std::mem::replace(&mut self.has_preface, true) {
            self.meet(Clause::ServerPreface);
            if frame.kind != FrameType::SETTINGS || frame.has(flags::ACK) {
                return Handling::ConnectionError(Clause::InvalidPreface);
            }
        }
        if let Some(block) = &self.block
            && (frame.kind != FrameType::CONTINUATION || frame.stream != block.stream)
        {
            let clause = match (frame.kind.name(), block.of) {
                (None, _) => Clause::UnknownInFieldBlock,
                (_, Kind::Promise(_)) => Clause::PushContinued,
                _ => Clause::HeadersContinued,
            };
            self.meet(Clause::FieldBlock);
            self.meet(Clause::NothingBetween);
            return Handling::ConnectionError(clause);
        }
        if let Some(clause) = misplaced(frame).or_else(|| self.only_a_server_may(frame)) {
            return Handling::ConnectionError(clause);
        }
        match frame.kind {
            FrameType::DATA => self.data(index, frame),
            FrameType::HEADERS => self.headers(index, frame),
            FrameType::PRIORITY => self.priority(frame),
            FrameType::RST_STREAM => self.rst_stream(index, frame),
            FrameType::SETTINGS => self.settings(frame),
            FrameType::PUSH_PROMISE => self.push_promise(index, frame),
            FrameType::PING => self.ping(frame),
            FrameType::GOAWAY => self.goaway(index, frame),
            FrameType::WINDOW_UPDATE => self.window_update(frame),
            FrameType::CONTINUATION => self.continuation(index, frame),
            _ => {
                self.meet(Clause::UnknownInAnyState);
                Handling::Discarded(Clause::UnknownType)
            }
        }
    }

    /// The client's stream with this identifier, or the kind of stream that it is otherwise.
    pub(super) fn place(&mut self, id: StreamId) -> Place {
        if let Some(index) = self.streams.iter().position(|stream| stream.id == id) {
            return Place::Ours(index);
        }
        match (id.is_client_initiated(), id.cmp(&self.highest_opened), id.cmp(&self.highest_promised)) {
            (true, Ordering::Less, _) => Place::Skipped,
            (true, ..) if id < StreamId::of_request(self.issued) => Place::Ours(self.open_unwritten(id)),
            (true, ..) => Place::Idle,
            (false, ..) if self.reserved.contains(&id) => Place::Reserved,
            (false, _, Ordering::Greater) => Place::Idle,
            (false, ..) => Place::Skipped,
        }
    }

    /// Adds a stream that the client may have chosen for a request that is not written yet: idle for the peer, and open
    /// for the client. The RFC leaves open what the client does with a frame on it.
    fn open_unwritten(&mut self, id: StreamId) -> usize {
        self.may_have_ended = true;
        self.streams.push(Stream { uncertain: true, ..self.stream(id) });
        self.streams.len() - 1
    }
}

/// The clause that forbids a frame of this type on the connection, or on a stream.
pub(super) fn misplaced(frame: &Frame) -> Option<Clause> {
    match (frame.kind, frame.stream.is_connection()) {
        (FrameType::DATA, true) => Some(Clause::DataOnConnection),
        (FrameType::HEADERS, true) => Some(Clause::HeadersOnConnection),
        (FrameType::PRIORITY, true) => Some(Clause::PriorityOnConnection),
        (FrameType::RST_STREAM, true) => Some(Clause::ResetOnConnection),
        (FrameType::SETTINGS, false) => Some(Clause::SettingsOnStream),
        (FrameType::PUSH_PROMISE, true) => Some(Clause::PushOnConnection),
        (FrameType::PING, false) => Some(Clause::PingOnStream),
        (FrameType::GOAWAY, false) => Some(Clause::GoawayOnStream),
        _ => None,
    }
}
