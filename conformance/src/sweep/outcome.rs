//! What one build of the suite makes of the scenarios: what the package of a release calls.

use crate::{
    chain::StackName,
    oracles::{Law, expectation},
    outcome::{Outcome, RequestOutcome},
    report::sweep::{Play, PlayedRequest},
    scenario::{self, Invalid, Scenario},
    stacks::drive::record_stack_panics,
    suite,
    trial::Laboratory,
};

/// What a release is part of, and is observed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Observed {
    /// hyper 0.14 on h2 0.3.
    Legacy,
    /// hyper 1 on h2 0.4.
    Modern,
}

impl Observed {
    /// It in words.
    pub fn about(self) -> &'static str {
        match self {
            Observed::Legacy => "the legacy stack",
            Observed::Modern => "the modern stack",
        }
    }

    /// What the suite's scenarios come to, with the crates that this program was built with.
    ///
    /// # Errors
    ///
    /// If a scenario of the suite is not valid.
    pub fn play(self) -> Result<Vec<Play>, Invalid> {
        record_stack_panics();
        let stack = match self {
            Observed::Legacy => StackName::Legacy,
            Observed::Modern => StackName::Modern,
        };
        Ok(scenario::built_in()?.iter().map(|scenario| Play::new(scenario, stack)).collect())
    }
}

impl Play {
    fn new(scenario: &Scenario, stack: StackName) -> Play {
        // A runtime of its own, because virtual time goes on in it: a release that asks the system's clock as well would
        // take the time that passed in one scenario for silence in all that follow.
        let judgement = suite::judge(&Laboratory::new(), &scenario.script);
        let side = match stack {
            StackName::Legacy => &judgement.trial.legacy,
            StackName::Modern => &judgement.trial.modern,
        };
        let mut unexplained = Vec::new();
        if judgement.unexplained {
            unexplained.extend(judgement.violations.iter().map(ToString::to_string));
        }
        // What the scenario says of the releases in the lock file (`but`) may well not hold of another.
        let unmet = expectation::unmet(scenario, &judgement.trial);
        let unmet = unmet.iter().filter(|violation| !expectation::is_stated(scenario, violation));
        unexplained.extend(unmet.map(ToString::to_string));
        Play {
            name: scenario.name.clone(),
            requests: side.outcome.requests.iter().map(PlayedRequest::new).collect(),
            sent: sent(&side.outcome),
            panics: side.observation.panics.len(),
            differs: judgement.violations.iter().any(|violation| violation.law == Law::Equivalence),
            divergences: judgement.divergences.iter().map(|entry| entry.name.to_owned()).collect(),
            unexplained,
        }
    }
}

impl PlayedRequest {
    fn new(outcome: &RequestOutcome) -> PlayedRequest {
        PlayedRequest {
            phase: outcome.phase,
            kind: outcome.kind(),
            status: outcome.status,
            body_bytes: outcome.body.len(),
            trailers: outcome.trailers.as_ref().map(Vec::len),
            chain: outcome.chain().map(ToString::to_string),
            verdict: outcome.verdict().map(ToString::to_string),
        }
    }
}

fn sent(outcome: &Outcome) -> Vec<String> {
    let resets = outcome.resets.iter().map(|(stream, code)| format!("RST_STREAM stream={stream} {code}"));
    resets.chain(outcome.goaways.iter().map(|code| format!("GOAWAY {code}"))).collect()
}
