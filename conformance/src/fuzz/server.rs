//! What a client sends, byte for byte, to the servers of both stacks.

use super::{Finding, Seed, Target};
use crate::{
    chain::StackName,
    classifiers::Classifiers,
    http2::{FrameType, View, flags, hpack::BlockReader},
    outcome::Outcome,
    script::{Request, Script, Step},
    stacks::{Driver, LegacyServer, ModernServer, Observation, Profile, Stack},
    trial::Laboratory,
};
use bytes::Bytes;
use std::{collections::BTreeMap, fmt::Write};

/// The target `server`.
pub const SERVER: Target = Target {
    name: "server",
    about: "The bytes are what a client sends, and then no more. Both servers answer alike, and nothing panics or hangs.",
    check,
    search: check,
    seeds,
};

/// What a server wrote, and how its connection ended.
#[derive(Debug, PartialEq, Eq)]
struct Served {
    /// By the stream: the heads, the length of the content, and how it ended.
    streams: BTreeMap<u32, Vec<String>>,
    end: String,
}

fn check(bytes: &[u8]) -> Result<(), Box<Finding>> {
    thread_local! {
        static DRIVER: Driver = Driver::new();
    }
    let script = script(bytes);
    let (legacy, modern) =
        DRIVER.with(|driver| (serve::<LegacyServer>(driver, &script), serve::<ModernServer>(driver, &script)));
    let fault = legacy.as_ref().err().or(modern.as_ref().err());
    let what = match (&legacy, &modern, fault) {
        (_, _, Some(fault)) => fault.clone(),
        (legacy, modern, None) if legacy != modern => "the servers differ".into(),
        _ => return Ok(()),
    };
    let mut explanation = format!("{what}\n\nThe client's steps\n{}", script.to_toml());
    for (stack, served) in [(StackName::Legacy, legacy), (StackName::Modern, modern)] {
        let _ = writeln!(explanation, "\nThe {stack} server\n{served:#?}");
    }
    Err(Box::new(Finding { explanation, shrink: String::new() }))
}

/// The client sends these bytes and closes.
fn script(bytes: &[u8]) -> Script {
    let bytes = Bytes::copy_from_slice(&bytes[..bytes.len().min(Step::MAX_RAW)]);
    Script::new(vec![Step::Request(Request::get()), Step::SendRaw(bytes), Step::Pass(0), Step::Close])
}

fn serve<S: Stack>(driver: &Driver, script: &Script) -> Result<Served, String> {
    let observation = driver.observe::<S>(script, Profile::Defaults);
    if let Some(panic) = observation.panics.first() {
        return Err(format!("the {} server panics: {panic}", S::NAME));
    }
    if observation.spinning {
        return Err(format!("the {} server never rests", S::NAME));
    }
    let outcome = Outcome::new(&observation, &Classifiers::OWN.of(S::NAME));
    let Some(connection) = outcome.requests.first() else { return Err("no connection was served".into()) };
    let end = connection.chain().map_or_else(|| connection.kind().to_string(), ToString::to_string);
    Ok(Served { streams: streams(&observation), end })
}

fn streams(observation: &Observation) -> BTreeMap<u32, Vec<String>> {
    let mut reader = BlockReader::new(4_096);
    let mut streams: BTreeMap<u32, Vec<String>> = BTreeMap::new();
    let mut content: BTreeMap<u32, usize> = BTreeMap::new();
    for frame in observation.record.client_frames() {
        let id = frame.stream.get();
        let said = match frame.view() {
            View::Headers(block) => format!("{:?}", reader.read(block)),
            View::Data(data) => {
                *content.entry(id).or_default() += data.len();
                if !frame.has(flags::END_STREAM) {
                    continue;
                }
                format!("{} bytes", content[&id])
            }
            View::RstStream(code) => format!("RST_STREAM {code}"),
            View::GoAway { code, last_stream_id, .. } => format!("GOAWAY {code} {last_stream_id}"),
            View::Ping(data) => format!("PING {data:?}"),
            _ if frame.kind == FrameType::SETTINGS && frame.has(flags::ACK) => "SETTINGS ACK".into(),
            _ => continue,
        };
        let end = if frame.ends_stream() { " END_STREAM" } else { "" };
        streams.entry(id).or_default().push(said + end);
    }
    streams
}

/// What the clients of both stacks send in the scenarios.
fn seeds() -> Vec<Seed> {
    let laboratory = Laboratory::new();
    let scenarios = crate::scenario::built_in().unwrap_or_default();
    let mut seeds: Vec<Seed> = Vec::new();
    for scenario in scenarios {
        let trial = laboratory.run(&scenario.script);
        for side in trial.sides() {
            let bytes = side.observation.record.written.to_vec();
            if bytes.len() <= super::LONGEST_SEED && seeds.iter().all(|(_, other)| *other != bytes) {
                seeds.push((format!("{}-{}", scenario.name, side.stack), bytes));
            }
        }
    }
    seeds
}
