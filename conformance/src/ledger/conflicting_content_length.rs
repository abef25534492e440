//! A content-length that does not parse, or two that differ.

use super::{Divergence, Harm};
use crate::script::Method;

pub(crate) const ENTRY: Divergence = Divergence {
    name: "conflicting-content-length",
    about: "Legacy uses the first of several content-length fields, and ignores them in the response to a HEAD; \
            modern resets the stream if they differ or one does not parse.",
    rfc: "§8.1.1: \"A request or response is also malformed if the value of a content-length header field does not \
          equal the sum of the DATA frame payload lengths that form the content\": of two that differ, one does not.",
    project: "h2",
    harm: Harm::Malformed.on_legacy(),
    cause: "recv_headers (proto/streams/recv.rs) of h2 0.3 reads one content-length from the map, and none after a \
            HEAD; that of h2 0.4 checks all of them, whatever the method.",
    changed: "h2 0.4.20 (hyperium/h2#967); not in h2 0.3.",
    reported: Some("hyperium/h2#967"),
    effect: "A legacy client and a proxy in front of it can read different lengths for the same response.",
    meanwhile: None,
    scenario: "content-length-twice-with-different-values",
    repair: |exchange, index| {
        exchange.with_fields(index, |begin, frame, fields| {
            let named = fields.iter_mut().filter(|(name, _)| name == "content-length");
            let lengths: Vec<&mut String> = named.map(|(_, value)| value).collect();
            let Some(first) = lengths.first().map(|first| (*first).clone()) else { return };
            let head = exchange.request_on(frame.stream).is_some_and(|request| request.method() == Method::Head);
            let agree = lengths.iter().all(|value| **value == first);
            // If the first does not parse, both stacks reset the stream, except after a HEAD.
            if !exchange.begins_head(begin) || (parses(&first) && agree) || !(parses(&first) || head) {
                return;
            }
            for length in lengths {
                *length = if parses(&first) { first.clone() } else { "0".into() };
            }
        })
    },
};

/// Whether h2 parses it as a number: at most 19 digits, so that it cannot overflow.
fn parses(length: &str) -> bool {
    length.len() <= 19 && length.bytes().all(|byte| byte.is_ascii_digit())
}
