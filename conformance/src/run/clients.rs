//! Plays scenarios to third-party clients.

use super::Progress;
use crate::{
    classifiers::{Both, Reader},
    client_driver::{Client, ClientDriverError, ClientOutcome, LogLine},
    judge::{ClientJudge, ClientJudgement},
    report::{
        clients::{ClientReport, ClientRequest, ClientScenario, Ended},
        timeline::lines_of_connections,
    },
    rfc9113::{Certainty, Model},
    scenarios::Scenario,
    script::Method,
    stacks::End,
};

/// Plays scenarios to clients.
///
/// # Errors
///
/// If a client, a runtime or a socket cannot be created.
pub fn play_clients<'c>(
    scenarios: &[Scenario],
    clients: impl IntoIterator<Item = &'c dyn Client>,
    progress: &dyn Progress,
) -> Result<Vec<ClientReport>, ClientDriverError> {
    let judge = ClientJudge::default();
    let report = |client: &dyn Client| {
        let scenarios = scenarios.iter().map(|scenario| {
            let played = play(&judge, client, scenario);
            progress.advance(1);
            played
        });
        Ok(ClientReport {
            name: client.name().into(),
            about: client.about().into(),
            version: client.version(),
            retries: client.promise().is_promised(),
            scenarios: scenarios.collect::<Result<_, _>>()?,
        })
    };
    clients.into_iter().map(report).collect()
}

fn play(judge: &ClientJudge, client: &dyn Client, scenario: &Scenario) -> Result<ClientScenario, ClientDriverError> {
    let ClientJudgement { script, played, models, mistakes } = judge.judge(client, &scenario.script)?;
    Ok(ClientScenario {
        name: scenario.name.clone(),
        unplayable: played.unplayable.len(),
        connections: played.connections,
        timeline: lines_of_connections(played.records(), &script),
        requests: script
            .requests()
            .enumerate()
            .map(|(number, asked)| request(asked.method(), &played, &models, number))
            .collect(),
        mistakes,
        logged: LogLine::counted(played.logged),
    })
}

fn request(method: Method, played: &ClientOutcome, models: &[Model], number: usize) -> ClientRequest {
    let (of_it, seen) = (&played.requests[number], &played.observation.requests[number]);
    let truth = &models[of_it.last_scripted()].truths[number];
    let cut = of_it.met_the_script_alone() && truth.complete == Certainty::No;
    let (ended, chain) = match &seen.end {
        End::Open => (Ended::Open, None),
        End::Cancelled => (Ended::Cancelled, None),
        End::Complete if cut => (Ended::Truncated, None),
        End::Complete => (Ended::Response, None),
        End::Failed(_, error) => {
            let ended = if seen.head.is_some() { Ended::BodyError } else { Ended::Error };
            (ended, Some(Both.read(error.as_ref().as_ref())))
        }
    };
    ClientRequest {
        method,
        ended,
        label: of_it.label.as_ref().map(|label| label.text.clone()),
        chain,
        status: seen.head.as_ref().map(|head| head.status),
        on_first_connection: of_it.on_first(),
        on_later_connections: of_it.on_later(),
        took_ms: of_it.took.map(|took| took.as_millis() as u64),
        may_have_run_twice: of_it.may_have_run_twice(models.iter().map(|model| &model.truths[number])),
        has_side_effect: !method.is_idempotent(),
    }
}
