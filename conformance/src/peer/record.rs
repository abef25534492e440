//! What crossed the transport, and what can be asked of it afterwards.

use crate::{
    http2::{
        Frame, FrameType, StreamId, View, flags,
        hpack::{BlockReader, Field},
        wire::{self, Header},
    },
    script::IoFailure,
};
use bytes::{Bytes, BytesMut};
use std::{cell::RefCell, collections::HashMap, ops::Range};

/// What crossed the transport, in both directions, in order.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Record {
    /// Everything in the order in which it happened.
    pub events: Vec<Event>,
    /// All bytes that the peer handed over.
    pub sent: Bytes,
    /// All bytes that the transport took from the client, connection preface included.
    pub written: Bytes,
    /// The requests whose field block the client had written whole, with their streams.
    pub requests: WrittenRequests,
}

/// One thing that happened on the transport, or to a request because of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Event {
    /// The step of this index began.
    Step(usize),
    /// The peer handed over these bytes of [`Record::sent`].
    Sent(Range<usize>),
    /// The client has read the peer's bytes up to this one.
    Received(usize),
    /// The client has written the frame at this place of [`Record::written`].
    Written(Range<usize>),
    /// The application issued the request of this number.
    Issued(usize),
    /// The application saw the head of the response to this request.
    Head(usize),
    /// The request ended, well or badly.
    Ended(usize),
    /// The peer closed its side.
    Closed,
    /// The client read the end of the stream.
    ReadEnd,
    /// A read of the client failed.
    ReadFailed(IoFailure),
    /// A write of the client failed.
    WriteFailed(IoFailure),
    /// The client closed its side.
    ClientClosed,
    /// The step of this index awaited a frame that the client had not written when it could do no more.
    AwaitMissed(usize),
}

impl Record {
    pub(super) fn new(events: Vec<Event>, sent: Bytes, written: Bytes) -> Record {
        let requests = find_requests(&events, &written);
        Record { events, sent, written, requests }
    }

    /// The frames that the client wrote, in order.
    pub fn client_frames(&self) -> impl Iterator<Item = Frame> {
        self.events.iter().filter_map(|event| match event {
            Event::Written(bytes) => self.client_frame(bytes.clone()),
            _ => None,
        })
    }

    /// The frame that the client wrote at this place of [`Record::written`].
    pub fn client_frame(&self, place: Range<usize>) -> Option<Frame> {
        wire::decode(&mut self.written.slice(place))
    }

    /// How many of the peer's bytes the client had received when the request ended; all of them if it did not end.
    pub fn received_at_end(&self, request: usize) -> usize {
        let received = |event: &Event| match event {
            Event::Received(bytes) => Some(*bytes),
            _ => None,
        };
        self.until_end(request).iter().rev().find_map(received).unwrap_or_default()
    }

    /// The last step that had begun when the request ended, or at all if it did not end.
    pub fn step_at_end(&self, request: usize) -> Option<usize> {
        last_step(self.until_end(request))
    }

    fn until_end(&self, request: usize) -> &[Event] {
        let end = self.events.iter().position(|event| *event == Event::Ended(request));
        &self.events[..end.unwrap_or(self.events.len())]
    }

    /// The stream that the request was written on: the transport took its frame with END_HEADERS.
    pub fn stream_of(&self, request: usize) -> Option<StreamId> {
        self.requests.iter().find(|(number, _)| *number == request).map(|(_, stream)| *stream)
    }

    /// The steps that awaited a frame that never came.
    pub fn missed_awaits(&self) -> impl Iterator<Item = usize> {
        self.events.iter().filter_map(|event| match event {
            Event::AwaitMissed(step) => Some(*step),
            _ => None,
        })
    }
}

/// The last step that begins in these events.
pub fn last_step(events: &[Event]) -> Option<usize> {
    events.iter().rev().find_map(|event| match event {
        Event::Step(step) => Some(*step),
        _ => None,
    })
}

/// The requests among the client's frames.
fn find_requests(events: &[Event], written: &[u8]) -> WrittenRequests {
    let mut blocks = Vec::new();
    for event in events {
        let Event::Written(place) = event else { continue };
        let kind = Header::read(&written[place.clone()]).map(|header| header.kind);
        if matches!(kind, Some(FrameType::HEADERS | FrameType::CONTINUATION)) {
            blocks.extend_from_slice(&written[place.clone()]);
        }
    }
    KNOWN_REQUESTS.with_borrow_mut(|known| {
        if let Some(requests) = known.get(&blocks) {
            return requests.clone();
        }
        if known.len() >= KNOWN_REQUESTS_KEPT {
            known.clear();
        }
        let requests = written_requests(blocks.clone().into());
        known.insert(blocks, requests.clone());
        requests
    })
}

/// The numbers of requests, each with the stream that it was written on.
pub type WrittenRequests = Vec<(usize, StreamId)>;

/// How many answers of [`written_requests`] each thread keeps.
const KNOWN_REQUESTS_KEPT: usize = 4096;

thread_local! {
    /// Answers of [`written_requests`]. Reading one block costs as much as running both stacks (the decoder makes its
    /// Huffman table anew for every string), and a client has few ways to write the same few requests.
    static KNOWN_REQUESTS: RefCell<HashMap<Vec<u8>, WrittenRequests>> = RefCell::default();
}

/// Reads all field blocks of a connection, in order, for the number that every request carries in its path.
fn written_requests(mut frames: Bytes) -> WrittenRequests {
    let mut reader = BlockReader::default();
    let mut block = BytesMut::new();
    let mut requests = Vec::new();
    while let Some(frame) = wire::decode(&mut frames) {
        let (View::Headers(fragment) | View::Continuation(fragment)) = frame.view() else { continue };
        block.extend_from_slice(fragment);
        if frame.has(flags::END_HEADERS) {
            let fields = reader.read(&block).unwrap_or_default();
            if let Some(number) = request_number(&fields) {
                requests.push((number, frame.stream));
            }
            block.clear();
        }
    }
    requests
}

fn request_number(fields: &[Field]) -> Option<usize> {
    let (_, path) = fields.iter().find(|(name, _)| name == ":path")?;
    path.rsplit('/').next()?.parse().ok()
}
