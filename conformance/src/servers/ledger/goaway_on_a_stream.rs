//! GOAWAY on a stream other than 0.

use super::ServerDivergence;
use crate::ledger::{
    Harm,
    goaway_on_a_stream::{self, repair},
};

pub(super) const ENTRY: ServerDivergence = ServerDivergence {
    about: "Legacy treats a GOAWAY on a stream as one on the connection, and shuts down; modern ends the connection \
            with PROTOCOL_ERROR.",
    harm: Harm::Protocol.on_legacy(),
    effect: "A legacy server reports the peer's error code to its application instead of the peer's fault.",
    scenario: "goaway-on-a-stream-other-than-0",
    ..goaway_on_a_stream::ENTRY.on_servers(repair)
};
