//! A content-length without a digit.

use super::{Divergence, Right};

pub(super) const ENTRY: Divergence = Divergence {
    name: "empty-content-length",
    about: "A content-length with no digit in it is no number, and the response is malformed; both take it for 0.",
    rfc: "§8.1.1: \"A request or response is also malformed if the value of a content-length header field does not \
          equal the sum of the DATA frame payload lengths that form the content\". RFC 9110 §8.6: \"Content-Length = \
          1*DIGIT\".",
    right: Right::Neither,
    cause: "parse_u64 (frame/headers.rs) of both h2 begins with 0, and has no digit to refuse.",
    changed: "Every release of both.",
    reported: None,
    effect: "A client and a proxy before it can take different lengths for the same response.",
    scenario: "content-length-without-a-digit",
    repair: |exchange, index| {
        exchange.with_fields(index, |_, _, fields| {
            let mut empty = false;
            for (_, length) in fields.iter_mut().filter(|(name, value)| name == "content-length" && value.is_empty()) {
                empty = true;
                "0".clone_into(length);
            }
            empty
        })
    },
};
