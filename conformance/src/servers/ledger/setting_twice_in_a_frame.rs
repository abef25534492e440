//! One setting twice in one SETTINGS frame of a client.

use super::ServerDivergence;
use crate::ledger::setting_twice_in_a_frame::{self, repair};

pub(super) const ENTRY: ServerDivergence = ServerDivergence {
    effect: "A client that has emptied its table so may read the next responses with fields that the server did not \
             write, or end the connection with COMPRESSION_ERROR.",
    scenario: "header-table-size-twice-in-a-frame",
    ..setting_twice_in_a_frame::ENTRY.on_servers(repair)
};
