//! SETTINGS_INITIAL_WINDOW_SIZE that goes up and down.

use super::ServerDivergence;
use crate::ledger::initial_window_size_up_and_down::{self, repair};

pub(super) const ENTRY: ServerDivergence = ServerDivergence {
    effect: "Every request on a legacy server's connection fails although the client did nothing wrong.",
    scenario: "initial-window-size-of-a-client-goes-up-and-down",
    ..initial_window_size_up_and_down::ENTRY.on_servers(repair)
};
