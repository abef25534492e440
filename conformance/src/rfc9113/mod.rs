//! The third voter: a model of RFC 9113 that judges an exchange from the client's side.
//!
//! [`Model::of`] reads a script and the record of what crossed the wire, frame by frame, in the order in which the
//! client received and sent them. It never looks at what a stack told its application. It gives a [`Truth`] for every
//! request, a [`Handling`] for every frame of the peer, and the clauses that were met. Where the RFC leaves a choice,
//! truth is a set.
//!
//! [`clauses`] holds the RFC's sentences. A frame goes through `connection` to its `stream`. The parts of a response go
//! on to `message`, and `field_block` reads their fields. `truth` says what follows for each request.

pub mod clauses;

mod connection;
mod field_block;
mod message;
mod stream;
mod truth;

pub use clauses::{Clause, Clauses, ForSenders};
pub use connection::{Breach, Fault};
pub use message::{SentHead, SentResponse};
pub use truth::{Certainty, Ground, Truth};

use crate::{
    http2::{
        FrameType, StreamId, flags,
        hpack::Field,
        wire::{self, Header, PREFACE},
    },
    peer::{Event, Record},
    script::Script,
};
use connection::Connection;
use field_block::{Message, Section};

/// What RFC 9113 says about one exchange.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Model {
    /// The truth about each request, in the order of their numbers.
    pub truths: Vec<Truth>,
    /// The frames of the peer that reached the client, in order.
    pub frames: Vec<PeerFrame>,
    /// The state of the connection at the end.
    pub connection: ConnectionState,
    /// The clauses that were met.
    pub clauses: Clauses,
    /// What the client did, or failed to do, against the rules.
    pub breaches: Vec<Breach>,
}

/// A frame of the peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PeerFrame {
    /// Where it begins in [`Record::sent`].
    pub start: usize,
    /// How the client must handle it.
    pub handling: Handling,
}

/// How a client must handle a frame of its peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Handling {
    /// It processes the frame.
    Processed,
    /// It ignores the frame, by this clause.
    Discarded(Clause),
    /// It may go on, or end the stream or the connection, by this clause.
    Choice(Clause),
    /// It ends the stream (§5.4.2).
    StreamError(Clause),
    /// It ends the connection (§5.4.1).
    ConnectionError(Clause),
    /// It does not read the frame: the connection had already ended.
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

/// The state of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ConnectionState {
    /// New streams may be opened on it.
    Alive,
    /// The peer has announced its end with GOAWAY (§6.8).
    Draining {
        /// The frame that named the lowest identifier.
        frame: usize,
        /// That identifier: the last stream that the peer may act on.
        last_stream_id: StreamId,
    },
    /// It has ended.
    Ended(End),
}

/// How a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum End {
    /// A frame of the peer is a connection error (§5.4.1): the peer is at fault.
    Broken {
        /// The frame.
        frame: usize,
        /// Why it is one.
        clause: Clause,
    },
    /// The client has closed it, or has sent a GOAWAY frame with an error code.
    Client,
    /// The peer has closed the transport, or the transport has failed.
    Transport,
}

impl Model {
    /// The clauses that the client broke.
    pub fn broken(&self) -> Clauses {
        let mut broken = Clauses::default();
        self.breaches.iter().for_each(|breach| broken.insert(breach.clause));
        broken
    }

    /// Reads a whole exchange.
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

/// What a server did, or failed to do, against the rules that hold for both ends, in the record of an exchange with a
/// client. Nothing is known of one without the client's connection preface.
pub fn breaches_of_server(record: &Record) -> Vec<Breach> {
    if !record.sent.starts_with(PREFACE) {
        return Vec::new();
    }
    let mut reading = Reading {
        record,
        connection: Connection::of_server(),
        frames: Vec::new(),
        parsed: PREFACE.len(),
        truths: Vec::new(),
    };
    // A script has a request, but no server issues one.
    let events = record.events.iter().filter(|event| !matches!(event, Event::Issued(_)));
    events.for_each(|event| reading.event(event));
    reading.connection.breaches
}

/// Whether one of these fields, in a head or in trailers, makes a response malformed (§8.2, §8.3).
pub fn is_malformed(fields: &[Field]) -> bool {
    Section::of(Message::Response, fields.to_vec()).malformed.is_some()
}

/// The number of bytes that a frame begins with, which hold its length (§4.1).
const LENGTH: usize = 3;

/// A record that the model is reading.
struct Reading<'s> {
    record: &'s Record,
    connection: Connection<'s>,
    frames: Vec<PeerFrame>,
    /// The number of the peer's bytes that belong to the frames so far.
    parsed: usize,
    /// The truth about each request at the time when it ended; none for a request that has not.
    truths: Vec<Option<Truth>>,
}

