//! The third voter: a model of what RFC 9113 makes of an exchange, for the client's side.
//!
//! [`Model::of`] reads a script and the record of what crossed the wire, frame by frame in the order in which the client
//! received and sent them, and never looks at what a stack told its application. It gives for every request a [`Truth`],
//! for every frame of the peer its [`Handling`], and the clauses that were met on the way. Where the RFC leaves a choice,
//! truth is a set.
//!
//! [`clauses`] has the RFC's sentences. A frame goes through `connection` to its `stream`, and what belongs to a response
//! to `message`, its fields read by `field_block`; `truth` says what follows for each request.

pub mod clauses;

mod connection;
mod field_block;
mod message;
mod stream;
mod truth;

pub use clauses::{Clause, Clauses};
pub use truth::{Certainty, Ground, Truth};

use crate::{
    http2::{
        Frame, FrameType, StreamId,
        hpack::Field,
        wire::{self, Header},
    },
    peer::{Event, Record},
    script::Script,
};
use connection::{Connection, End};
use field_block::Section;

/// What RFC 9113 makes of one exchange.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Model {
    /// What is true of each request, in the order of their numbers.
    pub truths: Vec<Truth>,
    /// The frames of the peer that reached the client, in order.
    pub frames: Vec<PeerFrame>,
    /// What the connection came to.
    pub connection: ConnectionState,
    /// The clauses that were met.
    pub clauses: Clauses,
}

/// A frame of the peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PeerFrame {
    /// Where it begins in [`Record::sent`].
    pub start: usize,
    /// What the client has to do with it.
    pub handling: Handling,
}

/// What a client has to do with a frame of its peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Handling {
    /// It takes the frame for what it says.
    Processed,
    /// It takes no notice, by this clause.
    Discarded(Clause),
    /// It may go on, or by this clause end the stream or the connection.
    Choice(Clause),
    /// It ends the stream (§5.4.2).
    StreamError(Clause),
    /// It ends the connection (§5.4.1).
    ConnectionError(Clause),
    /// The connection had ended before: what comes later is not read.
    Unread,
}

impl Handling {
    /// The clause that decides.
    pub fn clause(self) -> Option<Clause> {
        match self {
            Handling::Discarded(clause)
            | Handling::Choice(clause)
            | Handling::StreamError(clause)
            | Handling::ConnectionError(clause) => Some(clause),
            Handling::Processed | Handling::Unread => None,
        }
    }
}

/// What a connection has come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ConnectionState {
    /// New streams may be opened on it.
    Alive,
    /// The peer's GOAWAY has announced its end (§6.8): the frame, and the last stream that it may act on.
    Draining {
        /// The frame that named the lowest identifier.
        frame: usize,
        /// The identifier.
        last_stream_id: StreamId,
    },
    /// A frame of the peer is a connection error: the peer's fault (§5.4.1).
    Broken {
        /// The frame.
        frame: usize,
        /// Why it is one.
        clause: Clause,
    },
    /// The client has ended it with a GOAWAY frame that has an error code.
    EndedByClient,
    /// The transport under it has closed or failed.
    Closed,
}

impl Model {
    /// Reads an exchange.
    pub fn of(script: &Script, record: &Record) -> Model {
        let requests = script.requests().collect();
        let mut reading = Reading {
            record,
            connection: Connection::new(requests, &record.requests),
            frames: Vec::new(),
            parsed: 0,
            truths: vec![None; script.requests().count()],
        };
        for event in &record.events {
            reading.event(event);
        }
        reading.finish()
    }
}

/// Whether a response whose head or trailers have these fields is malformed for one of them (§8.2, §8.3).
pub fn is_malformed(fields: &[Field]) -> bool {
    Section::of(fields).malformed.is_some()
}

/// A record under way through the model.
struct Reading<'s> {
    record: &'s Record,
    connection: Connection<'s>,
    frames: Vec<PeerFrame>,
    /// How many of the peer's bytes belong to the frames so far.
    parsed: usize,
    /// What was true of each request that has ended when it ended.
    truths: Vec<Option<Truth>>,
}

