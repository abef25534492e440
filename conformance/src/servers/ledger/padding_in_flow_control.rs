//! Padding that exceeds a flow-control window.

use super::ServerDivergence;
use crate::{
    ledger::padding_in_flow_control::{self, repair},
    stacks::Settings,
};

pub(super) const ENTRY: ServerDivergence = ServerDivergence {
    effect: "A client that counts padding and a legacy server that does not disagree about the window.",
    scenario: "padding-fills-the-window-of-a-server",
    // No client exceeds the connection's window without that of a stream: too few streams are open at once.
    ..padding_in_flow_control::ENTRY.on_servers(|frames, index| {
        repair(frames, index, Settings::EQUAL_OF_SERVERS.stream_window as usize + 1, usize::MAX)
    })
};
