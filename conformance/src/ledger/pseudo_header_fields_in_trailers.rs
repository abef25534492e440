//! Pseudo-header fields in trailers.

use super::{Divergence, Harm};

pub(super) const ENTRY: Divergence = Divergence {
    name: "pseudo-header-fields-in-trailers",
    about: "Trailers with a pseudo-header field make a response malformed; both drop the field and hand the response \
            over as complete.",
    rfc: "§8.1: \"An endpoint that receives pseudo-header fields in trailers MUST treat the request or response as \
          malformed (Section 8.1.1).\"",
    project: "h2",
    harm: Harm::Malformed.on_both(),
    cause: "recv_trailers (proto/streams/recv.rs) of both h2 takes the frame's regular fields and ignores its \
            pseudo-header fields.",
    changed: "Every release of both.",
    reported: None,
    effect: "A second status in place of trailers, a sign that responses were mixed up, goes unnoticed.",
    meanwhile: None,
    scenario: "informational-head-in-the-place-of-trailers",
    repair: |exchange, index| {
        exchange.with_fields(index, |begin, frame, fields| {
            if exchange.sent_before(begin, frame.stream).head {
                fields.retain(|(name, _)| !name.starts_with(':'));
            }
        })
    },
};
