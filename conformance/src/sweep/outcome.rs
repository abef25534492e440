//! What one build of the suite makes of the scenarios: what the package of a release calls.

use crate::{
    chain::StackName,
    comparison::Harness,
    oracles::{Law, expectation},
    outcome::{Outcome, RequestOutcome},
    report::sweep::{Play, PlayedRequest},
    scenarios::{self, Invalid, Scenario},
    stacks::drive::record_stack_panics,
    suite,
};
#[cfg(feature = "aws-modern")]
use crate::{
    classifiers::Classifiers,
    clients::{
        AWS_LEGACY, AWS_MODERN, AwsClient, Client, ClientDriver, ClientDriverError, ClientOutcome, Retrying, Setting,
    },
    oracles,
    report::layout::count,
    rfc9113::Model,
};

/// What a release is part of, and is observed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Observed {
    /// hyper 0.14 on h2 0.3.
    Legacy,
    /// hyper 1 on h2 0.4.
    Modern,
    /// The AWS SDK's clients on hyper 0.14 and on hyper 1, alone and under its orchestrator.
    Aws,
}

impl Observed {
    /// It in words.
    pub fn about(self) -> &'static str {
        match self {
            Observed::Legacy => "the legacy stack",
            Observed::Modern => "the modern stack",
            Observed::Aws => "the AWS SDK's clients",
        }
    }

    /// What the suite's scenarios come to, with the crates that this program was built with.
    ///
    /// # Errors
    ///
    /// If a scenario of the suite is not valid, or what is observed cannot be played to, or was not built in.
    pub fn play(self) -> Result<Vec<Play>, Unobserved> {
        record_stack_panics();
        let scenarios = scenarios::built_in()?;
        let on = |stack: StackName| scenarios.iter().map(|scenario| Play::new(scenario, stack)).collect();
        match self {
            Observed::Legacy => Ok(on(StackName::Legacy)),
            Observed::Modern => Ok(on(StackName::Modern)),
            #[cfg(feature = "aws-modern")]
            Observed::Aws => {
                let of_client = |client: &'static AwsClient| {
                    scenarios.iter().map(move |scenario| Play::of_client(client, scenario))
                };
                Ok(of_client(&AWS_LEGACY).chain(of_client(&AWS_MODERN)).collect::<Result<_, _>>()?)
            }
            #[cfg(not(feature = "aws-modern"))]
            Observed::Aws => Err(Unobserved::NotBuilt),
        }
    }
}

/// Why nothing is observed.
#[derive(Debug, thiserror::Error)]
pub enum Unobserved {
    /// A scenario of the suite is not valid.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// A client cannot be played to.
    #[cfg(feature = "aws-modern")]
    #[error(transparent)]
    ClientDriver(#[from] ClientDriverError),
    /// This program was built without what is to be observed.
    #[error("built without the feature of the suite that has the clients")]
    NotBuilt,
}

impl Play {
    /// What a client makes of a scenario alone, and what its requests come to when it retries.
    #[cfg(feature = "aws-modern")]
    fn of_client(client: &AwsClient, scenario: &Scenario) -> Result<Play, ClientDriverError> {
        let (alone, retrying): (&dyn Client, &dyn Client) = (client, &Retrying(client, Setting::AsShipped));
        let (played, again) =
            (ClientDriver.play(alone, &scenario.script)?, ClientDriver.play(retrying, &scenario.script)?);
        let outcome = Outcome::new(&played.observation, &Classifiers::OWN.of(alone.stack()));
        let requests = outcome.requests.iter().enumerate().map(|(number, request)| {
            let attempts = count(again.requests[number].attempts() as u64, "attempt");
            let ended = match &again.requests[number].label {
                Some(label) => &label.text,
                None if again.is_complete(number) => "a response",
                None => "nothing",
            };
            let label = played.requests[number].label.as_ref().map(|label| format!("{}; ", label.text));
            let verdict = format!("{}with retries {ended} after {attempts}", label.unwrap_or_default());
            PlayedRequest { verdict: Some(verdict), ..PlayedRequest::new(request) }
        });
        let model_of = |played: &ClientOutcome| Model::of(&scenario.script, &played.observation.record);
        let wrong = [(alone, &played), (retrying, &again)];
        let wrong = wrong
            .into_iter()
            .flat_map(|(client, played)| oracles::clients::judge(client, &scenario.script, played, &model_of(played)));
        Ok(Play {
            name: format!("{}: {}", alone.name(), scenario.name),
            requests: requests.collect(),
            sent: sent(&outcome),
            panics: 0,
            differs: false,
            divergences: Vec::new(),
            unexplained: wrong.map(|wrong| wrong.to_string()).collect(),
        })
    }

    fn new(scenario: &Scenario, stack: StackName) -> Play {
        // A runtime of its own, because virtual time goes on in it: a release that asks the system's clock as well would
        // take the time that passed in one scenario for silence in all that follow.
        let judgement = suite::judge(&Harness::new(), &scenario.script);
        let side = match stack {
            StackName::Legacy => &judgement.comparison.legacy,
            StackName::Modern => &judgement.comparison.modern,
        };
        let mut unexplained = Vec::new();
        if judgement.unexplained {
            unexplained.extend(judgement.violations.iter().map(ToString::to_string));
        }
        // What the scenario says of the releases in the lock file (`but`) may well not hold of another.
        let unmet = expectation::unmet(scenario, &judgement.comparison);
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
