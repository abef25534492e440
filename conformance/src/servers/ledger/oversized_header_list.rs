//! A field section larger than the server accepts, in a request that continues after it.

use super::{ServerDivergence, header_list_way_too_large::truncate};
use crate::{
    ledger::{Harm, oversized_header_list},
    stacks::Settings,
};

/// The largest field section that the server accepts, in the size that RFC 9113 §6.5.2 defines.
const LARGEST: usize = Settings::EQUAL_OF_SERVERS.max_header_list_size as usize - 1;

pub(super) const ENTRY: ServerDivergence = ServerDivergence {
    about: "After the 431 for a request whose head exceeds its limit, legacy resets the stream with REFUSED_STREAM, \
            as if it had not answered; modern uses PROTOCOL_ERROR.",
    rfc: "§8.7: REFUSED_STREAM says \"that the stream is being closed prior to any processing having occurred\", but \
          here the server has answered. §8.1 calls for NO_ERROR.",
    harm: Harm::Failure.on_legacy_and(Harm::Protocol),
    cause: "For an oversized head, recv_headers (proto/streams/streams.rs) of h2 0.3 schedules a reset with \
            REFUSED_STREAM; that of h2 0.4 uses PROTOCOL_ERROR.",
    changed: "h2 0.4.6 (hyperium/h2#792); not in h2 0.3.",
    effect: "A client of a legacy server that acts on the reset resends the same request, every time in vain.",
    scenario: "field-section-above-the-limit",
    ..oversized_header_list::ENTRY
        .on_servers(|frames, index| frames.with_block_fields(index, |fields| truncate(fields, LARGEST)))
};
