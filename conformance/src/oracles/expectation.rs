//! Both stacks meet what a scenario expects of each request by RFC 9113.

use super::{Law, Violation, completeness, integrity, liveness, safety};
use crate::{
    classifiers::{Opinion, Verdict},
    comparison::Comparison,
    outcome::{OutcomeEnd, RequestOutcome, Side},
    peer::Record,
    scenarios::{Expectation, Scenario, alternatives},
    script::Step,
};

/// The expectations of the scenario that a stack does not meet, and those that its `but` says are not met but are.
pub fn judge(scenario: &Scenario, comparison: &Comparison) -> Vec<Violation> {
    let mut violations = unmet(scenario, comparison);
    for but in &scenario.but {
        if !violations.iter().any(|violation| violation.request == Some(but.request)) {
            let message = "the scenario says why a stack does not meet this, but both do: remove `but`";
            violations.push(Violation::new(Law::Expectation, None, Some(but.request), message));
        }
    }
    violations
}

/// Whether the request is all that is expected of it.
pub(crate) fn is_met(expected: &Expectation, outcome: &RequestOutcome) -> bool {
    wrong(expected, outcome).is_none()
}

/// The expectations of the scenario that a stack does not meet.
pub fn unmet(scenario: &Scenario, comparison: &Comparison) -> Vec<Violation> {
    comparison.sides.each().into_iter().flat_map(|side| unmet_on(side, scenario)).collect()
}

/// Whether the scenario says why a stack does not meet this expectation. A stale `but` belongs to no stack, and has no
/// excuse.
pub fn is_stated(scenario: &Scenario, violation: &Violation) -> bool {
    violation.stack.is_some() && scenario.but.iter().any(|but| violation.request == Some(but.request))
}

fn unmet_on(side: &Side, scenario: &Scenario) -> impl Iterator<Item = Violation> {
    let record = &side.observation.record;
    let missed = record.unmet_steps().map(|step| (None, unmet_step(scenario, step)));
    let requests = scenario.expect.iter().zip(&side.outcome.requests).enumerate();
    let unmet = requests.filter_map(move |(number, (expected, outcome))| {
        let wrong = wrong(expected, outcome).or_else(|| wrong_frames(expected, record, number))?;
        Some((Some(number), wrong))
    });
    let stack = Some(side.stack);
    missed.chain(unmet).map(move |(request, message)| Violation::new(Law::Expectation, stack, request, message))
}

fn unmet_step(scenario: &Scenario, step: usize) -> String {
    match scenario.script.steps().get(step) {
        Some(Step::Never { kind, stream }) => format!("step {step} forbids {kind} on stream {stream}, but it comes"),
        _ => format!("step {step} awaits a frame that never comes"),
    }
}

/// The frames that the client has to send for the request and does not.
fn wrong_frames(expected: &Expectation, record: &Record, number: usize) -> Option<String> {
    let stream = record.stream_of(number);
    let mut sent = record.client_frames().filter(|frame| Some(frame.stream) == stream);
    let missing = expected.sent.iter().find(|kind| !sent.any(|frame| frame.kind == **kind))?;
    Some(format!("{missing} has to be sent, in the order of the scenario, but is not"))
}

fn wrong(expected: &Expectation, outcome: &RequestOutcome) -> Option<String> {
    let end = wrong_verdict(expected, outcome).or_else(|| wrong_end(expected, outcome));
    end.or_else(|| wrong_advice(expected, outcome))
}

fn wrong_verdict(expected: &Expectation, outcome: &RequestOutcome) -> Option<String> {
    let verdict = outcome.verdict()?;
    let (said, processed) = (Opinion::from(verdict.clone()), &expected.processed);
    // A request that was never written was not processed, whatever the peer did later.
    let fact = safety::broken(&said, processed).filter(|_| outcome.written);
    let fact = fact.or_else(|| completeness::unfounded(&said, processed));
    let fact = fact.or_else(|| completeness::missed(&said, processed, verdict.advice))?;
    Some(format!("{fact}, but the verdict is {}", verdict.processed))
}

fn wrong_end(expected: &Expectation, outcome: &RequestOutcome) -> Option<String> {
    if expected.choice {
        return None;
    }
    let fails = !expected.advice.is_empty();
    match (&outcome.end, expected.complete) {
        (OutcomeEnd::Complete, complete) => (!complete).then(|| integrity::AS_COMPLETE.to_owned()),
        (_, true) => Some(format!("a whole response is expected, but the request is {}", outcome.kind())),
        (OutcomeEnd::Cancelled, false) => fails.then(|| "it should fail, but is cancelled before".into()),
        (OutcomeEnd::Open, false) => liveness::broken(true, fails).map(str::to_owned),
        (OutcomeEnd::Failed(..), false) => (!fails).then(|| "it should be open, but has failed".into()),
    }
}

fn wrong_advice(expected: &Expectation, outcome: &RequestOutcome) -> Option<String> {
    let Verdict { advice, .. } = outcome.verdict().filter(|_| !expected.choice)?;
    let fits = expected.advice.is_empty() || expected.advice.contains(advice);
    (!fits).then(|| format!("its advice is {advice}, but should be {}", alternatives(&expected.advice)))
}
