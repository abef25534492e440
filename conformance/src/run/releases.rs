//! Plays the scenarios with one build of the suite. The program of a swept release calls it.

use crate::{
    comparison::Harness,
    judge::judge,
    oracles::{Law, expectation},
    report::play::{Play, PlayedRequest, RequestEnd, sent},
    scenarios::{self, Invalid, Scenario},
    stacks::panics::record_stack_panics,
    vocabulary::StackName,
};

/// Plays the suite's own scenarios on a stack, with the crates that this program was built with.
///
/// # Errors
///
/// If a scenario of the suite is not valid.
pub fn play_release(stack: StackName) -> Result<Vec<Play>, Invalid> {
    record_stack_panics();
    Ok(scenarios::built_in()?.iter().map(|scenario| play(scenario, stack)).collect())
}

fn play(scenario: &Scenario, stack: StackName) -> Play {
    // Each scenario gets its own runtime, because virtual time continues in a runtime: a release that also reads the
    // system's clock would count the time of earlier scenarios as silence.
    let judgement = judge(&Harness::new(), &scenario.script);
    let side = &judgement.comparison.sides[stack];
    let broken = judgement.violations.iter().filter(|_| judgement.unexplained);
    // The scenario's `but` describes the releases in the lock file, and may not hold for another.
    let unmet = expectation::unmet(scenario, &judgement.comparison);
    let unmet = unmet.iter().filter(|violation| !expectation::is_stated(scenario, violation));
    let requests = side.outcome.requests.iter();
    Play {
        name: scenario.name.clone(),
        requests: requests.map(|request| PlayedRequest { end: RequestEnd::new(request), client: None }).collect(),
        sent: sent(&side.outcome),
        panics: side.observation.panics.len(),
        differs: judgement.violations.iter().any(|violation| violation.law == Law::Equivalence),
        divergences: judgement.divergences.iter().map(|entry| entry.name.to_owned()).collect(),
        unexplained: broken.chain(unmet).map(ToString::to_string).collect(),
    }
}
