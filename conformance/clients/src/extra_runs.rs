//! Runs of the clients in addition to the plain scenarios: settings of the application, connect failures, and one
//! GOAWAY that disowns many requests.

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

/// The number of times that [`play_extra_runs`] plays each scenario.
pub fn extra_plays() -> u64 {
    settings().count() as u64
}

/// Every client with every setting that its application can choose.
fn settings() -> impl Iterator<Item = AwsClient> {
    AWS_CLIENTS.into_iter().flat_map(|client| Setting::of(client).map(move |setting| client.retrying(setting)))
}

/// The HTTP clients of the SDK.
const AWS_CLIENTS: [AwsClient; 3] = [AWS_LEGACY, AWS_MODERN, AWS_POOL];

/// Plays the scenarios with each setting, then the connect failures, then the bursts.
///
/// # Errors
///
/// The errors of [`play_clients`].
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
            let played = ClientDriver::HEALTHY.play(&client, &one_goaway_for(requests))?;
            let ends = played.observation.requests.iter().filter(|seen| matches!(seen.end, End::Failed(..)));
            extra_runs.bursts.push(Burst { client: client.name().into(), requests, errors: ends.count() });
        }
    }
    Ok(extra_runs)
}

/// The number of requests that one GOAWAY disowns, in each burst.
const BURSTS: [usize; 9] = [1, 25, 50, 51, 75, 100, 150, 200, 300];

/// A script with this number of requests at once, and a GOAWAY that disowns them all.
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
