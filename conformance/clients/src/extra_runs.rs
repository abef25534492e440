//! What is asked of the clients beside the scenarios as they are: settings of the application, failures to connect, and many
//! requests that one GOAWAY disowns.

use crate::{
    CLIENTS, ConnectFailure,
    aws::{AWS_LEGACY, AWS_MODERN, AWS_POOL, AwsClient, Setting},
};
use conformance::{
    client_driver::{Client, ClientDriver, ClientDriverError},
    http2::{ErrorCode, Frame, FrameType, SettingId, StreamId},
    report::clients::{Burst, ConnectFailureReport, ExtraRuns},
    run::{Progress, play_clients},
    scenarios::Scenario,
    script::{Request, Script, Step},
    stacks::End,
};

/// How often [`play_extra_runs`] plays each scenario.
pub fn extra_plays() -> u64 {
    settings().count() as u64
}

/// Every client with every setting that its application has.
fn settings() -> impl Iterator<Item = AwsClient> {
    AWS_CLIENTS.into_iter().flat_map(|client| Setting::of(client).map(move |setting| client.retrying(setting)))
}

/// The HTTP clients of the SDK.
const AWS_CLIENTS: [AwsClient; 3] = [AWS_LEGACY, AWS_MODERN, AWS_POOL];

/// Plays what is asked of the clients beside the scenarios as they are.
///
/// # Errors
///
/// As [`play_clients`].
pub fn play_extra_runs(scenarios: &[Scenario], progress: &dyn Progress) -> Result<ExtraRuns, ClientDriverError> {
    let set: Vec<AwsClient> = settings().collect();
    let settings = play_clients(scenarios, set.iter().map(|client| client as &dyn Client), progress)?;
    let mut extra_runs = ExtraRuns { settings, ..ExtraRuns::default() };
    for connect_failure in ConnectFailure::ALL {
        for client in CLIENTS {
            let Some(request) = connect_failure.meet(*client)? else { continue };
            extra_runs.connect_failures.push(ConnectFailureReport {
                connect_failure: connect_failure.about().into(),
                client: client.name().into(),
                label: request.label.map(|label| label.text),
                took_ms: request.took.map(|took| took.as_millis() as u64),
            });
        }
    }
    for client in AWS_CLIENTS {
        for requests in BURSTS {
            let client = client.retrying(Setting::AsShipped);
            let played = ClientDriver.play(&client, &one_goaway_for(requests))?;
            let ends = played.observation.requests.iter().filter(|seen| matches!(seen.end, End::Failed(..)));
            extra_runs.bursts.push(Burst { client: client.name().into(), requests, errors: ends.count() });
        }
    }
    Ok(extra_runs)
}

/// How many requests one GOAWAY disowns, one time after the other.
const BURSTS: [usize; 9] = [1, 25, 50, 51, 75, 100, 150, 200, 300];

/// So many requests at once, and a GOAWAY that disowns them all.
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
