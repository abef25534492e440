//! A head with END_STREAM and a content-length above 0.

use super::ServerDivergence;
use crate::ledger::content_length_without_content;

pub(super) const ENTRY: ServerDivergence = ServerDivergence {
    about: "Legacy hands over a request with END_STREAM on its head and a content-length above 0; modern resets the \
            stream with PROTOCOL_ERROR.",
    effect: "A legacy server acts on an upload whose announced content never came.",
    scenario: "content-length-on-a-request-that-ends-the-stream",
    ..content_length_without_content::ENTRY.on_servers(|frames, index| {
        if !frames.frame(index)?.ends_stream() {
            return None;
        }
        frames.with_block_fields(index, |fields| {
            let mut above_0 = false;
            for (_, length) in fields.iter_mut().filter(|(name, _)| name == b"content-length") {
                let parsed = std::str::from_utf8(length).ok().and_then(|length| length.parse::<u64>().ok());
                above_0 |= parsed.is_some_and(|length| length > 0);
                *length = b"0".to_vec();
            }
            above_0
        })
    })
};