impl Reading<'_> {
    fn event(&mut self, event: &Event) {
        match event {
            Event::Step(_) => self.connection.turn += 1,
            Event::Issued(_) => self.connection.issued += 1,
            Event::Received(end) => self.received(*end),
            Event::Written(place) => {
                if let Some(frame) = self.record.client_frame(place.clone()) {
                    self.connection.send(&frame);
                }
            }
            Event::Ended(number) => {
                let truth = self.truth(*number);
                self.truths[*number].get_or_insert(truth);
            }
            Event::ReadEnd | Event::ReadFailed(_) => self.transport_ends(),
            Event::WriteFailed(_) => {
                self.connection.has_failed = true;
                self.connection.ends(End::Transport);
            }
            Event::ClientClosed => self.connection.ends(End::Client),
            Event::Sent(_) | Event::Head(_) | Event::Closed | Event::AwaitMissed(_) => {}
        }
    }

    /// Gives the client every frame that is whole by now, and the header of one that is too long (§4.2).
    fn received(&mut self, end: usize) {
        while let Some(header) = self.record.sent.get(self.parsed..end).and_then(Header::read) {
            let start = self.parsed;
            let index = self.frames.len();
            if self.connection.is_too_long(header) {
                let handling = self.connection.receive_too_long(index, header);
                self.frames.push(PeerFrame { start, handling });
                // The rest of it may never come.
                self.parsed = start + header.frame_length();
                continue;
            }
            let Some(frame) = self.whole_frame(end) else { return };
            let handling = self.connection.receive(index, &frame);
            self.frames.push(PeerFrame { start, handling });
        }
    }

    fn whole_frame(&mut self, end: usize) -> Option<Frame> {
        let mut bytes = self.record.sent.slice(self.parsed..end);
        let frame = wire::decode(&mut bytes)?;
        self.parsed = end - bytes.len();
        Some(frame)
    }

    /// §6.8: without a GOAWAY frame, any stream may have been processed.
    fn transport_ends(&mut self) {
        self.begun_frame();
        if self.connection.end.is_none() {
            self.connection.meet(Clause::NotRetriedAfterLoss);
            self.connection.meet(Clause::NotAgainByItself);
            let goaway = self.connection.goaway.is_some();
            self.connection.meet(if goaway { Clause::NotReattempted } else { Clause::NoGoaway });
        }
        self.connection.ends(End::Transport);
    }

    /// The start of a frame that only an answer has says that there was going to be one.
    fn begun_frame(&mut self) {
        let left = self.record.sent.get(self.parsed..).and_then(Header::read);
        let Some(header) = left.filter(|header| matches!(header.kind, FrameType::HEADERS | FrameType::DATA)) else {
            return;
        };
        let index = self.frames.len();
        let mut streams = self.connection.streams.iter_mut();
        if let Some(stream) = streams.find(|stream| stream.id == header.stream) {
            stream.begins_answer(index);
        }
    }

    fn truth(&self, number: usize) -> Truth {
        self.connection.truth(number, self.record.stream_of(number))
    }

    fn finish(self) -> Model {
        let truths = self.truths.iter().enumerate();
        let truths = truths.map(|(number, truth)| truth.clone().unwrap_or_else(|| self.truth(number))).collect();
        let connection = match (self.connection.end, self.connection.goaway) {
            (Some(End::Broken { frame, clause }), _) => ConnectionState::Broken { frame, clause },
            (Some(End::Client), _) => ConnectionState::EndedByClient,
            (Some(End::Transport), _) => ConnectionState::Closed,
            (None, Some((frame, last_stream_id))) => ConnectionState::Draining { frame, last_stream_id },
            (None, None) => ConnectionState::Alive,
        };
        Model { truths, frames: self.frames, connection, clauses: self.connection.met }
    }
}
