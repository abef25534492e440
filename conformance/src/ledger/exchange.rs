use crate::{
    http2::{Frame, FrameType, StreamId, View, flags, hpack},
    script::{Script, Step},
};

/// A script as a repair reads it: a step, and what the peer has sent before it.
pub struct Exchange<'script> {
    steps: &'script [Step],
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
    /// The exchange of this script.
    pub fn new(script: &'script Script) -> Exchange<'script> {
        Exchange { steps: script.steps() }
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

    /// What was sent on the stream before the step at `index`.
    pub fn sent_before(&self, index: usize, stream: StreamId) -> Sent {
        let mut sent = Sent::default();
        for frame in self.steps[..index].iter().filter_map(Step::frame).filter(|frame| frame.stream == stream) {
            sent.end |= frame.ends_stream();
            sent.reset |= frame.kind == FrameType::RST_STREAM;
            sent.head |= frame.kind == FrameType::HEADERS
                && !fields(frame).is_some_and(|fields| status(&fields).is_some_and(|status| status.starts_with('1')));
        }
        sent
    }
}

/// The fields of a whole block in one HEADERS frame; `None` if it is continued, malformed, or does not decode.
pub fn fields(frame: &Frame) -> Option<Vec<hpack::Field>> {
    match frame.view() {
        View::Headers(block) if frame.has(flags::END_HEADERS) => hpack::decode(block),
        _ => None,
    }
}

/// The value of `:status`.
pub fn status(fields: &[hpack::Field]) -> Option<&str> {
    fields.iter().find(|(name, _)| name == ":status").map(|(_, value)| value.as_str())
}

/// The same HEADERS frame with these fields, without padding and priority.
pub fn with_fields(frame: &Frame, fields: &[hpack::Field]) -> Frame {
    let block = hpack::encode(fields.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    let kept = frame.flags & !(flags::PADDED | flags::PRIORITY);
    Frame { payload: block.into(), flags: kept, ..frame.clone() }
}
