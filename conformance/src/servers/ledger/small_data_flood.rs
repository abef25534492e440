//! Many DATA frames with little content.

use super::ServerDivergence;
use crate::{
    ledger::{Right, ignored},
    script::Step,
    stacks::Settings,
};

/// A DATA frame with less content than this costs the difference.
const SMALL: usize = 256;

/// The most that unread DATA frames may cost on a connection.
const BUDGET: usize = Settings::EQUAL_OF_SERVERS.connection_window as usize / 2;

pub(super) const ENTRY: ServerDivergence = ServerDivergence {
    name: "small-data-flood",
    about: "Legacy accepts any number of small DATA frames; modern ends the connection with ENHANCE_YOUR_CALM once \
            too many wait for the application: about 2,000 with its default settings.",
    rfc: "§10.5: \"An endpoint MAY treat activity that is suspicious as a connection error (Section 5.4.1) of type \
          ENHANCE_YOUR_CALM.\"",
    right: Right::Both,
    cause: "Counts::record_data_frame (proto/streams/counts.rs) of h2 0.4 charges each unread DATA frame below 256 \
            bytes the difference, against half the connection's window; h2 0.3 does not count them.",
    changed: "h2 0.4.16 (hyperium/h2#935, RUSTSEC-2026-0258), against half the window since 0.4.19 \
              (hyperium/h2#945); not in h2 0.3.",
    reported: Some("hyperium/h2#944"),
    effect: "An upload in many small writes that arrive at once makes every request on its connection to a modern \
             server fail.",
    scenario: "flood-of-small-data-from-a-client",
    repair: |exchange, index| {
        let data = exchange.data();
        let cost = |data: &Option<usize>| data.filter(|data| (1..SMALL).contains(data)).map(|data| SMALL - data);
        let frame = exchange.frame(index).filter(|_| cost(&data[index]).is_some())?;
        // How much the application gives back by reading is not known here: this is the most that can have been spent.
        let spent: usize = data[..=index].iter().filter_map(cost).sum();
        (spent > BUDGET).then(|| vec![Step::Send(ignored(frame))])
    },
};
