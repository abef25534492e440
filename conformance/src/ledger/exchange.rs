use crate::{
    http2::{Frame, FrameType, StreamId, View, flags, hpack, wire::Header},
    peer::{Event, Record},
    script::{Body, Request, Script, Step},
};

/// A script as a repair reads it: a step, what the peer had sent before it, and what the client had.
pub struct Exchange<'script> {
    steps: &'script [Step],
    /// The streams that the client opened, each with the first step that it came before.
    opened: Vec<(StreamId, usize)>,
    /// The requests that the client wrote, with their streams.
    requests: &'script [(usize, StreamId)],
}

/// What the peer has sent on one stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sent {
    /// A head that is not informational.
    pub head: bool,
    /// A frame with END_STREAM.
    pub end: bool,
    /// A RST_STREAM.
    pub reset: bool,
}

impl<'script> Exchange<'script> {
    /// The exchange of this script, in which this crossed the transport.
    pub fn new(script: &'script Script, record: &'script Record) -> Exchange<'script> {
        let mut opened = Vec::new();
        let mut next = 0;
        for event in &record.events {
            match event {
                Event::Step(step) => next = step + 1,
                Event::Written(place) => opened.extend(
                    Header::read(&record.written[place.clone()])
                        .filter(|header| header.kind == FrameType::HEADERS)
                        .map(|header| (header.stream, next)),
                ),
                _ => {}
            }
        }
        Exchange { steps: script.steps(), opened, requests: &record.requests }
    }

    /// All steps.
    pub fn steps(&self) -> &'script [Step] {
        self.steps
    }

    /// The requests that the script issues.
    pub fn requests(&self) -> impl Iterator<Item = &'script Request> {
        self.steps.iter().filter_map(|step| match step {
            Step::Request(request) => Some(request),
            _ => None,
        })
    }

    /// Whether the request on this stream has content, so that the client's half may still be open when a response comes.
    pub fn has_content(&self, stream: StreamId) -> bool {
        let number = self.requests.iter().find(|(_, written)| *written == stream).map(|(number, _)| *number);
        number.and_then(|number| self.requests().nth(number)).is_none_or(|request| request.body() != Body::EMPTY)
    }

    /// Whether the client had opened the stream when the step at `index` was played.
    pub fn opened_before(&self, index: usize, stream: StreamId) -> bool {
        self.opened.iter().any(|(opened, before)| *opened == stream && *before <= index)
    }

    /// The step at `index`.
    pub fn step(&self, index: usize) -> Option<&'script Step> {
        self.steps.get(index)
    }

    /// The frame that the step at `index` sends, if it sends one.
    pub fn frame(&self, index: usize) -> Option<&'script Frame> {
        self.step(index)?.frame()
    }

    /// The frame that the step at `index` sends, if it is of this type.
    pub fn frame_of(&self, index: usize, kind: FrameType) -> Option<&'script Frame> {
        self.frame(index).filter(|frame| frame.kind == kind)
    }

    /// The fields of the block that begins with the HEADERS frame at `index`, continued or not; `None` if it does not
    /// decode.
    pub fn fields_from(&self, index: usize) -> Option<Vec<hpack::Field>> {
        let frame = self.frame_of(index, FrameType::HEADERS)?;
        let View::Headers(fragment) = frame.view() else { return None };
        let mut block = fragment.to_vec();
        let mut ended = frame.has(flags::END_HEADERS);
        for step in &self.steps[index + 1..] {
            if ended {
                break;
            }
            let Some(frame) = step.frame() else { continue };
            let View::Continuation(fragment) = frame.view() else { return None };
            block.extend_from_slice(fragment);
            ended = frame.has(flags::END_HEADERS);
        }
        hpack::decode(&block)
    }

    /// What was sent on the stream before the step at `index`.
    pub fn sent_before(&self, index: usize, stream: StreamId) -> Sent {
        let mut sent = Sent::default();
        for (at, step) in self.steps[..index].iter().enumerate() {
            let Some(frame) = step.frame().filter(|frame| frame.stream == stream) else { continue };
            sent.end |= frame.ends_stream();
            sent.reset |= frame.kind == FrameType::RST_STREAM;
            sent.head |= frame.kind == FrameType::HEADERS && !self.is_informational(at);
        }
        sent
    }

    /// Whether the frame at `index` is the last of a stream: one with END_STREAM, or the end of its field block.
    pub fn ends_stream(&self, index: usize) -> bool {
        let Some(frame) = self.frame(index) else { return false };
        if frame.kind != FrameType::CONTINUATION {
            return frame.ends_stream() && (frame.kind == FrameType::DATA || frame.has(flags::END_HEADERS));
        }
        let mut before = self.steps[..index].iter().rev().filter_map(Step::frame);
        let begin = before.find(|frame| frame.kind != FrameType::CONTINUATION);
        frame.has(flags::END_HEADERS) && begin.is_some_and(|begin| begin.ends_stream() && begin.stream == frame.stream)
    }

    /// Whether the HEADERS frame at `index` begins the head of an informational response.
    pub fn is_informational(&self, index: usize) -> bool {
        let fields = self.fields_from(index).unwrap_or_default();
        status(&fields).is_some_and(|status| status.starts_with('1'))
    }
}

/// The fields of a whole block in one HEADERS frame; `None` if it is continued, malformed, or does not decode.
pub(super) fn fields(frame: &Frame) -> Option<Vec<hpack::Field>> {
    match frame.view() {
        View::Headers(block) if frame.has(flags::END_HEADERS) => hpack::decode(block),
        _ => None,
    }
}

/// The value of `:status`.
pub(super) fn status(fields: &[hpack::Field]) -> Option<&str> {
    fields.iter().find(|(name, _)| name == ":status").map(|(_, value)| value.as_str())
}

/// The same HEADERS frame with these fields, without padding and priority.
pub(super) fn with_fields(frame: &Frame, fields: &[hpack::Field]) -> Frame {
    let block = hpack::encode(fields.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    let kept = frame.flags & !(flags::PADDED | flags::PRIORITY);
    Frame { payload: block.into(), flags: kept, ..frame.clone() }
}

/// The same frame as one of a type that RFC 9113 does not know, which a receiver ignores (§5.5).
pub(super) fn ignored(frame: &Frame) -> Frame {
    Frame { kind: FrameType(0xef), ..frame.clone() }
}
