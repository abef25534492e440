//! Content-length fields that differ.

use super::ServerDivergence;
use crate::ledger::conflicting_content_length;

pub(super) const ENTRY: ServerDivergence = ServerDivergence {
    about: "Legacy uses the first of several content-length fields; modern resets the stream if they differ or one \
            does not parse.",
    effect: "A legacy server and a proxy in front of it can read different lengths for the same request.",
    scenario: "content-length-twice-in-a-request",
    ..conflicting_content_length::ENTRY.on_servers(|frames, index| {
        frames.with_block_fields(index, |fields| {
            let named = fields.iter_mut().filter(|(name, _)| name == b"content-length");
            let mut lengths: Vec<&mut Vec<u8>> = named.map(|(_, value)| value).collect();
            let Some(first) = lengths.first().map(|first| (*first).clone()) else { return false };
            let differ = lengths.iter().any(|length| **length != first);
            lengths.iter_mut().for_each(|length| (*length).clone_from(&first));
            differ
        })
    })
};
