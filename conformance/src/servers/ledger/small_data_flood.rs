//! Many DATA frames with little content.

use super::ServerDivergence;
use crate::{
    ledger::{ignored, small_data_flood},
    stacks::Settings,
};

/// The most that unread DATA frames may cost on a connection.
const BUDGET: usize = Settings::EQUAL_OF_SERVERS.connection_window as usize / 2;

pub(super) const ENTRY: ServerDivergence = ServerDivergence {
    about: "Legacy accepts any number of small DATA frames; modern ends the connection with ENHANCE_YOUR_CALM once \
            too many wait for the application: about 2,000 with its default settings.",
    effect: "An upload in many small writes that arrive at once makes every request on its connection to a modern \
             server fail.",
    scenario: "flood-of-small-data-from-a-client",
    ..small_data_flood::ENTRY.on_servers(|frames, index| {
        // How much the application gives back by reading is not known here: this is the most that can have been spent.
        let is_trigger = frames.charges()[index] > BUDGET && frames.is_charged(index);
        frames.frame(index).filter(|_| is_trigger).map(ignored)
    })
};
