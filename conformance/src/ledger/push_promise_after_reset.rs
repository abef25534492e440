//! Many PUSH_PROMISE frames on a stream that the peer has reset.

use super::{Divergence, Harm, frames::ignored};
use crate::http2::FrameType;

/// The number of streams that a client resets for the peer's errors before it ends the connection.
const BORNE: usize = 1_024;

pub(super) const ENTRY: Divergence = Divergence {
    name: "push-promise-after-reset",
    about: "Legacy counts each PUSH_PROMISE on a stream that the peer has reset, while the client's own RST_STREAM \
            is not yet written, as another stream reset for an error, and ends the connection with ENHANCE_YOUR_CALM \
            at 1,024; modern ignores them.",
    rfc: "§6.6: \"A receiver MUST treat the receipt of a PUSH_PROMISE on a stream that is neither \"open\" nor \
          \"half-closed (local)\" as a connection error (Section 5.4.1) of type PROTOCOL_ERROR.\"",
    project: "h2",
    harm: Harm::Failure.on_legacy_and(Harm::Protocol),
    cause: "recv_push_promise (proto/streams/streams.rs) of both fails with the stream's own error, the peer's \
            reset. handle_poll2_result (proto/connection.rs) of h2 0.3 answers with send_reset, which counts it; \
            that of h2 0.4 ignores a reset that the peer initiated.",
    changed: "h2 0.4.15 (hyperium/h2#913); 0.4.11 to 0.4.14 end the connection as legacy does, and earlier releases of \
              0.4 do not; not in h2 0.3.",
    reported: Some("hyperium/h2#906"),
    effect: "Every request on a legacy client's connection fails because of one that was reset.",
    meanwhile: None,
    scenario: "flood-of-push-promise-after-a-reset",
    repair: |exchange, index| {
        let frame = exchange.frame_of(index, FrameType::PUSH_PROMISE)?;
        let reset = exchange.sent_before(index, frame.stream).reset;
        let counts = |index: &usize| match exchange.frame(*index) {
            Some(other) if other.kind == FrameType::PUSH_PROMISE => other.stream == frame.stream,
            _ => exchange.is_stream_error(*index),
        };
        let before = (0..index).filter(counts).count();
        (reset && before + 1 >= BORNE).then(|| ignored(frame))
    },
};
