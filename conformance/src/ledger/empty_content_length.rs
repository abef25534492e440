//! An empty content-length.

use super::{Divergence, Harm};

pub(super) const ENTRY: Divergence = Divergence {
    name: "empty-content-length",
    about: "A content-length without digits makes the response malformed; both read it as 0.",
    rfc: "§8.1.1: \"A request or response is also malformed if the value of a content-length header field does not \
          equal the sum of the DATA frame payload lengths that form the content\". RFC 9110 §8.6: \"Content-Length = \
          1*DIGIT\".",
    project: "h2",
    harm: Harm::Malformed.on_both(),
    cause: "parse_u64 (frame/headers.rs) of both h2 starts from 0, and returns that if there is no digit.",
    changed: "Every release of both.",
    reported: None,
    effect: "A client and a proxy in front of it can read different lengths for the same response.",
    meanwhile: Some("Refuse a response whose content-length has no digit."),
    scenario: "content-length-without-a-digit",
    repair: |exchange, index| {
        exchange.with_fields(index, |_, _, fields| {
            for (_, length) in fields.iter_mut().filter(|(name, value)| name == "content-length" && value.is_empty()) {
                "0".clone_into(length);
            }
        })
    },
};
