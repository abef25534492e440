//! What became of the expectations of a scenario. They are the claim of its author: a stack that does not meet one is
//! at fault only if the model does not contradict the claim.

use super::Judgement;
use crate::{
    comparison::{Comparison, Harness},
    ledger::{Divergence, Judged, LOST},
    oracles::{Law, Violation, expectation},
    outcome::Side,
    rfc9113::{Certainty, Clause, Truth},
    scenarios::{But, Expectation, Scenario, alternatives},
    vocabulary::StackName,
};
use std::collections::{BTreeMap, BTreeSet};

/// The requests of a scenario that did not end as expected, and what is to be said of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expectations {
    /// Those whose expectation the model contradicts on both stacks: the author is wrong, or the model.
    pub disputed: Vec<usize>,
    /// Those that a stack ends otherwise because of ledger entries, with the names of these. No `but` of the scenario
    /// says so yet.
    pub unstated: BTreeMap<usize, BTreeSet<&'static str>>,
}

impl Judgement {
    /// Checks what the scenario expects too.
    pub(super) fn check_expectations(&mut self, harness: &Harness, scenario: &Scenario) {
        let disputed = disputed(scenario, &self.comparison);
        self.expectations.disputed = disputed.iter().filter_map(|violation| violation.request).collect();
        let mut unmet = expectation::judge(scenario, &self.comparison);
        unmet.retain(|violation| {
            violation.request.is_none() || disputed.iter().all(|of| of.request != violation.request)
        });
        let mut unstated: BTreeMap<usize, BTreeSet<&str>> = BTreeMap::new();
        let mut unexplained = Vec::new();
        let mut lost: Vec<&Divergence> = Vec::new();
        for violation in &unmet {
            let entries = violation.stack.zip(violation.request).filter(|_| !self.unexplained);
            let entries = entries.and_then(|(stack, request)| self.explanation(harness, scenario, stack, request));
            lost.extend(entries.iter().flatten());
            match (violation.request, entries) {
                _ if expectation::is_stated(scenario, violation) => {}
                (Some(request), Some(entries)) => {
                    unstated.entry(request).or_default().extend(entries.iter().map(|entry| entry.name));
                }
                (request, _) => unexplained.push(request),
            }
        }
        unstated.retain(|request, _| !unexplained.contains(&Some(*request)));
        self.divergences.extend(LOST.iter().filter(|entry| lost.iter().any(|lost| lost.name == entry.name)));
        self.unexplained |= !unexplained.is_empty();
        self.expectations.unstated = unstated;
        // What the model disputes is said first.
        self.violations.splice(0..0, disputed);
        self.violations.extend(unmet);
    }

    /// The entries of the ledger because of which a stack does not end this request as expected. A repair can change what
    /// is right for the request, so it does not have to meet an expectation that is not met because the stack is wrong by
    /// the model.
    fn explanation(
        &self,
        harness: &Harness,
        scenario: &Scenario,
        stack: StackName,
        request: usize,
    ) -> Option<Vec<&'static Divergence>> {
        let ended = |comparison: &Comparison| comparison.sides[stack].outcome.requests.get(request).cloned();
        let reading = Side::reading(&scenario.script, &self.comparison);
        let repaired = |entry: &Divergence| {
            let last = scenario.script.steps().len();
            Side::repaired(entry, &reading, last).map(|script| harness.run(&script))
        };
        let expected = scenario.expect.get(request)?;
        let is_met = |after: &Comparison| ended(after).is_some_and(|ended| expectation::is_met(expected, &ended));
        let is_wrong = |broken: &Violation| broken.request == Some(request) && broken.stack == Some(stack);
        let is_wrong_by_the_model = || self.violations.iter().any(is_wrong);
        // The stacks differ, and the other one is right.
        let is_met_by_the_other = || {
            let differs = |broken: &Violation| broken.request == Some(request) && broken.stack.is_none();
            let sides = self.comparison.sides.each().into_iter().filter(|side| side.stack != stack);
            let mut others = sides.filter_map(|side| side.outcome.requests.get(request));
            self.violations.iter().any(differs) && others.any(|other| expectation::is_met(expected, other))
        };
        let after_all = self.repaired.as_ref().map(|script| harness.run(script));
        if after_all.is_some_and(|after| is_wrong_by_the_model() || is_met_by_the_other() || is_met(&after)) {
            let broken = |violations: Vec<Violation>| violations.into_iter().filter(is_wrong).collect::<Vec<_>>();
            let before = (broken(self.violations.clone()), ended(&self.comparison));
            let concerns = |entry: &&Divergence| {
                repaired(entry).is_some_and(|after| (broken(Side::violations(&after)), ended(&after)) != before)
            };
            let of_request: Vec<_> = self.divergences.iter().copied().filter(concerns).collect();
            return Some(if of_request.is_empty() { self.divergences.clone() } else { of_request });
        }
        let lost = LOST.iter().find(|entry| repaired(entry).is_some_and(|after| is_met(&after)))?;
        Some(vec![lost])
    }

    /// The `but` of the scenario with what the ledger explains added to it; `None` if there is nothing to add.
    pub(crate) fn but_to_state(&self, scenario: &Scenario) -> Option<Vec<But>> {
        let unstated = self.expectations.unstated.iter().map(|(request, entries)| {
            let names: Vec<_> = entries.iter().copied().collect();
            But { request: *request, because: format!("The ledger has it as {}.", names.join(", ")) }
        });
        let all: Vec<But> = scenario.but.iter().cloned().chain(unstated).collect();
        (!self.expectations.unstated.is_empty()).then_some(all)
    }
}

/// A violation for each expectation that the model contradicts on both stacks. A contradiction on one stack alone is
/// the doing of that stack, which makes other frames cross.
fn disputed(scenario: &Scenario, comparison: &Comparison) -> Vec<Violation> {
    let disputed = scenario.expect.iter().enumerate().filter_map(|(number, expected)| {
        let truths = comparison.sides.each().map(|side| &side.model.truths[number]);
        truths.iter().all(|truth| contradicts(truth, expected)).then(|| {
            Violation::new(
                Law::Expectation,
                None,
                Some(number),
                format!(
                    "the model disagrees with this expectation: expected is {expected}, but by the frames it is {}",
                    by_the_frames(truths[0])
                ),
            )
        })
    });
    disputed.collect()
}

/// Whether the truth about a request rules out what is expected of it. What a client brought about itself says nothing
/// about how the request should have ended.
fn contradicts(truth: &Truth, expected: &Expectation) -> bool {
    let rules_out = |certainty, expected: bool| certainty == if expected { Certainty::No } else { Certainty::Yes };
    let own = truth.ended_by.is_some_and(|by| matches!(by.clause, Clause::LastFrame | Clause::EndAtAnyTime));
    let stays_open = !expected.complete && expected.advice.is_empty();
    let end = rules_out(truth.complete, expected.complete) || rules_out(truth.open, stays_open);
    truth.processed.iter().any(|one| !expected.processed.contains(one)) || (end && !own && !expected.choice)
}

fn by_the_frames(truth: &Truth) -> String {
    let end = match (truth.complete, truth.open) {
        (Certainty::Yes, _) => "complete",
        (Certainty::Either, _) => "complete or cut",
        (Certainty::No, Certainty::Yes) => "open",
        (Certainty::No, Certainty::Either) => "open or cut",
        (Certainty::No, Certainty::No) => "ended without a whole response",
    };
    format!("processed {}, {end}", alternatives(&truth.processed))
}
