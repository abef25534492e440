//! The ledger: every known divergence between the stacks, one a file, with its cause and its repair.
//!
//! *Explained means repaired.* An entry is not a pattern over outcomes, which would hide what is new. It names its trigger
//! in the script, and the smallest edit that takes the trigger away. A violation is excused only if the law itself holds
//! once the triggers that lie before the point of divergence are repaired; whatever is still wrong then is something else.
//!
//! To add a divergence: a file with a [`Divergence`] in it, its line in [`LEDGER`], and a scenario that reproduces it.

pub mod assertions;
mod exchange;
mod search;

pub use exchange::Exchange;
pub(crate) use exchange::ignored;
pub use search::{ATTEMPTS, Bench, Explanation, search, with_repairs};
pub(crate) use window_drift::without_underflow;

use crate::{
    oracles::{Completeness, Equivalence, Integrity, Liveness, Oracle, Safety, Violation},
    script::{Script, Step},
    trial::{Laboratory, Trial},
};

macro_rules! ledger {
    ($($module:ident)*) => {
        $(mod $module;)*

        /// Every entry. The order is that in which repairs are tried.
        pub const LEDGER: &[&Divergence] = &[$(&$module::ENTRY),*];
    };
}

ledger! {
    request_body_fails
    goaway_on_stream
    missing_status
    informational_end_stream
    content_length_without_content
    cancel_ends_body
    whole_response_discarded
    empty_data_flood
    small_data_flood
    padding_in_flow_control
    oversized_header_list
    window_drift
    reset_before_headers
    frame_on_idle_stream
    push_promise_after_reset
    goaway_drops_reset
    goaway_while_a_request_waits
    waiting_request_is_blamed
    upload_waits_for_room
    connection_window_shared
    conflicting_content_length
    keep_alive_while_idle
    empty_data_no_sign_of_life
    no_error_ends_body
    never_written_is_lost
    missing_preface
    enable_push_from_server
    pseudo_in_trailers
    request_pseudo_in_response
    malformed_fragment
    malformed_field_is_forgotten
    late_size_update
    setting_twice
    illegal_promise_after_reset
    stream_error_for_connection_error
    informational_head_is_hidden
    empty_content_length
    method_characters
    outer_whitespace
}

/// One known divergence: of the clients, or with repairs of another type of others.
pub struct Divergence<Repair = fn(&Exchange<'_>, usize) -> Option<Vec<Step>>> {
    /// Its name, in the words of a scenario.
    pub name: &'static str,
    /// What differs, in one sentence.
    pub about: &'static str,
    /// The clause of RFC 9113 that decides, in its words.
    pub rfc: &'static str,
    /// Which side is right by it.
    pub right: Right,
    /// Where in the upstream sources the difference comes from.
    pub cause: &'static str,
    /// The release that made the difference, and the change or issue where there is one.
    pub changed: &'static str,
    /// The public issue or change that tells of it; `None` if none was found.
    pub reported: Option<&'static str>,
    /// What it does to an application, in one sentence.
    pub effect: &'static str,
    /// The scenario that reproduces it; of the servers, the file in `corpus/server`.
    pub scenario: &'static str,
    /// What to put in the place of the step at this index so that the trigger is gone; `None` if the step is no trigger.
    /// It edits only the fields that make the trigger.
    pub repair: Repair,
}

/// Which side of a divergence keeps to RFC 9113.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Right {
    /// Only hyper 0.14 on h2 0.3 does.
    Legacy,
    /// Only hyper 1 on h2 0.4 does.
    Modern,
    /// Both do: the RFC leaves a choice.
    Both,
    /// Neither does.
    Neither,
}

/// The laws beside equivalence whose violations an entry can explain: law 1 has no exceptions.
const EXPLAINED: [&dyn Oracle; 4] = [&Safety, &Completeness, &Integrity, &Liveness];

/// Looks for the entries whose repair makes laws 2 to 6 hold for the script of `trial`, and plays at most `attempts` scripts
/// for it.
pub fn explain(laboratory: &Laboratory, script: &Script, trial: &Trial, attempts: usize) -> Explanation<Divergence> {
    let reframed = script.reframed();
    if reframed == *script {
        return search(laboratory, script, trial, attempts);
    }
    // Triggers are frames; here some of what the peer sends are bytes. What they are frame by frame is the same exchange.
    let again = laboratory.run(&reframed);
    match first_fault(&again) {
        Some(_) => search(laboratory, &reframed, &again, attempts),
        None => search(laboratory, script, trial, attempts),
    }
}

/// The names of the entries that have a trigger in the script, before what is wrong in its trial.
pub fn applicable(script: &Script, trial: &Trial) -> Vec<&'static str> {
    let Some(fault) = first_fault(trial) else { return Vec::new() };
    let exchange = Exchange::new(script, trial);
    LEDGER.iter().filter(|entry| entry.repaired(&exchange, fault).is_some()).map(|entry| entry.name).collect()
}

impl Bench for Laboratory {
    type Trial = Trial;
    type Entry = Divergence;

    fn entries(&self) -> &'static [&'static Divergence] {
        LEDGER
    }

    fn play(&self, script: &Script) -> Trial {
        self.run(script)
    }

    fn fault(&self, trial: &Trial) -> Option<usize> {
        first_fault(trial)
    }

    fn repaired(&self, entry: &Divergence, script: &Script, trial: &Trial, fault: usize) -> Option<Script> {
        entry.repaired(&Exchange::new(script, trial), fault)
    }
}

/// The last step that had begun when a law that can be explained was first broken; `None` if they all hold.
fn first_fault(trial: &Trial) -> Option<usize> {
    if assertions::is_known(trial) {
        return None;
    }
    // However much differs, the sides part in one place.
    let difference = Equivalence.judge(trial).into_iter().next();
    let violations = difference.into_iter().chain(EXPLAINED.iter().flat_map(|law| law.judge(trial)));
    violations.map(|violation: Violation| violation.step(trial).unwrap_or_default()).min()
}

impl Divergence {
    /// The script of the exchange with every trigger up to the step `last` repaired; `None` if there is none.
    pub fn repaired(&self, exchange: &Exchange<'_>, last: usize) -> Option<Script> {
        with_repairs(exchange.steps(), |index| (index <= last).then(|| (self.repair)(exchange, index)).flatten())
    }
}
