//! What a client sends, byte for byte, to the servers of both stacks.

use super::{Finding, Held, Seed, Target, of_scenarios};
use crate::{
    script::{Request, Script, Step},
    stacks::{Driver, End, LegacyServer, ModernServer, Profile, Stack},
    trial::Laboratory,
};
use bytes::Bytes;

/// The target `server`.
pub const SERVER: Target = Target {
    name: "server",
    about: "The bytes are what a client sends before it closes. Neither server panics, and both come to their end.",
    check,
    search: |bytes, _| check(bytes),
    seeds,
};

fn check(bytes: &[u8]) -> Held {
    thread_local! {
        static DRIVER: Driver = Driver::new();
    }
    let script = script(bytes);
    let fault = DRIVER
        .with(|driver| fault_of::<LegacyServer>(driver, &script).or_else(|| fault_of::<ModernServer>(driver, &script)));
    fault.map_or(Ok(()), |fault| {
        let explanation = format!("{fault}\n\nThe client's steps\n{}", script.to_toml());
        Err(Box::new(Finding { explanation, shrink: None }))
    })
}

/// The client sends these bytes, lets the server handle them, and closes. The one request is the connection.
fn script(bytes: &[u8]) -> Script {
    let bytes = Bytes::copy_from_slice(&bytes[..bytes.len().min(Step::MAX_RAW)]);
    Script::new(vec![Step::Request(Request::get()), Step::SendRaw(bytes), Step::Pass(0), Step::Close])
}

fn fault_of<S: Stack>(driver: &Driver, script: &Script) -> Option<String> {
    let observation = driver.observe::<S>(script, Profile::Defaults);
    let server = S::NAME;
    if let Some(panic) = observation.panics.first() {
        return Some(format!("the {server} server panics: {panic}"));
    }
    if observation.spinning {
        return Some(format!("the {server} server never rests"));
    }
    let open = observation.requests.iter().any(|connection| matches!(connection.end, End::Open));
    open.then(|| format!("the {server} server's connection does not end, and the client has closed it"))
}

/// What the clients of both stacks send in the scenarios.
fn seeds() -> Vec<Seed> {
    let laboratory = Laboratory::new();
    let written = |script: &Script| laboratory.run(script).sides().map(|side| side.observation.record.written.to_vec());
    let [mut seeds, modern] = [0, 1].map(|side| of_scenarios(|script| Some(written(script)[side].to_vec())));
    for (name, bytes) in modern {
        if seeds.iter().all(|(_, other)| *other != bytes) {
            seeds.push((format!("{name}-modern"), bytes));
        }
    }
    seeds
}
