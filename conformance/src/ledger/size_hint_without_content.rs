//! A content-length on a response that has no content by definition.

use super::{Divergence, Harm, exchange::status};
use crate::script::Method;

pub(super) const ENTRY: Divergence = Divergence {
    name: "size-hint-without-content",
    about: "The body of a response to HEAD, or of a 204 or 304, says in size_hint that it has as many bytes as \
            content-length has, on both, but none come.",
    rfc: "§8.1.1: \"A response that is defined to have no content, as described in Section 6.4.1 of [HTTP], MAY have a \
          non-zero content-length header field, even though no content is included in DATA frames.\"",
    project: "hyper",
    harm: Harm::Failure.on_both(),
    cause: "The clients (proto/h2/client.rs) of hyper 0.14 and hyper 1 make the body's length from content-length, \
            without asking for the method or the status.",
    changed: "Every release of both since size_hint tells the length (hyperium/hyper#1546).",
    reported: None,
    effect: "size_hint promises a lower bound for what the body yields: code that reserves or expects that many bytes \
             waits for, or reports, content that is not missing.",
    meanwhile: Some("Take size_hint for no promise after a HEAD, and for 204 and 304."),
    scenario: "content-length-on-a-response-without-content",
    repair: |exchange, index| {
        exchange.with_fields(index, |begin, frame, fields| {
            let head = exchange.request_on(frame.stream).is_some_and(|request| request.method() == Method::Head);
            if exchange.begins_head(begin) && (head || matches!(status(fields), Some("204" | "304"))) {
                fields.retain(|(name, _)| name != "content-length");
            }
        })
    },
};
