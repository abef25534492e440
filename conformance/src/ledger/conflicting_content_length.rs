//! A content-length that does not parse, or two that differ.

use super::{
    Divergence, Right,
    exchange::{fields, with_fields},
};
use crate::{
    http2::FrameType,
    script::{Method, Step},
};

pub(super) const ENTRY: Divergence = Divergence {
    name: "conflicting-content-length",
    about: "Legacy goes by the first of several content-length fields, and by none in the response to a HEAD; modern \
            resets the stream when they differ or one does not parse.",
    rfc: "§8.1.1: \"A request or response is also malformed if the value of a content-length header field does not \
          equal the sum of the DATA frame payload lengths that form the content\": of two that differ, one does not.",
    right: Right::Modern,
    cause: "recv_headers (proto/streams/recv.rs) of h2 0.3 asks the map for one content-length, and for none after a \
            HEAD; that of h2 0.4 goes through all, whatever the method.",
    changed: "h2 0.4.20; not in h2 0.3.",
    effect: "A legacy client and a proxy before it can take different lengths for the same response.",
    scenario: "content-length-twice-with-different-values",
    repair: |exchange, index| {
        let frame = exchange.frame_of(index, FrameType::HEADERS).filter(|_| exchange.begins_head(index))?;
        let mut fields = fields(frame)?;
        let mut lengths: Vec<&mut String> =
            fields.iter_mut().filter(|(name, _)| name == "content-length").map(|(_, value)| value).collect();
        let first = (*lengths.first()?).clone();
        let parses = first.bytes().all(|byte| byte.is_ascii_digit()) && first.parse::<u64>().is_ok();
        let head = exchange.request_on(frame.stream).is_some_and(|request| request.method() == Method::Head);
        let agree = lengths.iter().all(|value| **value == first);
        // Where the first does not parse, both reset the stream, except after a HEAD.
        if (parses && agree) || !(parses || head) {
            return None;
        }
        for length in &mut lengths {
            **length = if parses { first.clone() } else { "0".into() };
        }
        Some(vec![Step::Send(with_fields(frame, &fields))])
    },
};
