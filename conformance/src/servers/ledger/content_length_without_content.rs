//! A head with END_STREAM and a content-length above 0.

use super::ServerDivergence;
use crate::ledger::Right;

pub(super) const ENTRY: ServerDivergence = ServerDivergence {
    name: "content-length-without-content",
    about: "Legacy hands over a request with END_STREAM on its head and a content-length above 0; modern resets the \
            stream with PROTOCOL_ERROR.",
    rfc: "§8.1.1: \"A request or response is also malformed if the value of a content-length header field does not \
          equal the sum of the DATA frame payload lengths that form the content, unless the message is defined as \
          having no content.\"",
    right: Right::Modern,
    cause: "recv_headers (proto/streams/recv.rs) of h2 0.3 stores the length and compares it only with DATA or \
            trailers; that of h2 0.4 compares it at once if END_STREAM is set.",
    changed: "h2 0.4.7 (hyperium/h2#813); not in h2 0.3.",
    reported: Some("hyperium/h2#813"),
    effect: "A legacy server acts on an upload whose announced content never came.",
    scenario: "content-length-on-a-request-that-ends-the-stream",
    repair: |exchange, index| {
        if !exchange.frame(index)?.ends_stream() {
            return None;
        }
        exchange.with_fields(index, |fields| {
            let mut above_0 = false;
            for (_, length) in fields.iter_mut().filter(|(name, _)| name == b"content-length") {
                let parsed = std::str::from_utf8(length).ok().and_then(|length| length.parse::<u64>().ok());
                above_0 |= parsed.is_some_and(|length| length > 0);
                *length = b"0".to_vec();
            }
            above_0
        })
    },
};
