//! A field section larger than the client accepts.

use super::{Divergence, Harm, exchange::with_payload};
use crate::{
    http2::{View, hpack},
    stacks::Settings,
};

pub(crate) const ENTRY: Divergence = Divergence {
    name: "oversized-header-list",
    about: "Legacy resets a response whose head exceeds its limit with REFUSED_STREAM and gives the application that \
            code, as if the request had not been processed; modern uses PROTOCOL_ERROR.",
    rfc: "§8.7: REFUSED_STREAM says \"that the stream is being closed prior to any processing having occurred\", but \
          here the peer has answered. §10.5.1: \"A client can discard responses that it cannot process.\"",
    project: "h2",
    harm: Harm::RunTwice.on_legacy(),
    cause: "For an oversized head, recv_headers (proto/streams/streams.rs) of h2 0.3 returns \
            library_reset(REFUSED_STREAM); that of h2 0.4 returns library_reset(PROTOCOL_ERROR).",
    changed: "h2 0.4.6 (hyperium/h2#792); earlier releases of 0.4 send REFUSED_STREAM to the peer, but tell the \
              application nothing and leave its request open; not in h2 0.3.",
    reported: Some("hyperium/h2#792"),
    effect: "A legacy client resends a request that the server has answered, even a POST.",
    meanwhile: None,
    scenario: "head-larger-than-the-client-takes",
    repair: |exchange, index| {
        let frame = exchange.frame(index).filter(|_| exchange.begins_head(index))?;
        let View::Headers(block) = frame.view() else { return None };
        // Both h2 take a section of exactly the limit as too large.
        (hpack::section_size(block)? >= Settings::EQUAL.max_header_list_size as usize)
            .then(|| with_payload(frame, hpack::encode([(":status", "200")]).into()))
    },
};
