//! A field section larger than the server takes, of a request that goes on.

use super::ServerDivergence;
use crate::{ledger::Right, stacks::Settings};

/// The server takes field sections that are smaller than this, by the size that RFC 9113 §6.5.2 gives them.
const LIMIT: usize = Settings::EQUAL_OF_SERVERS.max_header_list_size as usize;

pub(super) const ENTRY: ServerDivergence = ServerDivergence {
    name: "oversized-header-list",
    about: "Behind the 431 for a request whose head is larger than it takes, legacy resets the stream with REFUSED_STREAM, as \
            if it had not answered; modern with PROTOCOL_ERROR.",
    rfc: "§8.7 has REFUSED_STREAM say \"that the stream is being closed prior to any processing having occurred\", and here \
          the server has answered. §8.1 would have it say NO_ERROR.",
    right: Right::Neither,
    cause: "On an oversized head recv_headers (proto/streams/streams.rs) of h2 0.3 schedules a reset with REFUSED_STREAM, \
            that of h2 0.4 with PROTOCOL_ERROR.",
    changed: "h2 0.4.6 (hyperium/h2#792); not in h2 0.3.",
    reported: Some("hyperium/h2#792"),
    effect: "A client of a legacy server that goes by the reset sends the same request again, and again in vain.",
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
