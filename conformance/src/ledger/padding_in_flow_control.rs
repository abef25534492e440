//! Padding that uses up a flow-control window.

use super::{Divergence, Frames, Harm, Repaired, frames::send};
use crate::{
    http2::{Frame, FrameType, View, flags},
    stacks::Settings,
};

pub(crate) const ENTRY: Divergence = Divergence {
    name: "padding-in-flow-control",
    about: "Legacy does not count padding in flow control: it accepts more than its window, and sends no WINDOW_UPDATE \
            for padding; modern counts it, sends WINDOW_UPDATE for it, and resets a stream that exceeds its window \
            with FLOW_CONTROL_ERROR.",
    rfc: "§6.1: \"The entire DATA frame payload is included in flow control, including the Pad Length and Padding \
          fields if present.\"",
    project: "h2",
    harm: Harm::Protocol.on_legacy(),
    cause: "recv_data (proto/streams/recv.rs) of h2 0.3 counts the payload without padding; that of h2 0.4 counts \
            flow_controlled_len, which includes the padding and the pad length, and releases both at once.",
    changed: "h2 0.4.13 (hyperium/h2#869) and 0.4.14 (hyperium/h2#894), wrong for 255 bytes of padding until 0.4.15 \
              (hyperium/h2#914); not in h2 0.3.",
    reported: Some("hyperium/h2#869"),
    effect: "A peer that counts padding runs out of window on a legacy client, whose bound on memory does not hold. If \
             the transport refuses to write, modern's earlier WINDOW_UPDATE fails a request that legacy leaves open.",
    meanwhile: None,
    scenario: "padding-fills-the-window",
    repair: |exchange, index| {
        let Settings { stream_window, connection_window, .. } = Settings::EQUAL;
        // A WINDOW_UPDATE is due when what was released is at least half of the window that is left.
        repair(exchange, index, stream_window as usize / 3, connection_window as usize / 3)
    },
};

/// The frame without padding, if its stream gets at least `of_stream` bytes or the connection `of_connection`.
pub(crate) fn repair(frames: &Frames<'_>, index: usize, of_stream: usize, of_connection: usize) -> Repaired {
    let frame = frames.frame_of(index, FrameType::DATA).filter(|frame| frame.has(flags::PADDED))?;
    let View::Data(data) = frame.view() else { return None };
    let all = || frames.before(frames.steps().len()).filter(|other| other.kind == FrameType::DATA);
    let connection: usize = all().map(|other| other.payload.len()).sum();
    let stream: usize = all().filter(|other| other.stream == frame.stream).map(|other| other.payload.len()).sum();
    let payload = frame.payload.slice_ref(data);
    let unpadded = Frame { payload, flags: frame.flags & !flags::PADDED, ..frame.clone() };
    (stream >= of_stream || connection >= of_connection).then(|| send(unpadded))
}
