//! The ledger: every known divergence between the stacks, one a file, with its cause and its repair.
//!
//! *Explained means repaired.* An entry is not a pattern over outcomes, which would hide what is new. It names its trigger
//! in the script, and the smallest edit that takes the trigger away. A violation is excused only if the law itself holds
//! once the triggers that lie before the point of divergence are repaired; whatever is still wrong then is something else.
//!
//! To add a divergence: a file with a [`Divergence`] in it, its line in [`LEDGER`], and a scenario that reproduces it.

pub mod assertions;
mod exchange;

pub use exchange::Exchange;

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
    no_error_ends_body
    never_written_is_lost
    missing_preface
    enable_push_from_server
    pseudo_in_trailers
    request_pseudo_in_response
    malformed_fragment
    malformed_field_is_forgotten
    illegal_promise_after_reset
    stream_error_for_connection_error
    informational_head_is_hidden
    empty_content_length
    method_characters
    outer_whitespace
}

/// One known divergence.
pub struct Divergence {
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
    /// What it does to an application, in one sentence.
    pub effect: &'static str,
    /// The scenario that reproduces it.
    pub scenario: &'static str,
    /// What to put in the place of the step at this index so that the trigger is gone; `None` if the step is no trigger.
    /// It edits only the fields that make the trigger.
    pub repair: fn(&Exchange<'_>, usize) -> Option<Vec<Step>>,
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

/// What became of the violations of a script.
pub enum Explanation {
    /// With these entries repaired the laws hold.
    Repaired(Vec<&'static Divergence>),
    /// It is something else.
    Unexplained,
}

/// How many scripts are played for one explanation: a repair can let the exchange run on into the next trigger, and what
/// looks best at first can lead nowhere.
const ATTEMPTS: usize = 200;

/// Looks for the entries whose repair makes laws 2 to 6 hold for the script of `trial`.
pub fn explain(laboratory: &Laboratory, script: &Script, trial: &Trial) -> Explanation {
    let reframed = script.reframed();
    if reframed == *script {
        return explain_frames(laboratory, script, trial);
    }
    // Triggers are frames; here some of what the peer sends are bytes. What they are frame by frame is the same exchange.
    let again = laboratory.run(&reframed);
    match first_fault(&again) {
        Some(_) => explain_frames(laboratory, &reframed, &again),
        None => explain_frames(laboratory, script, trial),
    }
}

fn explain_frames(laboratory: &Laboratory, script: &Script, trial: &Trial) -> Explanation {
    let mut search = Search { laboratory, left: ATTEMPTS, played: vec![script.clone()], used: Vec::new() };
    if search.explains(script, trial) { Explanation::Repaired(search.used) } else { Explanation::Unexplained }
}

/// A search for repairs that leave nothing broken, the most promising first.
struct Search<'l> {
    laboratory: &'l Laboratory,
    /// How many more scripts may be played.
    left: usize,
    /// Every script that was played: repairs in another order often come to the same.
    played: Vec<Script>,
    /// The entries whose repairs are in the script that is looked at.
    used: Vec<&'static Divergence>,
}

impl Search<'_> {
    fn explains(&mut self, script: &Script, trial: &Trial) -> bool {
        let Some(last) = first_fault(trial) else { return true };
        let exchange = Exchange::new(script, trial);
        let mut attempts: Vec<Attempt> = Vec::new();
        for entry in LEDGER {
            let Some(repaired) = entry.repaired(&exchange, last) else { continue };
            if self.left == 0 || self.played.contains(&repaired) {
                continue;
            }
            self.left -= 1;
            self.played.push(repaired.clone());
            let trial = self.laboratory.run(&repaired);
            let reached = first_fault(&trial);
            if reached.is_none() {
                note(&mut self.used, entry);
                return true;
            }
            attempts.push(Attempt { entry, repaired, reached, trial });
        }
        // No repair is enough alone. The one after which the laws hold for longest stays first.
        attempts.sort_by_key(|attempt| std::cmp::Reverse(attempt.reached));
        attempts.iter().any(|attempt| {
            let before = self.used.len();
            note(&mut self.used, attempt.entry);
            let explained = self.explains(&attempt.repaired, &attempt.trial);
            if !explained {
                self.used.truncate(before);
            }
            explained
        })
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

/// A script with one entry more repaired.
struct Attempt {
    entry: &'static Divergence,
    repaired: Script,
    trial: Trial,
    reached: Option<usize>,
}

fn note(used: &mut Vec<&'static Divergence>, entry: &'static Divergence) {
    if !used.iter().any(|known| known.name == entry.name) {
        used.push(entry);
    }
}

impl Divergence {
    /// The script of the exchange with every trigger up to the step `last` repaired; `None` if there is none.
    pub fn repaired(&self, exchange: &Exchange<'_>, last: usize) -> Option<Script> {
        let mut steps = Vec::with_capacity(exchange.steps().len());
        let mut any = false;
        for (index, step) in exchange.steps().iter().enumerate() {
            match (index <= last).then(|| (self.repair)(exchange, index)).flatten() {
                Some(repaired) => {
                    any = true;
                    steps.extend(repaired);
                }
                None => steps.push(step.clone()),
            }
        }
        any.then(|| Script::new(steps))
    }
}
