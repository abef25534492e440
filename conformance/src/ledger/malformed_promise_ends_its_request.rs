//! A PUSH_PROMISE with malformed fields.

use super::{Divergence, Harm, exchange::malformed, frames::ignored};
use crate::http2::FrameType;

pub(super) const ENTRY: Divergence = Divergence {
    name: "malformed-promise-ends-its-request",
    about: "If the fields of a PUSH_PROMISE are malformed, both reset the stream that it arrives on, and so fail a request \
            with which nothing is wrong, and not the stream that it promises.",
    rfc: "§8.4.1: \"If a client receives a PUSH_PROMISE that does not include a complete and valid set of header fields \
          or the :method pseudo-header field identifies a method that is not safe, it MUST respond on the promised \
          stream with a stream error (Section 5.4.2) of type PROTOCOL_ERROR.\"",
    project: "h2",
    harm: Harm::Failure.on_both(),
    cause: "Codec::decode_frame (codec/framed_read.rs) of both h2 returns a stream error for a malformed field block \
            with the identifier of the frame, whether it is HEADERS or PUSH_PROMISE.",
    changed: "Every release of both.",
    reported: None,
    effect: "A request fails because of a push that its client would have refused.",
    meanwhile: None,
    scenario: "malformed-push-promise-before-the-response",
    repair: |exchange, index| {
        let frame = exchange.frame_of(index, FrameType::PUSH_PROMISE)?;
        exchange.fields_from(index).is_some_and(malformed).then(|| ignored(frame))
    },
};
