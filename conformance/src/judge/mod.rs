//! Judges: a script, a scenario, an error chain or what a client sends to a server, held against the laws. What tests, fuzz
//! targets, the sweep and the run all call.

mod error_chains;
mod fingerprint;
mod known_by;
mod metamorphic;
mod smallest;

pub use error_chains::{ErrorChainJudge, smallest_error_chain};
pub use fingerprint::Fingerprint;
pub use known_by::KnownBy;
pub use metamorphic::judge_transformation;
pub use smallest::{known_by, smallest};

use crate::{
    comparison::{Comparison, Harness},
    ledger::{ATTEMPTS, Divergence, Judged, explain},
    oracles::{Violation, expectation},
    outcome::Side,
    rfc9113::Clauses,
    scenarios::Scenario,
    script::Script,
    stacks::Profile,
};

/// A script held against the laws, on clients or on servers.
pub struct Judgement<S: Judged = Side> {
    /// The settings that the stacks had.
    pub profile: Profile,
    /// What both stacks made of it.
    pub comparison: Comparison<S>,
    /// The laws that are broken.
    pub violations: Vec<Violation>,
    /// The entries of the ledger that explain what is broken, but for the law without exceptions.
    pub divergences: Vec<&'static Divergence<S::Repair>>,
    /// Whether the stacks differ with their own settings only, and not on equal ones.
    pub configuration: bool,
    /// Whether something is broken that nothing explains.
    pub unexplained: bool,
}

/// Plays a script and holds it against the laws.
pub fn judge<S: Judged>(harness: &Harness<S>, script: &Script) -> Judgement<S> {
    judge_comparison(harness, script, harness.run(script), ATTEMPTS)
}

/// Holds the comparison of a script against the laws, with at most so many attempts of the ledger to explain what is broken.
pub(crate) fn judge_comparison<S: Judged>(
    harness: &Harness<S>,
    script: &Script,
    comparison: Comparison<S>,
    attempts: usize,
) -> Judgement<S> {
    let violations = S::violations(&comparison);
    let mut divergences = Vec::new();
    let mut configuration = false;
    let mut unexplained = violations.iter().any(|violation| violation.law == S::UNCONDITIONAL);
    if violations.iter().any(|violation| violation.law != S::UNCONDITIONAL) {
        match explain(harness, script, &comparison, attempts) {
            Some(entries) => divergences = entries,
            None if is_configuration(harness, script) => configuration = true,
            None => unexplained = true,
        }
    }
    Judgement { profile: harness.profile(), comparison, violations, divergences, configuration, unexplained }
}

/// Whether what differs with the stacks' own settings does not differ, or is explained, on equal ones.
fn is_configuration<S: Judged>(harness: &Harness<S>, script: &Script) -> bool {
    harness.profile() == Profile::Defaults && !judge(&harness.on(Profile::Equal), script).unexplained
}

/// Plays a scenario and holds it against the laws and, unless they depend on other settings, its own expectations.
pub fn judge_scenario(harness: &Harness, scenario: &Scenario) -> Judgement {
    let mut judgement = judge(harness, &scenario.script);
    if scenario.is_held_to_laws_only(judgement.profile) {
        return judgement;
    }
    let unmet = expectation::judge(scenario, &judgement.comparison);
    judgement.unexplained |= unmet.iter().any(|violation| !expectation::is_stated(scenario, violation));
    judgement.violations.extend(unmet);
    judgement
}

impl<S: Judged> Judgement<S> {
    /// What makes it like others: the fingerprint of what breaks a law first; `None` if nothing does.
    pub fn fingerprint(&self) -> Option<Fingerprint<S::Result>> {
        self.violations.first().map(|violation| Fingerprint::of(&self.comparison, violation))
    }

    /// Its fingerprint in words; empty if nothing breaks a law.
    pub fn like(&self) -> String {
        self.fingerprint().map_or_else(String::new, |fingerprint| fingerprint.to_string())
    }
}

impl Judgement {
    /// The clauses of RFC 9113 that were met on either side.
    pub fn clauses(&self) -> Clauses {
        let [legacy, modern] = self.comparison.sides.each().map(|side| side.model.clauses);
        legacy.union(modern)
    }
}
