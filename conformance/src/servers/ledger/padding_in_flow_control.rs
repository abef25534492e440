//! Padding that fills a flow-control window.

use super::ServerDivergence;
use crate::{
    ledger::padding_in_flow_control::{self, repair},
    stacks::Settings,
};

pub(super) const ENTRY: ServerDivergence = ServerDivergence {
    effect: "A client that counts padding and a legacy server that does not disagree about the window.",
    scenario: "padding-fills-the-window-of-a-server",
    ..padding_in_flow_control::ENTRY
        .on_servers(|frames, index| repair(frames, index, Settings::EQUAL_OF_SERVERS.stream_window))
};
