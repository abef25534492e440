//! Malformed fields in a field block that is not whole.

use super::{Divergence, Right, exchange::malformed};
use crate::{
    http2::{Frame, View, flags, hpack},
    script::Step,
};

pub(super) const ENTRY: Divergence = Divergence {
    name: "malformed-fragment-ends-its-block",
    about: "HEADERS or PUSH_PROMISE without END_HEADERS, with malformed fields in it or with a stream that is to depend \
            on itself: both reset the stream at once and forget that the block goes on, so that another frame may \
            follow, and CONTINUATION may not.",
    rfc: "§6.2: \"A receiver MUST treat the receipt of any other type of frame or a frame on a different stream as a \
          connection error (Section 5.4.1) of type PROTOCOL_ERROR.\"",
    right: Right::Neither,
    cause: "Codec::decode_frame (codec/framed_read.rs) of both h2 returns the stream error for what is malformed \
            before it keeps the block that is to be continued.",
    changed: "Every release of both; resets and CONTINUATION are open as hyperium/h2#37.",
    reported: Some("hyperium/h2#37"),
    effect: "One malformed response that is split ends every request on its connection.",
    scenario: "malformed-head-that-is-not-continued",
    repair: |exchange, index| {
        let frame = exchange.frame(index).filter(|frame| !frame.has(flags::END_HEADERS))?;
        let is_malformed = |fragment| hpack::decode(fragment).is_some_and(|fields| malformed(&fields));
        let on_itself = frame.dependency() == Some(frame.stream);
        let payload = match frame.view() {
            View::Headers(fragment) if on_itself || is_malformed(fragment) => {
                hpack::encode([(":status", "200")]).into()
            }
            View::PushPromise { promised, block } if is_malformed(block) => {
                Frame::push_promise_block(frame.stream, promised, &[]).payload
            }
            _ => return None,
        };
        let flags = frame.flags & !(flags::PADDED | flags::PRIORITY);
        Some(vec![Step::Send(Frame { payload, flags, ..frame.clone() })])
    },
};
