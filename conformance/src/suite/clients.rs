//! The part of the suite that plays scenarios to clients that others wrote.

use super::{Progress, violations};
use crate::{
    classifiers::{Both, Classifiers, Reader},
    clients::{CLIENTS, Client, ClientDriver, ClientDriverError, ClientOutcome, LogLevel, Logged},
    comparison::Harness,
    oracles::{Violation, clients},
    report::{
        clients::{ClientReport, ClientRequest, ClientScenario, Ended, LogLine, Wrong},
        timeline::lines,
    },
    rfc9113::{Certainty, Model},
    scenarios::Scenario,
    script::{Method, Script},
    stacks::{End, Profile},
};
#[cfg(feature = "aws")]
use crate::{
    clients::{AWS_LEGACY, AWS_MODERN, AWS_POOL, AwsClient, ConnectFailure, Retrying, Setting},
    http2::{ErrorCode, Frame, FrameType, SettingId, StreamId},
    report::clients::{Burst, ExtraRuns, Met},
    script::{Request, Step},
};
use std::collections::BTreeMap;

/// Plays scenarios to every client.
///
/// # Errors
///
/// If a client cannot be made, or there is no runtime or socket to be had.
pub fn play_clients(scenarios: &[Scenario], progress: &dyn Progress) -> Result<Vec<ClientReport>, ClientDriverError> {
    play_to(scenarios, CLIENTS.iter().copied(), progress)
}

/// How often [`play_clients`] plays each scenario.
pub const PLAYS_OF_CLIENTS: u64 = CLIENTS.len() as u64;

/// How often [`play_extra_runs`] plays each scenario.
#[cfg(feature = "aws")]
pub fn extra_plays() -> u64 {
    settings().count() as u64
}

/// Every client with every setting that its application has.
#[cfg(feature = "aws")]
fn settings() -> impl Iterator<Item = Retrying<'static>> {
    AWS_CLIENTS.into_iter().flat_map(|client| Setting::of(client).map(|setting| Retrying(client, setting)))
}

#[cfg(feature = "aws")]
const AWS_CLIENTS: [&AwsClient; 3] = [&AWS_LEGACY, &AWS_MODERN, &AWS_POOL];

fn play_to<'s>(
    scenarios: &[Scenario],
    clients: impl Iterator<Item = &'s dyn Client>,
    progress: &dyn Progress,
) -> Result<Vec<ClientReport>, ClientDriverError> {
    let harness = Harness::with(Profile::Defaults, Classifiers::OWN);
    // What the bare stacks do wrong with the settings that they come with, as the clients run them.
    let bare: Vec<Vec<Violation>> =
        scenarios.iter().map(|scenario| violations(&harness.run(&scenario.script))).collect();
    let report = |client: &dyn Client| {
        let scenarios = scenarios.iter().zip(&bare).map(|(scenario, bare)| {
            let played = play(client, scenario, bare);
            progress.advance(1);
            played
        });
        Ok(ClientReport {
            name: client.name(),
            about: client.about(),
            version: client.version(),
            retries: client.retries(),
            scenarios: scenarios.collect::<Result<_, _>>()?,
        })
    };
    clients.map(report).collect()
}

/// Plays what is asked of the clients beside the scenarios as they are.
///
/// # Errors
///
/// As [`play_clients`].
#[cfg(feature = "aws")]
pub fn play_extra_runs(scenarios: &[Scenario], progress: &dyn Progress) -> Result<ExtraRuns, ClientDriverError> {
    let set: Vec<Retrying<'_>> = settings().collect();
    let settings = play_to(scenarios, set.iter().map(|client| client as &dyn Client), progress)?;
    let mut extra_runs = ExtraRuns { settings, ..ExtraRuns::default() };
    for connect_failure in ConnectFailure::ALL {
        for client in CLIENTS {
            let Some(request) = ClientDriver.meet(*client, connect_failure)? else { continue };
            extra_runs.connect_failures.push(Met {
                connect_failure: connect_failure.about(),
                client: client.name(),
                label: request.label.map(|label| label.text),
                took_ms: request.took.map(|took| took.as_millis() as u64),
            });
        }
    }
    for client in AWS_CLIENTS {
        for requests in BURSTS {
            let client = Retrying(client, Setting::AsShipped);
            let played = ClientDriver.play(&client, &one_goaway_for(requests))?;
            let ends = played.observation.requests.iter().filter(|seen| matches!(seen.end, End::Failed(..)));
            extra_runs.bursts.push(Burst { client: client.name(), requests, errors: ends.count() });
        }
    }
    Ok(extra_runs)
}

