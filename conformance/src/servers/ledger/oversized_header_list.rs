//! A field section larger than the server accepts, in a request that continues after it.

use super::ServerDivergence;
use crate::{ledger::Right, stacks::Settings};

/// The server accepts field sections smaller than this, in the size that RFC 9113 §6.5.2 defines.
const LIMIT: usize = Settings::EQUAL_OF_SERVERS.max_header_list_size as usize;

pub(super) const ENTRY: ServerDivergence = ServerDivergence {
    name: "oversized-header-list",
    about: "After the 431 for a request whose head exceeds its limit, legacy resets the stream with REFUSED_STREAM, \
            as if it had not answered; modern uses PROTOCOL_ERROR.",
    rfc: "§8.7: REFUSED_STREAM says \"that the stream is being closed prior to any processing having occurred\", but \
          here the server has answered. §8.1 calls for NO_ERROR.",
    right: Right::Neither,
    cause: "For an oversized head, recv_headers (proto/streams/streams.rs) of h2 0.3 schedules a reset with \
            REFUSED_STREAM; that of h2 0.4 uses PROTOCOL_ERROR.",
    changed: "h2 0.4.6 (hyperium/h2#792); not in h2 0.3.",
    reported: Some("hyperium/h2#792"),
    effect: "A client of a legacy server that acts on the reset resends the same request, every time in vain.",
    scenario: "field-section-above-the-limit",
    repair: |exchange, index| {
        exchange.with_fields(index, |fields| {
            let all = fields.len();
            let mut size = 0;
            let fitting = fields.iter().take_while(|(name, value)| {
                size += name.len() + value.len() + 32;
                size < LIMIT
            });
            let fitting = fitting.count();
            fields.truncate(fitting);
            fitting < all
        })
    },
};
