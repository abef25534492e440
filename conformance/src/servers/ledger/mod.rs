//! The ledger of the servers: every known divergence between them, one a file, with its cause and its repair.
//!
//! As in the [clients' ledger](crate::ledger), *explained means repaired*: an entry names its trigger among the client's
//! frames, and the smallest edit that takes it away. A difference is excused only if both servers agree in everything once
//! that is done.
//!
//! To add a divergence: a file with an entry in it, its line in [`LEDGER`], and a file in `corpus/server` that shows it.

use super::{Exchange, ServerLaboratory, ServerTrial};
use crate::{
    ledger::{ATTEMPTS, Bench, Divergence, Explanation, search, with_repairs},
    script::{Script, Step},
};

macro_rules! ledger {
    ($($module:ident)*) => {
        $(mod $module;)*

        /// Every entry. The order is that in which repairs are tried.
        pub const LEDGER: &[&ServerDivergence] = &[$(&$module::ENTRY),*];
    };
}

ledger! {
    goaway_on_a_stream
    goaway_ends_own_requests
    path_without_slash
    conflicting_content_length
    content_length_without_content
    method_characters
    path_beyond_ascii
    dropped_tunnel
    empty_data_flood
    small_data_flood
    refused_streams_are_counted
    header_list_way_too_large
    oversized_header_list
    window_before_acknowledgement
    padding_in_flow_control
    window_drift
}

/// One known divergence of the servers. Its repair puts other steps in the place of the step at an index, so that the trigger
/// is gone; `None` if the step is no trigger. It edits only the fields that make the trigger.
pub type ServerDivergence = Divergence<fn(&Exchange<'_>, usize) -> Option<Vec<Step>>>;

/// Looks for the entries whose repair makes both servers agree on a client that sends frame by frame what `script` does.
pub fn explain(laboratory: &ServerLaboratory, script: &Script, trial: &ServerTrial) -> Explanation<ServerDivergence> {
    let spelt_out = Exchange::new(script).spelt_out();
    if spelt_out == *script {
        return search(laboratory, script, trial, ATTEMPTS);
    }
    // A repair edits one block. Here some refer to those before them; with all fields spelt out it is the same exchange.
    let again = laboratory.run(&spelt_out);
    match again.parting() {
        Some(_) => search(laboratory, &spelt_out, &again, ATTEMPTS),
        None => search(laboratory, script, trial, ATTEMPTS),
    }
}

impl Bench for ServerLaboratory {
    type Trial = ServerTrial;
    type Entry = ServerDivergence;

    fn entries(&self) -> &'static [&'static ServerDivergence] {
        LEDGER
    }

    fn play(&self, script: &Script) -> ServerTrial {
        self.run(script)
    }

    fn fault(&self, trial: &ServerTrial) -> Option<usize> {
        trial.parting()
    }

    fn repaired(&self, entry: &ServerDivergence, script: &Script, _: &ServerTrial, _: usize) -> Option<Script> {
        entry.repaired(script)
    }
}

impl ServerDivergence {
    /// The script with every trigger repaired; `None` if there is none.
    pub fn repaired(&self, script: &Script) -> Option<Script> {
        let exchange = Exchange::new(script);
        with_repairs(script.steps(), |index| (self.repair)(&exchange, index))
    }
}
