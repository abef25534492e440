//! The record of what crossed the transport, and queries on it.

use crate::{
    http2::{
        Frame, FrameType, StreamId, View, flags,
        hpack::{BlockReader, literal_path},
        wire::{self, Header, PREFACE},
    },
    script::IoFailure,
};
use bytes::{Bytes, BytesMut};
use std::{collections::BTreeSet, ops::Range};

/// What crossed the transport in both directions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Record {
    /// All events, in the order in which they happened.
    pub events: Vec<Event>,
    /// All bytes that the peer handed over.
    pub sent: Bytes,
    /// All bytes that the transport took from the client, including the connection preface.
    pub written: Bytes,
    /// The requests whose field blocks the client wrote whole, with their streams.
    pub requests: WrittenRequests,
}

/// An event on the transport, or a resulting event of a request.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Event {
    /// The step with this index began.
    Step(usize),
    /// The peer handed over these bytes of [`Record::sent`].
    Sent(Range<usize>),
    /// The client has read this many of the peer's bytes.
    Received(usize),
    /// The client wrote the frame at this place in [`Record::written`].
    Written(Range<usize>),
    /// The application issued the request with this number.
    Issued(usize),
    /// The application saw the head of the response to this request.
    Head(usize),
    /// This request ended, with a response or an error.
    Ended(usize),
    /// The application cancelled this request before it had ended.
    Cancelled(usize),
    /// The application is told to read this many more bytes of the response to this request.
    Reads(usize, u32),
    /// The application hands over this many more bytes of the content of this request, and with `true` the end.
    Fed(usize, u32, bool),
    /// The application dropped its client.
    ClientDropped,
    /// The client could do no more: it had handled everything that it had received.
    Rest,
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
    /// The client could do no more, and had not written the frame that the step with this index awaited, or had written
    /// one that it forbids.
    Unmet(usize),
}

/// Something that crossed another transport than the peer's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Crossed {
    /// The client wrote this frame.
    Written(Frame),
    /// The client received this frame.
    Received(Frame),
    /// A read of the client failed.
    ReadFailed(IoFailure),
    /// The client read the end of the stream.
    ReadEnd,
    /// The client closed its side.
    ClientClosed,
}

impl Record {
    /// The record of what crossed another transport. The client's requests have their numbers in their paths, and are
    /// issued when they are written.
    pub fn of(crossed: impl IntoIterator<Item = Crossed>) -> Record {
        let (mut events, mut sent, mut written) = (Vec::new(), BytesMut::new(), BytesMut::from(&PREFACE[..]));
        let mut opened = BTreeSet::new();
        for crossed in crossed {
            match crossed {
                Crossed::Written(frame) => {
                    if frame.kind == FrameType::HEADERS && opened.insert(frame.stream) {
                        events.push(Event::Issued(opened.len() - 1));
                    }
                    let start = written.len();
                    wire::encode(&frame, &mut written);
                    events.push(Event::Written(start..written.len()));
                }
                Crossed::Received(frame) => {
                    let start = sent.len();
                    wire::encode(&frame, &mut sent);
                    events.extend([Event::Sent(start..sent.len()), Event::Received(sent.len())]);
                }
                Crossed::ReadFailed(failure) => events.push(Event::ReadFailed(failure)),
                Crossed::ReadEnd => events.push(Event::ReadEnd),
                Crossed::ClientClosed => events.push(Event::ClientClosed),
            }
        }
        Record::new(events, sent.freeze(), written.freeze())
    }

    pub(super) fn new(events: Vec<Event>, sent: Bytes, written: Bytes) -> Record {
        let requests = find_requests(&events, &written);
        Record { events, sent, written, requests }
    }

    /// The frames that the client wrote, in order.
    pub fn client_frames(&self) -> impl Iterator<Item = Frame> {
        self.client_frames_by_step().map(|(_, frame)| frame)
    }

    /// The same, each with the last step that had begun by then.
    pub fn client_frames_by_step(&self) -> impl Iterator<Item = (Option<usize>, Frame)> {
        let mut step = None;
        self.events.iter().filter_map(move |event| match event {
            Event::Step(begun) => {
                step = Some(*begun);
                None
            }
            Event::Written(bytes) => Some((step, self.client_frame(bytes.clone())?)),
            _ => None,
        })
    }

