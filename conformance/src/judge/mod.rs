//! Judges check a script, a scenario, an error chain, or the bytes that a client sends to a server against the laws.
//! Tests, fuzz targets, the sweep and the run call them.

mod clients;
mod error_chains;
mod expectations;
mod fingerprint;
mod known_by;
mod metamorphic;
mod smallest;

pub use clients::{ClientJudge, ClientJudgement};
pub use error_chains::{ErrorChainJudge, smallest_error_chain};
pub use expectations::Expectations;
pub use fingerprint::Fingerprint;
pub use known_by::KnownBy;
pub use metamorphic::Settled;
pub use smallest::{known_by, smallest};

use crate::{
    comparison::{Comparison, Harness},
    ledger::{ATTEMPTS, Divergence, Judged, explain},
    oracles::Violation,
    outcome::Side,
    rfc9113::Clauses,
    scenarios::Scenario,
    script::Script,
    stacks::Profile,
};

/// The result of checking a script against the laws, on clients or on servers.
pub struct Judgement<S: Judged = Side> {
    /// The settings of the stacks.
    pub profile: Profile,
    /// The outcomes on both stacks.
    pub comparison: Comparison<S>,
    /// The laws that are broken.
    pub violations: Vec<Violation>,
    /// The ledger entries that explain the violations, except those of the unconditional law.
    pub divergences: Vec<&'static Divergence<S::Repair>>,
    /// The script after the repairs of these entries, if they explain the violations.
    pub repaired: Option<Script>,
    /// Whether default settings explain the violations: with equal settings nothing is unexplained.
    pub configuration: bool,
    /// Whether there is a violation that nothing explains.
    pub unexplained: bool,
    /// What became of the expectations of a scenario.
    pub expectations: Expectations,
}

/// Plays a script and checks it against the laws.
pub fn judge<S: Judged>(harness: &Harness<S>, script: &Script) -> Judgement<S> {
    judge_comparison(harness, script, harness.run(script), ATTEMPTS)
}

/// Checks the comparison of a script against the laws, with at most `attempts` attempts to explain the violations.
pub(crate) fn judge_comparison<S: Judged>(
    harness: &Harness<S>,
    script: &Script,
    comparison: Comparison<S>,
    attempts: usize,
) -> Judgement<S> {
    let violations = S::violations(&comparison);
    let (mut divergences, mut repaired) = (Vec::new(), None);
    let mut configuration = false;
    let mut unexplained = violations.iter().any(|violation| violation.law == S::UNCONDITIONAL);
    if violations.iter().any(|violation| violation.law != S::UNCONDITIONAL) {
        let equal = Equal::of(harness, script);
        configuration = equal.as_ref().is_some_and(Equal::holds);
        let explanation =
            if configuration { None } else { explain(harness, script, &comparison, &violations, attempts) };
        match explanation {
            Some(explanation) => (divergences, repaired) = (explanation.entries, Some(explanation.repaired)),
            None if configuration => {}
            None if equal.is_some_and(Equal::explained) => configuration = true,
            None => unexplained = true,
        }
    }
    Judgement {
        profile: harness.profile(),
        comparison,
        violations,
        divergences,
        repaired,
        configuration,
        unexplained,
        expectations: Expectations::default(),
    }
}

/// A script of stacks with their default settings, played with equal ones.
struct Equal<'s, S: Judged> {
    harness: Harness<S>,
    script: &'s Script,
    comparison: Comparison<S>,
}

impl<'s, S: Judged> Equal<'s, S> {
    fn of(harness: &Harness<S>, script: &'s Script) -> Option<Equal<'s, S>> {
        let harness = (harness.profile() == Profile::Defaults).then(|| harness.on(Profile::Equal))?;
        let comparison = harness.run(script);
        Some(Equal { harness, script, comparison })
    }

    /// Whether no law is broken. That costs one play, where a search of the ledger in vain costs many.
    fn holds(&self) -> bool {
        S::violations(&self.comparison).is_empty()
    }

    /// Whether the ledger explains everything that is broken.
    fn explained(self) -> bool {
        !judge_comparison(&self.harness, self.script, self.comparison, ATTEMPTS).unexplained
    }
}

/// Plays a scenario and checks it against the laws and, unless they depend on other settings, its own expectations.
pub fn judge_scenario(harness: &Harness, scenario: &Scenario) -> Judgement {
    let mut judgement = judge(harness, &scenario.script);
    if !scenario.is_held_to_laws_only(judgement.profile) {
        judgement.check_expectations(harness, scenario);
    }
    judgement
}

impl<S: Judged> Judgement<S> {
    /// The entries whose repairs together leave no law broken.
    pub fn explained_by(&self) -> impl Iterator<Item = &'static Divergence<S::Repair>> {
        let explains_laws = |entry: &&Divergence<S::Repair>| S::LEDGER.iter().any(|known| known.name == entry.name);
        self.divergences.iter().copied().filter(explains_laws)
    }

    /// Whether the ledger, or the settings of the stacks, explain the violations of all laws that an entry can explain.
    pub fn explains_laws(&self) -> bool {
        self.configuration || self.explained_by().next().is_some()
    }

    /// The fingerprint of the first violation; `None` if there is none.
    pub fn fingerprint(&self) -> Option<Fingerprint<S::Result>> {
        self.violations.first().map(|violation| Fingerprint::of(&self.comparison, violation))
    }

    /// Its fingerprint as text; empty if no law is broken.
    pub fn like(&self) -> String {
        self.fingerprint().map_or_else(String::new, |fingerprint| fingerprint.to_string())
    }
}

impl Judgement {
    /// The clauses of RFC 9113 that either side reached.
    pub fn clauses(&self) -> Clauses {
        let [legacy, modern] = self.comparison.sides.each().map(|side| side.model.clauses);
        legacy.union(modern)
    }
}
