//! Plays the scenarios to the SDK's clients of one release. A sweep's program calls it.

use super::{AWS_LEGACY, AWS_MODERN, AwsClient, Setting};
use conformance::{
    classifiers::OWN_CLASSIFIERS,
    client_driver::{Client, ClientDriver, ClientDriverError, ClientOutcome},
    oracles::clients::{MistakeClass, judge},
    outcome::Outcome,
    report::{
        layout::count,
        play::{Play, PlayedRequest, RequestEnd, sent},
    },
    rfc9113::Model,
    scenarios::{self, Scenario},
    stacks::drive::record_stack_panics,
};
use std::error::Error;

/// Plays the suite's own scenarios to the clients on hyper 0.14 and on hyper 1, alone and with retries.
///
/// # Errors
///
/// If a scenario of the suite is not valid, or a client cannot be driven.
pub fn play_release() -> Result<Vec<Play>, Box<dyn Error>> {
    record_stack_panics();
    let scenarios = scenarios::built_in()?;
    let of_client = |alone: AwsClient| scenarios.iter().map(move |scenario| play(alone, scenario));
    Ok(of_client(AWS_LEGACY).chain(of_client(AWS_MODERN)).collect::<Result<_, _>>()?)
}

/// How a scenario ends for a client alone, and how its requests end when it retries.
fn play(alone: AwsClient, scenario: &Scenario) -> Result<Play, ClientDriverError> {
    let retrying = alone.retrying(Setting::AsShipped);
    let once = ClientDriver::HEALTHY.play(&alone, &scenario.script)?;
    let again = ClientDriver::HEALTHY.play(&retrying, &scenario.script)?;
    let outcome = Outcome::new(&once.observation, &OWN_CLASSIFIERS[alone.stack]);
    let requests = outcome.requests.iter().enumerate().map(|(number, request)| {
        let attempts = count(again.requests[number].attempts() as u64, "attempt");
        let ended = match &again.requests[number].label {
            Some(label) => &label.text,
            None if again.is_complete(number) => "a response",
            None => "nothing",
        };
        let label = once.requests[number].label.as_ref().map(|label| format!("{}; ", label.text));
        let client = format!("{}with retries {ended} after {attempts}", label.unwrap_or_default());
        // The suite's own verdict is none of the client's.
        PlayedRequest { end: RequestEnd { verdict: None, ..RequestEnd::new(request) }, client: Some(client) }
    });
    let model_of = |outcome: &ClientOutcome| Model::of(&scenario.script, &outcome.observation.record);
    let mistakes = [(&alone, &once), (&retrying, &again)];
    let mistakes =
        mistakes.into_iter().flat_map(|(client, outcome)| judge(client, &scenario.script, outcome, &model_of(outcome)));
    let counted = mistakes.filter(|mistake| mistake.class != MistakeClass::Choice);
    Ok(Play {
        name: format!("{}: {}", alone.name(), scenario.name),
        requests: requests.collect(),
        sent: sent(&outcome),
        panics: 0,
        differs: false,
        divergences: Vec::new(),
        unexplained: counted.map(|mistake| mistake.to_string()).collect(),
    })
}