    /// The frame that the client wrote at this place in [`Record::written`].
    pub fn client_frame(&self, place: Range<usize>) -> Option<Frame> {
        wire::decode(&mut self.written.slice(place))
    }

    /// The number of the peer's bytes that the client had received when the request ended, or in all if it did not end.
    pub fn received_at_end(&self, request: usize) -> usize {
        let received = |event: &Event| match event {
            Event::Received(bytes) => Some(*bytes),
            _ => None,
        };
        self.until_end(request).iter().rev().find_map(received).unwrap_or_default()
    }

    /// The last step that had begun when the request ended, or the last step of all if it did not end.
    pub fn step_at_end(&self, request: usize) -> Option<usize> {
        last_step(self.until_end(request))
    }

    fn until_end(&self, request: usize) -> &[Event] {
        let ends =
            |event: &Event| matches!(event, Event::Ended(number) | Event::Cancelled(number) if *number == request);
        let end = self.events.iter().position(ends);
        &self.events[..end.unwrap_or(self.events.len())]
    }

    /// The stream of the request, if the transport took its frame with END_HEADERS.
    pub fn stream_of(&self, request: usize) -> Option<StreamId> {
        self.requests.iter().find(|(number, _)| *number == request).map(|(_, stream)| *stream)
    }

    /// The steps whose awaited frame never came, or whose forbidden frame came.
    pub fn unmet_steps(&self) -> impl Iterator<Item = usize> {
        self.events.iter().filter_map(|event| match event {
            Event::Unmet(step) => Some(*step),
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

/// The requests among the client's frames. Every request has its number in its path, or at the beginning of its authority if
/// it has no path.
pub(super) fn find_requests(events: &[Event], written: &Bytes) -> WrittenRequests {
    let (mut requests, mut refers) = (Vec::new(), false);
    each_block(events, written, |stream, block| match literal_path(block) {
        Some(path) => requests.extend(number_in(&path).map(|number| (number, stream))),
        None => refers = true,
    });
    if refers {
        // A client that sends a request again may write its path as a reference to the earlier one. A tunnel has no path.
        let mut reader = BlockReader::default();
        requests.clear();
        each_block(events, written, |stream, block| {
            let fields = reader.read(block).unwrap_or_default();
            let value = |name| fields.iter().find(|(of, _)| of == name).map(|(_, value)| value.as_str());
            let of_a_tunnel = || value(":authority")?.strip_suffix(TUNNEL)?.parse().ok();
            let number = value(":path").map_or_else(of_a_tunnel, number_in);
            requests.extend(number.map(|number| (number, stream)));
        });
    }
    requests
}

/// Calls `each` with every whole field block of the client, and its stream.
fn each_block(events: &[Event], written: &Bytes, mut each: impl FnMut(StreamId, &[u8])) {
    let mut block = BytesMut::new();
    for event in events {
        let Event::Written(place) = event else { continue };
        let kind = Header::read(&written[place.clone()]).map(|header| header.kind);
        if !matches!(kind, Some(FrameType::HEADERS | FrameType::CONTINUATION)) {
            continue;
        }
        let Some(frame) = wire::decode(&mut written.slice(place.clone())) else { continue };
        let (View::Headers(fragment) | View::Continuation(fragment)) = frame.view() else { continue };
        block.extend_from_slice(fragment);
        if frame.has(flags::END_HEADERS) {
            each(frame.stream, &block);
            block.clear();
        }
    }
}

/// The authority of a CONNECT request after its number.
pub const TUNNEL: &str = ".peer.test:443";

/// The number of the request with this path: the last segment, ignoring a trailing slash. Some clients append a path of
/// their own to the suite's, and for most AWS services that is `/`.
pub fn number_in(path: &str) -> Option<usize> {
    path.strip_suffix('/').unwrap_or(path).rsplit('/').next()?.parse().ok()
}

/// The numbers of requests, each with the stream that it was written on.
pub type WrittenRequests = Vec<(usize, StreamId)>;