/// How many requests one GOAWAY disowns, one time after the other.
#[cfg(feature = "aws")]
const BURSTS: [usize; 9] = [1, 25, 50, 51, 75, 100, 150, 200, 300];

/// So many requests at once, and a GOAWAY that disowns them all.
#[cfg(feature = "aws")]
pub fn one_goaway_for(requests: usize) -> Script {
    let settings = Frame::settings([(SettingId::MAX_CONCURRENT_STREAMS, 1_000)]);
    let last = StreamId::of_request(requests - 1);
    let mut steps = vec![Step::Send(settings)];
    steps.extend((0..requests).map(|_| Step::Request(Request::get())));
    steps.extend([
        Step::Await { kind: FrameType::HEADERS, stream: last },
        Step::Send(Frame::goaway(StreamId::CONNECTION, ErrorCode::NO_ERROR, b"")),
        Step::Close,
    ]);
    Script::new(steps)
}

fn play(client: &dyn Client, scenario: &Scenario, bare: &[Violation]) -> Result<ClientScenario, ClientDriverError> {
    let played = ClientDriver.play(client, &scenario.script)?;
    let model = Model::of(&scenario.script, &played.observation.record);
    let wrong = clients::judge(client, &scenario.script, &played, &model);
    let of_its_stack = |wrong: &Violation| {
        bare.iter().any(|bare| bare.law == wrong.law && bare.stack == wrong.stack && bare.request == wrong.request)
    };
    let wrong = wrong.into_iter().map(|wrong| Wrong {
        of_its_stack: of_its_stack(&wrong),
        law: wrong.law,
        request: wrong.request.unwrap_or_default(),
        message: wrong.message,
    });
    Ok(ClientScenario {
        name: scenario.name.clone(),
        unplayable: played.unplayable.len(),
        connections: played.connections,
        timeline: timeline(&played, &scenario.script),
        requests: scenario
            .script
            .requests()
            .enumerate()
            .map(|(number, asked)| request(asked.method(), &played, &model, number))
            .collect(),
        wrong: wrong.collect(),
        logged: log_lines(played.logged),
    })
}

/// What crossed the first connection. Which port the peer had is the system's choice.
fn timeline(played: &ClientOutcome, script: &Script) -> Vec<String> {
    let without_port = |line: String| {
        let Some((before, after)) = line.split_once(LOOPBACK_PORT) else { return line };
        format!(
            "{before}{}{}",
            &LOOPBACK_PORT[..LOOPBACK_PORT.len() - 1],
            after.trim_start_matches(|c: char| c.is_ascii_digit())
        )
    };
    lines(&played.observation.record, script).into_iter().map(without_port).collect()
}

/// What stands before a port of the loopback interface.
const LOOPBACK_PORT: &str = "=127.0.0.1:";

/// The lines of a log, each once: in which order two requests log is a matter of their sockets.
fn log_lines(logged: Vec<Logged>) -> Vec<LogLine> {
    let mut times: BTreeMap<(LogLevel, &'static str, String), usize> = BTreeMap::new();
    for Logged { level, target, message } in logged {
        *times.entry((level, target, message)).or_default() += 1;
    }
    times.into_iter().map(|((level, target, message), times)| LogLine { level, target, message, times }).collect()
}

fn request(method: Method, played: &ClientOutcome, model: &Model, number: usize) -> ClientRequest {
    let (of_it, seen, truth) = (&played.requests[number], &played.observation.requests[number], &model.truths[number]);
    let cut = of_it.met_the_script_alone() && truth.complete == Certainty::No;
    let (ended, chain) = match &seen.end {
        End::Open => (Ended::Open, None),
        End::Complete if cut => (Ended::Truncated, None),
        End::Complete => (Ended::Response, None),
        End::Failed(_, error) => {
            let ended = if of_it.label.is_none() { Ended::BodyError } else { Ended::Error };
            (ended, Some(Both.read(error.as_ref().as_ref()).to_string()))
        }
    };
    ClientRequest {
        method: method.name(),
        ended,
        label: of_it.label.as_ref().map(|label| label.text.clone()),
        chain,
        status: seen.head.as_ref().map(|head| head.status),
        on_first_connection: of_it.on_first,
        on_later_connections: of_it.on_later,
        took_ms: of_it.took.map(|took| took.as_millis() as u64),
        may_have_run_twice: played.may_have_run_twice(number, &truth.processed),
        has_side_effect: !method.is_idempotent(),
    }
}
