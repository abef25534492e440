//! The connection as the client sees it. `receive` takes each frame of the peer and carries out its handling:
//! `messages` handles the frames that carry messages, `control` all others. `send` takes the client's own frames;
//! `conduct` holds each of them to the rules for senders, `request` those that carry requests, and `duties` what they do
//! not include.
//!
//! The same rules hold a server, whose peer is a client: `server` has what differs. "The client" in this folder is then
//! the server, except where a request or a response is meant.

mod breach;
mod conduct;
mod control;
mod duties;
mod messages;
mod peer_settings;
mod receive;
mod request;
mod send;
mod server;

pub use breach::{Breach, Fault};

use self::{conduct::Conduct, peer_settings::ChangingSettings, server::Endpoint};
use super::{
    End,
    clauses::{Clause, Clauses},
    field_block::FieldBlocks,
    message::Response,
    stream::Stream,
};
use crate::{
    http2::{StreamId, wire::Header},
    script::{Body, Method, Request},
};

/// The initial size of the window of the connection and of each stream (§6.9.2, §6.5.2).
const INITIAL_WINDOW: i64 = 65_535;
/// The maximum size of a window (§6.9.1).
const MAX_WINDOW: i64 = 0x7fff_ffff;
/// The frame size that every endpoint accepts (§4.2).
const MIN_MAX_FRAME_SIZE: u32 = 16_384;

/// The client's side of a connection.
#[derive(Default)]
pub(crate) struct Connection<'s> {
    /// The end that is judged.
    judged: Endpoint,
    pub requests: Vec<&'s Request>,
    /// The requests that are ever written, with their streams.
    written: &'s [(usize, StreamId)],
    /// The number of requests that the application has issued.
    pub issued: usize,
    /// The requests that it has cancelled.
    cancelled: Vec<Cancelled>,
    /// How many more bytes than at first it is to read, each with its request.
    reads: Vec<(usize, u32)>,
    /// The content of requests that the application has fed.
    fed: Vec<(usize, Body)>,
    /// Whether the application has dropped its client: it issues nothing more.
    pub is_client_dropped: bool,
    pub streams: Vec<Stream>,
    pub end: Option<End>,
    /// The last GOAWAY frame that did not raise the last stream identifier: its index, and the identifier.
    pub goaway: Option<(usize, StreamId)>,
    pub met: Clauses,
    /// The current turn. All that the client does between two steps of the peer is one turn.
    pub turn: usize,
    /// Whether the RFC allowed the client to end the connection at some frame, without requiring it.
    pub may_have_ended: bool,
    /// Whether a write of the client failed, or the client ended the connection with an error code.
    pub has_failed: bool,
    /// Whether the peer has sent GOAWAY with NO_ERROR.
    shuts_down: bool,
    /// The payloads of the client's PING frames without an answer.
    pub unanswered_pings: Vec<[u8; 8]>,
    has_preface: bool,
    /// Whether a frame of the peer was an error.
    has_erred: bool,
    block: Option<Block>,
    blocks: FieldBlocks,
    pub conduct: Conduct,
    pub breaches: Vec<Breach>,
    /// The last step that has begun.
    pub step: Option<usize>,
    /// Whether the peer's next frame has begun, with its length at least.
    pub has_length: bool,
    /// The streams that the peer has promised.
    reserved: Vec<StreamId>,
    highest_promised: StreamId,
    highest_opened: StreamId,
    limits: Limits,
    receive_window: i64,
    /// The largest that the receive window ever was.
    full_window: i64,
    send_window: i64,
    peer_settings: ChangingSettings,
}

/// A request that the application has cancelled.
#[derive(Clone, Copy)]
struct Cancelled {
    number: usize,
    /// Whether the client surely knew before it wrote the request: it could do no more since.
    in_time: bool,
}

/// The limits in the client's SETTINGS.
#[derive(Default)]
struct Limits {
    max_frame_size: u32,
    max_header_list_size: Option<u32>,
    initial_window: i64,
    push: bool,
    /// The number of the client's SETTINGS frames that the peer has not acknowledged.
    unacknowledged: usize,
}

/// A field block that has begun (§4.3).
struct Block {
    stream: StreamId,
    of: Kind,
    fragments: Vec<u8>,
}

/// The frame that a field block begins with.
#[derive(Clone, Copy)]
enum Kind {
    /// HEADERS, with END_STREAM or without.
    Headers { end_stream: bool },
    /// PUSH_PROMISE, with the promised stream.
    Promise(StreamId),
}

/// The stream that a frame of the peer names.
enum Place {
    /// A stream of the client.
    Ours(usize),
    /// A stream that the peer has promised.
    Reserved,
    /// A stream that nobody has opened.
    Idle,
    /// A stream that was never used and no longer can be (§5.1.1).
    Skipped,
}

impl<'s> Connection<'s> {
    pub(crate) fn new(requests: Vec<&'s Request>, written: &'s [(usize, StreamId)]) -> Connection<'s> {
        Connection {
            requests,
            written,
            limits: Limits {
                max_frame_size: MIN_MAX_FRAME_SIZE,
                initial_window: INITIAL_WINDOW,
                push: true,
                ..Limits::default()
            },
            receive_window: INITIAL_WINDOW,
            full_window: INITIAL_WINDOW,
            send_window: INITIAL_WINDOW,
            ..Connection::default()
        }
    }

    /// Whether a frame with this header exceeds the client's maximum frame size (§4.2).
    pub(crate) fn is_too_long(&self, header: Header) -> bool {
        header.length > self.limits.max_frame_size
    }

    /// Whether the peer's limit keeps the client from opening a stream (§5.1.2).
    pub(crate) fn is_full(&self) -> bool {
        let active = self.streams.iter().filter(|stream| stream.is_active()).count();
        self.peer_settings.last().stream_limit.is_some_and(|limit| active >= limit as usize)
    }

    /// Whether a frame or a field block of the peer has begun that is not whole: a client can see a fault in it already.
    fn has_begun(&self) -> bool {
        self.has_length || self.block.is_some()
    }

    /// Whether the RFC leaves open what the client does with the connection, or a peer that does not answer does.
    pub(crate) fn is_left_open(&self) -> bool {
        self.may_have_ended || self.has_begun() || !self.unanswered_pings.is_empty()
    }

    pub(crate) fn meet(&mut self, clause: Clause) {
        self.met.insert(clause);
    }

    fn meet_if(&mut self, condition: bool, clause: Clause) {
        if condition {
            self.meet(clause);
        }
    }

    /// Records the end of the connection, unless it has ended already.
    pub(crate) fn ends(&mut self, end: End) {
        self.end.get_or_insert(end);
    }

    /// The number of the request that is ever written on the stream.
    fn request_on(&self, id: StreamId) -> Option<usize> {
        self.written.iter().find(|(_, stream)| *stream == id).map(|(number, _)| *number)
    }

    /// The stream with this identifier, if the client has it.
    pub(crate) fn stream_mut(&mut self, id: StreamId) -> Option<&mut Stream> {
        self.streams.iter_mut().find(|stream| stream.id == id)
    }

    /// A new stream, on which nothing has arrived.
    fn stream(&self, id: StreamId) -> Stream {
        let method = self.request_on(id).map_or(Method::Get, |number| self.requests[number].method());
        Stream {
            id,
            response: Response::to(method),
            receive_window: self.limits.initial_window,
            send_window: self.peer_settings.last().initial_window,
            ..Stream::default()
        }
    }
}
