//! Content-length fields that differ.

use super::ServerDivergence;
use crate::ledger::Right;

pub(super) const ENTRY: ServerDivergence = ServerDivergence {
    name: "conflicting-content-length",
    about: "Legacy uses the first of several content-length fields; modern resets the stream if they differ or one \
            does not parse.",
    rfc: "§8.1.1: \"A request or response is also malformed if the value of a content-length header field does not \
          equal the sum of the DATA frame payload lengths that form the content\": of two that differ, one does not.",
    right: Right::Modern,
    cause: "recv_headers (proto/streams/recv.rs) of h2 0.3 reads one content-length from the map; that of h2 0.4 \
            checks all of them.",
    changed: "h2 0.4.20 (hyperium/h2#967); not in h2 0.3.",
    reported: Some("hyperium/h2#967"),
    effect: "A legacy server and a proxy in front of it can read different lengths for the same request.",
    scenario: "content-length-twice-in-a-request",
    repair: |exchange, index| {
        exchange.with_fields(index, |fields| {
            let named = fields.iter_mut().filter(|(name, _)| name == b"content-length");
            let mut lengths: Vec<&mut Vec<u8>> = named.map(|(_, value)| value).collect();
            let Some(first) = lengths.first().map(|first| (*first).clone()) else { return false };
            let differ = lengths.iter().any(|length| **length != first);
            lengths.iter_mut().for_each(|length| (*length).clone_from(&first));
            differ
        })
    },
};
