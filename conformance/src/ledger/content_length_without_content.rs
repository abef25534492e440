//! A head with END_STREAM and a content-length above 0.

use super::{Divergence, Harm, exchange::status};
use crate::script::Method;

pub(crate) const ENTRY: Divergence = Divergence {
    name: "content-length-without-content",
    about: "For a head with END_STREAM and a content-length above 0, legacy hands over an empty body; modern fails \
            the request with PROTOCOL_ERROR.",
    rfc: "§8.1.1: \"A request or response is also malformed if the value of a content-length header field does not \
          equal the sum of the DATA frame payload lengths that form the content, unless the message is defined as \
          having no content.\"",
    project: "h2",
    harm: Harm::DataLost.on_legacy(),
    cause: "recv_headers (proto/streams/recv.rs) of h2 0.3 stores the length and compares it only with DATA or \
            trailers; that of h2 0.4 compares it at once if END_STREAM is set, except after HEAD and for 204 and \
            304.",
    changed: "h2 0.4.7 (hyperium/h2#813); not in h2 0.3.",
    reported: Some("hyperium/h2#813"),
    effect: "A legacy client stores an empty file where the server promised content.",
    meanwhile: Some("Compare the length of the body with content-length."),
    scenario: "content-length-on-a-head-that-ends-the-stream",
    repair: |exchange, index| {
        exchange.with_fields(index, |begin, frame, fields| {
            let head = exchange.request_on(frame.stream).is_some_and(|request| request.method() == Method::Head);
            let final_head = exchange.begins_head(begin) && !exchange.is_informational(begin);
            if !final_head || !frame.ends_stream() || head || matches!(status(fields), Some("204" | "304")) {
                return;
            }
            let named = fields.iter_mut().filter(|(name, _)| name == "content-length");
            let lengths: Vec<&mut String> = named.map(|(_, value)| value).collect();
            if lengths.iter().any(|length| length.parse::<u64>().is_ok_and(|length| length > 0)) {
                lengths.into_iter().for_each(|length| "0".clone_into(length));
            }
        })
    },
};
