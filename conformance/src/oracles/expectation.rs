//! What a scenario expects of each request, from RFC 9113, holds on both stacks.

use super::{Law, Violation};
use crate::{
    comparison::Comparison,
    outcome::{OutcomeEnd, RequestOutcome, Side},
    scenarios::{Expectation, Scenario},
    vocabulary::Processed,
};

/// What of the scenario's expectations does not hold, on either stack; the scenario may say why (`but`). If it does say so
/// and they hold, that is a violation too.
pub fn judge(scenario: &Scenario, comparison: &Comparison) -> Vec<Violation> {
    let mut violations = unmet(scenario, comparison);
    for but in &scenario.but {
        if !violations.iter().any(|violation| violation.request == Some(but.request)) {
            let message = "the scenario says why this does not get what it expects, but it does: remove `but`".into();
            violations.push(Violation { law: Law::Expectation, stack: None, request: Some(but.request), message });
        }
    }
    violations
}

/// What of the scenario's expectations does not hold, on either stack.
pub fn unmet(scenario: &Scenario, comparison: &Comparison) -> Vec<Violation> {
    comparison.sides.each().into_iter().flat_map(|side| side_violations(scenario, side)).collect()
}

/// Whether the scenario says why this does not hold. What it says must still be needed.
pub fn is_stated(scenario: &Scenario, violation: &Violation) -> bool {
    let stated = scenario.but.iter().any(|but| violation.request == Some(but.request));
    stated && !violation.message.contains("remove `but`")
}

fn side_violations(scenario: &Scenario, side: &Side) -> Vec<Violation> {
    let missed = side.observation.record.missed_awaits().map(|step| {
        let message = format!("step {step} awaits a frame that never comes");
        Violation { law: Law::Expectation, stack: Some(side.stack), request: None, message }
    });
    let requests = scenario.expect.iter().zip(&side.outcome.requests).enumerate();
    let unmet = requests.filter_map(|(number, (expectation, outcome))| {
        let message = unmet_by(expectation, outcome)?;
        Some(Violation { law: Law::Expectation, stack: Some(side.stack), request: Some(number), message })
    });
    missed.chain(unmet).collect()
}

fn unmet_by(expected: &Expectation, outcome: &RequestOutcome) -> Option<String> {
    if let Some(verdict) = outcome.verdict() {
        let certainly_not = expected.processed == [Processed::No];
        match verdict.processed {
            // Whatever the peer did later: a request that was never written was not processed.
            Processed::No if !certainly_not && outcome.written => {
                return Some("the peer may have processed it, yet the verdict is No".into());
            }
            Processed::Maybe if certainly_not => return Some("it was not processed, yet the verdict is Maybe".into()),
            Processed::Yes if !expected.processed.contains(&Processed::Yes) => {
                return Some("nothing says that it was processed, yet the verdict is Yes".into());
            }
            _ => {}
        }
    }
    if expected.choice {
        return None;
    }
    match (&outcome.end, expected.complete, expected.advice) {
        (OutcomeEnd::Complete, true, _) | (OutcomeEnd::Open, false, None) => None,
        (OutcomeEnd::Failed(_, verdict), false, Some(advice)) => {
            (verdict.advice != advice).then(|| format!("the advice should be {advice}, and is {}", verdict.advice))
        }
        (OutcomeEnd::Complete, false, _) => Some("it is handed over as complete, and is not".into()),
        (_, true, _) => Some(format!("the whole response came, yet it is {}", outcome.kind())),
        (OutcomeEnd::Open, false, Some(_)) => Some("it should have ended, and is open".into()),
        (OutcomeEnd::Failed(..), false, None) => Some("it should be open, and has failed".into()),
    }
}
