//! Malformed fields in the first frame of an incomplete field block.

use super::{
    Divergence, Harm,
    exchange::{malformed, with_payload},
};
use crate::http2::{Frame, View, flags, hpack};

pub(super) const ENTRY: Divergence = Divergence {
    name: "malformed-fragment-ends-its-block",
    about: "If HEADERS or PUSH_PROMISE without END_HEADERS has malformed fields, or makes its stream depend on \
            itself, both reset the stream at once and forget that the block continues: they accept another frame \
            next, and refuse CONTINUATION.",
    rfc: "§6.2: \"A receiver MUST treat the receipt of any other type of frame or a frame on a different stream as a \
          connection error (Section 5.4.1) of type PROTOCOL_ERROR.\"",
    project: "h2",
    harm: Harm::Failure.on_both(),
    cause: "Codec::decode_frame (codec/framed_read.rs) of both h2 returns the stream error for a malformed frame \
            before it stores the block for its continuation.",
    changed: "Every release of both; hyperium/h2#37, on resets and CONTINUATION, is open.",
    reported: Some("hyperium/h2#37"),
    effect: "One malformed response in several frames makes every request on its connection fail.",
    meanwhile: None,
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
        Some(with_payload(frame, payload))
    },
};
