//! Thousands of DATA frames with a few bytes each.

use super::{Divergence, LEFT_OPEN, frames::ignored};
use crate::stacks::Settings;

/// The most that small DATA frames may cost while they wait for the application: half the connection's window.
const BUDGET: usize = Settings::EQUAL.connection_window as usize / 2;

pub(crate) const ENTRY: Divergence = Divergence {
    name: "small-data-flood",
    about: "Legacy accepts any number of DATA frames of a few bytes; modern ends the connection with \
            ENHANCE_YOUR_CALM once about 2,000 wait for the application, and every request on it fails.",
    rfc: "§10.5: \"An endpoint MAY treat activity that is suspicious as a connection error (Section 5.4.1) of type \
          ENHANCE_YOUR_CALM.\"",
    project: "h2",
    harm: LEFT_OPEN,
    cause: "Counts::record_data_frame (proto/streams/counts.rs) of h2 0.4 charges a DATA frame below 256 bytes the \
            difference, against a budget of half the connection's window that the application refills by reading; h2 \
            0.3 has no such budget.",
    changed: "h2 0.4.16 (hyperium/h2#935, RUSTSEC-2026-0258); the budget depends on the connection's window since \
              0.4.19 (hyperium/h2#946), and follows its changes since 0.4.20 (hyperium/h2#965); not in h2 0.3.",
    reported: Some("hyperium/h2#944"),
    effect: "A server that writes many small pieces makes every request on a modern client's connection fail.",
    meanwhile: None,
    scenario: "flood-of-small-data",
    repair: |exchange, index| {
        let charges = exchange.charges();
        // How much the application gives back by reading is not known here: this is the most that can have been spent.
        let all = charges.last().copied().unwrap_or_default();
        // A repair reaches only to where the stacks diverge: it removes as much before the limit as comes after it.
        let is_trigger = all > BUDGET && charges[index] + all > 2 * BUDGET && exchange.is_charged(index);
        exchange.frame(index).filter(|_| is_trigger).map(ignored)
    },
};
