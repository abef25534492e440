//! The servers' ledger: every known divergence between them, one per file, with its cause and its repair.
//!
//! As in the [clients' ledger](crate::ledger), *explained means repaired*: an entry names its trigger in the client's
//! frames, and the smallest edit that removes it. A difference is excused only if the servers agree on everything after
//! the repairs.
//!
//! To add a divergence: a file with an entry, its line in [`LEDGER`], and a file in `corpus/server` that reproduces it.

use super::{Exchange, ServerComparison, ServerHarness};
use crate::{
    ledger::{ATTEMPTS, Divergence, Explanation, Replayer, search, with_repairs},
    script::{Script, Step},
};

mod conflicting_content_length;
mod content_length_without_content;
mod dropped_tunnel;
mod empty_data_flood;
mod goaway_ends_own_requests;
mod goaway_on_a_stream;
mod header_list_way_too_large;
mod initial_window_size_up_and_down;
mod method_characters;
mod oversized_header_list;
mod padding_in_flow_control;
mod path_beyond_ascii;
mod path_without_slash;
mod refused_streams_are_counted;
mod small_data_flood;
mod window_before_acknowledgement;

/// Every entry, in the order in which repairs are tried.
pub const LEDGER: &[&ServerDivergence] = &[
    &goaway_on_a_stream::ENTRY,
    &goaway_ends_own_requests::ENTRY,
    &path_without_slash::ENTRY,
    &conflicting_content_length::ENTRY,
    &content_length_without_content::ENTRY,
    &method_characters::ENTRY,
    &path_beyond_ascii::ENTRY,
    &dropped_tunnel::ENTRY,
    &empty_data_flood::ENTRY,
    &small_data_flood::ENTRY,
    &refused_streams_are_counted::ENTRY,
    &header_list_way_too_large::ENTRY,
    &oversized_header_list::ENTRY,
    &window_before_acknowledgement::ENTRY,
    &padding_in_flow_control::ENTRY,
    &initial_window_size_up_and_down::ENTRY,
];

/// One known divergence of the servers. Its repair returns the steps that replace the step at an index and remove the
/// trigger; `None` if the step is no trigger. It edits only the fields that make the trigger.
pub type ServerDivergence = Divergence<fn(&Exchange<'_>, usize) -> Option<Vec<Step>>>;

/// Searches for the entries whose repairs make both servers agree on the client of `script`.
pub fn explain(
    harness: &ServerHarness,
    script: &Script,
    comparison: &ServerComparison,
) -> Explanation<ServerDivergence> {
    let spelt_out = Exchange::new(script).spelt_out();
    if spelt_out == *script {
        return search(harness, script, comparison, ATTEMPTS);
    }
    // A repair edits one block, but some blocks of this script refer to earlier ones. With all fields spelt out, it is
    // the same exchange.
    let again = harness.run(&spelt_out);
    match again.parting() {
        Some(_) => search(harness, &spelt_out, &again, ATTEMPTS),
        None => search(harness, script, comparison, ATTEMPTS),
    }
}

impl Replayer for ServerHarness {
    type Comparison = ServerComparison;
    type Entry = ServerDivergence;

    fn entries(&self) -> &'static [&'static ServerDivergence] {
        LEDGER
    }

    fn play(&self, script: &Script) -> ServerComparison {
        self.run(script)
    }

    fn fault(&self, comparison: &ServerComparison) -> Option<usize> {
        comparison.parting()
    }

    fn repaired(&self, entry: &ServerDivergence, script: &Script, _: &ServerComparison, _: usize) -> Option<Script> {
        entry.repaired(script)
    }
}

impl ServerDivergence {
    /// The script with every trigger repaired; `None` if it has none.
    pub fn repaired(&self, script: &Script) -> Option<Script> {
        let exchange = Exchange::new(script);
        with_repairs(script.steps(), |index| (self.repair)(&exchange, index))
    }
}