impl Reading<'_> {
    fn event(&mut self, event: &Event) {
        match event {
            Event::Step(step) => {
                self.connection.turn += 1;
                self.connection.step = Some(*step);
            }
            Event::Rest => self.connection.rests(self.frames.len()),
            Event::Issued(_) => self.connection.issued += 1,
            Event::Received(end) => self.received(*end),
            Event::Written(place) => {
                if let Some(frame) = self.record.client_frame(place.clone()) {
                    self.connection.send(&frame);
                }
            }
            Event::Ended(number) => self.ended(*number),
            Event::Reads(number, bytes) => self.connection.reads_more(*number, *bytes),
            Event::Fed(number, bytes, end) => self.connection.feed(*number, *bytes, *end),
            Event::ClientDropped => self.connection.is_client_dropped = true,
            Event::Cancelled(number) => {
                self.connection.cancel(*number);
                self.ended(*number);
            }
            Event::ReadEnd | Event::ReadFailed(_) => self.transport_ends(),
            Event::WriteFailed(_) => {
                self.connection.has_failed = true;
                self.connection.conduct.is_gone = true;
                self.connection.ends(End::Transport);
            }
            Event::ClientClosed => {
                self.connection.hold_to_an_orderly_end();
                self.connection.conduct.is_gone = true;
                self.connection.ends(End::Client);
            }
            Event::Sent(_) | Event::Head(_) | Event::Closed | Event::Unmet(_) => {}
        }
    }

    /// Hands on every frame that has arrived whole, and the header of a frame that is too long (§4.2).
    fn received(&mut self, end: usize) {
        while let Some(header) = self.record.sent.get(self.parsed..end).and_then(Header::read) {
            let start = self.parsed;
            let index = self.frames.len();
            if self.connection.is_too_long(header) {
                let handling = self.connection.receive_too_long(index, header);
                self.frames.push(PeerFrame { start, handling });
                // The rest of the frame may never arrive.
                self.parsed = start + header.frame_length();
                continue;
            }
            let mut bytes = self.record.sent.slice(self.parsed..end);
            let Some(frame) = wire::decode(&mut bytes) else { break };
            self.parsed = end - bytes.len();
            let handling = self.connection.receive(index, &frame);
            self.frames.push(PeerFrame { start, handling });
        }
        self.begun_content(end);
        // The length alone can be a fault, and it comes first. So can that of a frame whose rest has not arrived.
        self.connection.has_length = end >= self.parsed + LENGTH || end < self.parsed;
    }

    /// The content of a DATA frame that has arrived in part (§6.1).
    fn begun_content(&mut self, end: usize) {
        let arrived = self.record.sent.get(self.parsed..end).and_then(Header::read);
        let Some(header) = arrived.filter(|header| header.kind == FrameType::DATA && self.connection.end.is_none())
        else {
            return;
        };
        let mut content = self.record.sent.slice(self.parsed + wire::HEADER_LENGTH..end);
        if header.flags & flags::PADDED != 0 {
            let Some((padding, _)) = content.split_first() else { return };
            let length = (header.length as usize).saturating_sub(1 + usize::from(*padding));
            content = content.slice(1..content.len().min(1 + length));
        }
        if let Some(stream) = self.connection.stream_mut(header.stream).filter(|stream| stream.receives()) {
            stream.response.sent.begun = content;
        }
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

    /// A HEADERS or DATA frame that was cut off still shows that the peer had begun to answer.
    fn begun_frame(&mut self) {
        let left = self.record.sent.get(self.parsed..).and_then(Header::read);
        let Some(header) = left.filter(|header| matches!(header.kind, FrameType::HEADERS | FrameType::DATA)) else {
            return;
        };
        let index = self.frames.len();
        if let Some(stream) = self.connection.stream_mut(header.stream) {
            stream.begins_answer(index);
        }
    }

    fn ended(&mut self, number: usize) {
        let truth = self.truth(number);
        self.truths[number].get_or_insert(truth);
    }

    fn truth(&self, number: usize) -> Truth {
        self.connection.truth(number, self.record.stream_of(number))
    }

    fn finish(self) -> Model {
        let truths = self.truths.iter().enumerate();
        let truths = truths.map(|(number, truth)| truth.clone().unwrap_or_else(|| self.truth(number))).collect();
        let connection = match (self.connection.end, self.connection.goaway) {
            (Some(end), _) => ConnectionState::Ended(end),
            (None, Some((frame, last_stream_id))) => ConnectionState::Draining { frame, last_stream_id },
            (None, None) => ConnectionState::Alive,
        };
        Model {
            truths,
            frames: self.frames,
            connection,
            clauses: self.connection.met,
            breaches: self.connection.breaches,
        }
    }
}
