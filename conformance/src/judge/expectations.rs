//! What became of the expectations of a scenario. They are the claim of its author: a stack that does not meet one is
//! at fault only if the model does not contradict the claim.

use super::Judgement;
use crate::{
    comparison::{Comparison, Harness},
    ledger::{Divergence, Judged, LOST},
    oracles::{Law, Violation, expectation},
    outcome::Side,
    rfc9113::{Certainty, Clause, Truth},
    scenarios::{But, Expectation, Scenario},
};

/// The expectations of a scenario that are not simply met or unmet, by the numbers of their requests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expectations {
    /// Those that the model contradicts on both stacks: the author is wrong, or the model.
    pub disputed: Vec<usize>,
    /// Those that a stack does not meet because of ledger entries, although no `but` of the scenario says so yet.
    pub unstated: Vec<usize>,
}

impl Judgement {
    /// Checks what the scenario expects too.
    pub(super) fn hold_to(&mut self, harness: &Harness, scenario: &Scenario) {
        let disputed = disputed(scenario, &self.comparison);
        self.expectations.disputed = disputed.iter().filter_map(|violation| violation.request).collect();
        let mut unmet = expectation::judge(scenario, &self.comparison);
        unmet.retain(|violation| {
            violation.request.is_none() || disputed.iter().all(|of| of.request != violation.request)
        });
        let lost: Vec<_> = unmet.iter().map(|violation| self.lost(harness, scenario, violation)).collect();
        self.divergences.extend(LOST.iter().filter(|entry| lost.iter().flatten().any(|name| *name == entry.name)));
        let explained =
            |violation: &Violation, lost: bool| violation.request.filter(|_| lost || self.explains(violation, &unmet));
        let (mut unstated, mut unexplained) = (Vec::new(), self.unexplained);
        let unmet_and_lost = unmet.iter().zip(&lost);
        for (violation, lost) in unmet_and_lost.filter(|(violation, _)| !expectation::is_stated(scenario, violation)) {
            match explained(violation, lost.is_some()) {
                Some(request) => unstated.push(request),
                None => unexplained = true,
            }
        }
        unstated.sort_unstable();
        unstated.dedup();
        (self.expectations.unstated, self.unexplained) = (unstated, unexplained);
        // What the model disputes is said first.
        self.violations.splice(0..0, disputed);
        self.violations.extend(unmet);
    }

    /// Whether the ledger explains why a stack does not meet an expectation, which the model does not dispute: the stack
    /// breaks a law of the model for the same request, or the stacks differ and the other one meets it. A stale `but`
    /// belongs to no stack.
    fn explains(&self, violation: &Violation, unmet: &[Violation]) -> bool {
        let Some(stack) = violation.stack.filter(|_| !self.unexplained && !self.divergences.is_empty()) else {
            return false;
        };
        let of_request = |other: &&Violation| other.request == violation.request;
        let met_by_the_other = !unmet.iter().filter(of_request).any(|other| other.stack != Some(stack));
        let broken = self.violations.iter().filter(of_request).map(|broken| broken.stack);
        broken.into_iter().any(|by| by.map_or(met_by_the_other, |by| by == stack))
    }

    /// The entry of what both stacks lose after whose repair the expectation is met, if nothing else is unexplained.
    fn lost(&self, harness: &Harness, scenario: &Scenario, unmet: &Violation) -> Option<&'static str> {
        if self.unexplained || unmet.stack.is_none() {
            return None;
        }
        let met_after_repair = |entry: &&&Divergence| {
            let last = scenario.script.steps().len();
            Side::repaired(entry, &scenario.script, &self.comparison, last).is_some_and(|repaired| {
                let left = expectation::unmet(scenario, &harness.run(&repaired));
                !left.iter().any(|left| left.request == unmet.request && left.stack == unmet.stack)
            })
        };
        LOST.iter().find(met_after_repair).map(|entry| entry.name)
    }

    /// The `but` of the scenario with what the ledger explains added to it; `None` if there is nothing to add.
    pub(crate) fn but_to_state(&self, scenario: &Scenario) -> Option<Vec<But>> {
        let entries: Vec<_> = self.divergences.iter().map(|entry| entry.name).collect();
        let because = format!("The ledger has it as {}.", entries.join(", "));
        let unstated =
            self.expectations.unstated.iter().map(|request| But { request: *request, because: because.clone() });
        let all: Vec<But> = scenario.but.iter().cloned().chain(unstated).collect();
        (!self.expectations.unstated.is_empty()).then_some(all)
    }
}

/// A violation for each expectation that the model contradicts on both stacks. A contradiction on one stack alone is
/// the doing of that stack, which makes other frames cross.
fn disputed(scenario: &Scenario, comparison: &Comparison) -> Vec<Violation> {
    let disputed = scenario.expect.iter().enumerate().filter_map(|(number, expected)| {
        let truths = comparison.sides.each().map(|side| &side.model.truths[number]);
        truths.iter().all(|truth| contradicts(truth, expected)).then(|| Violation {
            law: Law::Expectation,
            stack: None,
            request: Some(number),
            message: format!(
                "the model disagrees with this expectation: expected is {expected}, but by the frames it is {}",
                by_the_frames(truths[0])
            ),
        })
    });
    disputed.collect()
}

/// Whether the truth about a request rules out what is expected of it. What a client brought about itself says nothing
/// about how the request should have ended.
fn contradicts(truth: &Truth, expected: &Expectation) -> bool {
    let rules_out = |certainty, expected: bool| certainty == if expected { Certainty::No } else { Certainty::Yes };
    let own = truth.ended_by.is_some_and(|by| matches!(by.clause, Clause::LastFrame | Clause::EndAtAnyTime));
    let stays_open = !expected.complete && expected.advice.is_none();
    let end = rules_out(truth.complete, expected.complete) || rules_out(truth.open, stays_open);
    truth.processed.iter().any(|one| !expected.processed.contains(one)) || (end && !own && !expected.choice)
}

fn by_the_frames(truth: &Truth) -> String {
    let processed: Vec<_> = truth.processed.iter().map(ToString::to_string).collect();
    let end = match (truth.complete, truth.open) {
        (Certainty::Yes, _) => "complete",
        (Certainty::Either, _) => "complete or cut",
        (Certainty::No, Certainty::Yes) => "open",
        (Certainty::No, Certainty::Either) => "open or cut",
        (Certainty::No, Certainty::No) => "ended without a whole response",
    };
    format!("processed {}, {end}", processed.join(" or "))
}
