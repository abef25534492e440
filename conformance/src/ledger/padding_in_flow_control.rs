//! Padding that fills a flow-control window.

use super::{Divergence, Frames, Repaired, Right, frames::send};
use crate::{
    http2::{Frame, FrameType, View, flags},
    stacks::Settings,
};

pub(crate) const ENTRY: Divergence = Divergence {
    name: "padding-in-flow-control",
    about: "Legacy does not count padding in flow control and accepts more than its window; modern resets the stream \
            with FLOW_CONTROL_ERROR.",
    rfc: "§6.1: \"The entire DATA frame payload is included in flow control, including the Pad Length and Padding \
          fields if present.\"",
    right: Right::Modern,
    cause: "recv_data (proto/streams/recv.rs) of h2 0.3 counts the payload without padding; that of h2 0.4 counts \
            flow_controlled_len, which includes the padding and the pad length.",
    changed: "h2 0.4.13 (hyperium/h2#869) and 0.4.14 (hyperium/h2#894), wrong for 255 bytes of padding until 0.4.15 \
              (hyperium/h2#914); not in h2 0.3.",
    reported: Some("hyperium/h2#869"),
    effect: "None visible to the application, but legacy's bound on memory does not hold.",
    scenario: "padding-fills-the-window",
    repair: |exchange, index| repair(exchange, index, Settings::EQUAL.stream_window),
};

/// The frame without padding, if the stream gets more than this window.
pub(crate) fn repair(frames: &Frames<'_>, index: usize, window: u32) -> Repaired {
    let frame = frames.frame_of(index, FrameType::DATA).filter(|frame| frame.has(flags::PADDED))?;
    let View::Data(data) = frame.view() else { return None };
    let all = frames.before(frames.steps().len());
    let of_stream = all.filter(|other| other.kind == FrameType::DATA && other.stream == frame.stream);
    let counted: usize = of_stream.map(|other| other.payload.len()).sum();
    let payload = frame.payload.slice_ref(data);
    let unpadded = Frame { payload, flags: frame.flags & !flags::PADDED, ..frame.clone() };
    (counted > window as usize).then(|| send(unpadded))
}
