//! Plays the scenarios to the clients of one release. The program of a swept release calls it.

use crate::CLIENTS;
use conformance::{
    classifiers::OWN_CLASSIFIERS,
    client_driver::{Client, ClientDriverError},
    judge::{ClientJudge, ClientJudgement},
    outcome::Outcome,
    report::{
        layout::count,
        play::{Play, PlayedRequest, RequestEnd, sent},
    },
    scenarios::{self, Scenario},
    stacks::panics::record_stack_panics,
    vocabulary::StackName,
};
use std::error::Error;

/// Plays the suite's own scenarios to each client in [`CLIENTS`] whose name begins with `begins`.
///
/// # Errors
///
/// If a scenario of the suite is not valid, there is no such client, or one cannot be driven.
pub fn play_release(begins: &str) -> Result<Vec<Play>, Box<dyn Error>> {
    record_stack_panics();
    let (scenarios, judge) = (scenarios::built_in()?, ClientJudge::default());
    let clients: Vec<&dyn Client> =
        CLIENTS.iter().filter(|client| client.name().starts_with(begins)).copied().collect();
    if clients.is_empty() {
        return Err(format!("no client has a name that begins with {begins}").into());
    }
    let plays = clients.iter().flat_map(|client| scenarios.iter().map(|scenario| play(&judge, *client, scenario)));
    Ok(plays.collect::<Result<_, _>>()?)
}

/// How a scenario ends for a client.
fn play(judge: &ClientJudge, client: &dyn Client, scenario: &Scenario) -> Result<Play, ClientDriverError> {
    let ClientJudgement { played, mistakes, .. } = judge.judge(client, &scenario.script)?;
    let stack = client.stack().unwrap_or(StackName::Modern);
    let outcome = Outcome::new(&played.observation, &OWN_CLASSIFIERS[stack]);
    let requests = outcome.requests.iter().zip(&played.requests).map(|(request, of_client)| {
        let label = of_client.label.as_ref().map(|label| format!("{} after ", label.text)).unwrap_or_default();
        let client = Some(label + &count(of_client.attempts() as u64, "attempt"));
        // The suite's own verdict is none of the client's.
        PlayedRequest { end: RequestEnd { verdict: None, ..RequestEnd::new(request) }, client }
    });
    Ok(Play {
        name: format!("{}: {}", client.name(), scenario.name),
        requests: requests.collect(),
        sent: sent(&outcome),
        panics: played.observation.panics.len(),
        differs: false,
        divergences: Vec::new(),
        unexplained: mistakes.iter().filter(|mistake| mistake.counts()).map(ToString::to_string).collect(),
    })
}
