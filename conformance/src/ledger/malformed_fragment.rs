//! Malformed fields in a field block that is not whole.

use super::{Divergence, Right, exchange::malformed};
use crate::{
    http2::{Frame, FrameType, View, flags, hpack},
    script::Step,
};

pub(super) const ENTRY: Divergence = Divergence {
    name: "malformed-fragment-ends-its-block",
    about: "HEADERS without END_HEADERS, with malformed fields in it: both reset the stream at once and forget that the \
            block goes on, so that another frame may follow, and CONTINUATION may not.",
    rfc: "§6.2: \"A receiver MUST treat the receipt of any other type of frame or a frame on a different stream as a \
          connection error (Section 5.4.1) of type PROTOCOL_ERROR.\"",
    right: Right::Neither,
    cause: "Codec::decode_frame (codec/framed_read.rs) of both h2 returns the stream error for a malformed message \
            before it keeps the block that is to be continued.",
    changed: "Every release of both.",
    effect: "One malformed response that is split ends every request on its connection.",
    scenario: "malformed-head-that-is-not-continued",
    repair: |exchange, index| {
        let frame = exchange.frame_of(index, FrameType::HEADERS)?;
        let View::Headers(fragment) = frame.view() else { return None };
        let fields = hpack::decode(fragment).unwrap_or_default();
        let malformed = !frame.has(flags::END_HEADERS) && malformed(&fields);
        let block = hpack::encode([(":status", "200")]);
        let flags = frame.flags & !(flags::PADDED | flags::PRIORITY);
        malformed.then(|| vec![Step::Send(Frame { payload: block.into(), flags, ..frame.clone() })])
    },
};
