//! What one build of the suite makes of the scenarios: what the program of a swept release calls.

use crate::{
    comparison::Harness,
    judge::judge,
    oracles::{Law, expectation},
    report::play::{Play, PlayedRequest, RequestEnd, sent},
    scenarios::{self, Invalid, Scenario},
    stacks::drive::record_stack_panics,
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
    // A runtime of its own, because virtual time goes on in it: a release that asks the system's clock as well would
    // take the time that passed in one scenario for silence in all that follow.
    let judgement = judge(&Harness::new(), &scenario.script);
    let side = &judgement.comparison.sides[stack];
    let mut unexplained = Vec::new();
    if judgement.unexplained {
        unexplained.extend(judgement.violations.iter().map(ToString::to_string));
    }
    // What the scenario says of the releases in the lock file (`but`) may well not hold of another.
    let unmet = expectation::unmet(scenario, &judgement.comparison);
    let unmet = unmet.iter().filter(|violation| !expectation::is_stated(scenario, violation));
    unexplained.extend(unmet.map(ToString::to_string));
    let requests = side.outcome.requests.iter();
    Play {
        name: scenario.name.clone(),
        requests: requests.map(|request| PlayedRequest { end: RequestEnd::new(request), client: None }).collect(),
        sent: sent(&side.outcome),
        panics: side.observation.panics.len(),
        differs: judgement.violations.iter().any(|violation| violation.law == Law::Equivalence),
        divergences: judgement.divergences.iter().map(|entry| entry.name.to_owned()).collect(),
        unexplained,
    }
}
