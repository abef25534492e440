//! Compares the servers of both stacks: the same bytes from a client must get the same responses and the same errors, and
//! each server must keep law 7, except for a divergence in their [`ledger`].
//!
//! A client sends bytes ([`ClientBytes`]) and closes. The sides of a comparison are then [`ServerSide`]s.

pub mod ledger;
mod outcome;

pub use outcome::{ServerEnd, ServerOutcome, ServerResult, StreamOutcome, block_texts, goaway_texts};

use crate::{
    classifiers::{ChainClassifier, Classifiers},
    comparison::{Comparison, Harness},
    http2::{
        Frame, FrameType, StreamId,
        wire::{self, Header, PREFACE},
    },
    ledger::assertions,
    oracles::{Law, Violation},
    peer::{Event, Record},
    rfc9113::{Breach, breaches_of_server},
    script::{Script, Step, bytes::PASS},
    stacks::{Driver, LegacyServer, ModernServer, Observation, Profile, Server},
    vocabulary::{PerStack, StackName},
};
use bytes::{Bytes, BytesMut};
use std::cell::OnceCell;

/// The bytes that a client sends before it closes, including the connection preface.
///
/// Among its frames there can be *rests*, where it waits until the server can do no more. A rest is the directive PASS of a
/// [script's bytes](crate::script) without any time, and is never sent.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ClientBytes(Bytes);

impl ClientBytes {
    /// The first [`Step::MAX_RAW`] of these bytes.
    pub fn new(bytes: &[u8]) -> ClientBytes {
        ClientBytes(Bytes::copy_from_slice(&bytes[..bytes.len().min(Step::MAX_RAW)]))
    }

    /// All bytes that the steps of a script send, and its rests before the one that [`ClientBytes::frames`] ends with.
    pub fn of(script: &Script) -> ClientBytes {
        let mut bytes = Vec::new();
        let steps = script.steps();
        for step in steps.strip_suffix(&[REST, Step::Close]).unwrap_or(steps) {
            match step {
                Step::Send(frame) => wire::encode(frame, &mut bytes),
                Step::SendRaw(raw) => bytes.extend_from_slice(raw),
                step if *step == REST => wire::encode(&rest(), &mut bytes),
                _ => {}
            }
        }
        ClientBytes::new(&bytes)
    }

    /// The bytes themselves.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// The script that sends all bytes between two rests in one step.
    pub fn script(&self) -> Script {
        let mut sent = BytesMut::new();
        let mut steps = Vec::new();
        for step in self.steps() {
            match step {
                Step::Send(frame) => wire::encode(&frame, &mut sent),
                Step::SendRaw(raw) => sent.extend_from_slice(&raw),
                rest => steps.extend([Step::SendRaw(sent.split().freeze()), rest]),
            }
        }
        steps.push(Step::SendRaw(sent.freeze()));
        closing(steps)
    }

    /// The script that sends them frame by frame. The exchange is the same, because the server reads once everything up
    /// to a rest is sent. The preface and the bytes after the last whole frame stay raw bytes; without a preface, all
    /// bytes do.
    pub fn frames(&self) -> Script {
        closing(self.steps())
    }

    fn steps(&self) -> Vec<Step> {
        let mut left = self.0.clone();
        let mut steps = Vec::new();
        if left.starts_with(PREFACE) {
            steps.push(Step::SendRaw(left.split_to(PREFACE.len())));
            let rest = rest();
            while let Some(frame) = wire::decode(&mut left) {
                steps.push(if frame == rest { REST } else { Step::Send(frame) });
            }
        }
        if !left.is_empty() {
            steps.push(Step::SendRaw(left));
        }
        steps
    }
}

/// Appends steps that let the server handle what was sent, and then close.
fn closing(mut steps: Vec<Step>) -> Script {
    steps.extend([REST, Step::Close]);
    Script::new(steps)
}

/// The client waits until the server can do no more.
const REST: Step = Step::Pass(0);

/// The byte form of [`REST`].
fn rest() -> Frame {
    Frame::new(PASS, 0, StreamId::CONNECTION, &[0; 4][..])
}

/// A harness whose sides are servers.
pub type ServerHarness = Harness<ServerSide>;

impl ServerHarness {
    /// A harness for the servers of both stacks.
    pub fn servers(profile: Profile, classifiers: Classifiers) -> ServerHarness {
        ServerHarness::of_servers::<LegacyServer, ModernServer>(profile, classifiers)
    }

    /// A harness for other servers in place of the stacks' own.
    pub fn of_servers<L: Server, M: Server>(profile: Profile, classifiers: Classifiers) -> ServerHarness {
        let observe = PerStack::new([Driver::observe::<L>, Driver::observe::<M>]);
        Harness::of(profile, observe, classifiers, ServerSide::new)
    }
}

/// One server's side of a comparison.
#[derive(Debug)]
pub struct ServerSide {
    /// The stack.
    pub stack: StackName,
    /// What was observed.
    pub observation: Observation,
    /// How the connection ended for the server's application.
    pub end: ServerEnd,
    outcome: OnceCell<ServerOutcome>,
    breaches: OnceCell<Vec<Breach>>,
}

impl Comparison<ServerSide> {
    /// Whether the servers wrote the same bytes in all compared frames, and the connections ended in the same way. Most
    /// comparisons agree, and this check is faster than reading the outcomes.
    fn agrees(&self) -> bool {
        let [legacy, modern] = self.sides.each().map(|side| &side.end);
        legacy == modern && self.parting().1 == [None, None]
    }

    /// The number of equal frames, and the first frames that differ.
    fn parting(&self) -> (usize, [Option<&[u8]>; 2]) {
        let [mut legacy, mut modern] = self.sides.each().map(|side| compared(&side.observation.record));
        let mut equal = 0;
        loop {
            match (legacy.next(), modern.next()) {
                (Some(legacy), Some(modern)) if legacy == modern => equal += 1,
                (legacy, modern) => return (equal, [legacy, modern]),
            }
        }
    }

    /// The differences. None if all panics are known debug assertions, because they keep a server from its outcome.
    fn differences(&self) -> Vec<String> {
        let panics = self.sides.each().into_iter().flat_map(|side| &side.observation.panics);
        if self.agrees() || assertions::are_known(panics) {
            return Vec::new();
        }
        outcome::differences(self.sides.each())
    }
}

/// The types of the frames that are compared.
const COMPARED: [FrameType; 6] = [
    FrameType::HEADERS,
    FrameType::CONTINUATION,
    FrameType::DATA,
    FrameType::RST_STREAM,
    FrameType::GOAWAY,
    FrameType::PUSH_PROMISE,
];

/// The bytes of the compared frames. Frames of other types are acknowledgements or a server's choice, and may differ.
pub(crate) fn compared(record: &Record) -> impl Iterator<Item = &[u8]> {
    let compared = |bytes: &&[u8]| Header::read(bytes).is_some_and(|header| COMPARED.contains(&header.kind));
    let written = |event: &Event| match event {
        Event::Written(place) => Some(&record.written[place.clone()]),
        _ => None,
    };
    record.events.iter().filter_map(written).filter(compared)
}

impl ServerSide {
    fn new(stack: StackName, _: &Script, observation: Observation, classifier: &ChainClassifier) -> ServerSide {
        let end = ServerEnd::new(&observation, classifier);
        ServerSide { stack, observation, end, outcome: OnceCell::new(), breaches: OnceCell::new() }
    }

    /// The frames that the server sent, as an outcome.
    pub fn outcome(&self) -> &ServerOutcome {
        self.outcome.get_or_init(|| ServerOutcome::new(&self.observation.record))
    }

    /// What it did, or failed to do, against the rules of RFC 9113 that hold for both ends. Nothing is known of a server
    /// of which a part has died.
    pub fn breaches(&self) -> &[Breach] {
        let is_alive = self.observation.panics.is_empty() && !self.observation.spinning;
        let judge = || if is_alive { breaches_of_server(&self.observation.record) } else { Vec::new() };
        self.breaches.get_or_init(judge)
    }

    /// The violations of law 7.
    fn misconduct(&self) -> impl Iterator<Item = Violation> {
        self.breaches().iter().map(|breach| {
            let stream =
                if breach.stream.is_connection() { String::new() } else { format!("stream {}: ", breach.stream) };
            let message = format!("{stream}{} ({})", breach.what, breach.clause);
            Violation { step: breach.step, ..Violation::new(Law::Conduct, Some(self.stack), None, message) }
        })
    }

    /// The violation if the server panics, spins or does not end: no client may cause that.
    fn fault(&self) -> Option<Violation> {
        let message = match &self.end {
            ServerEnd::Panicked(_) if assertions::are_known(&self.observation.panics) => return None,
            ServerEnd::Panicked(panic) => format!("it panics: {panic}"),
            ServerEnd::Spinning => "it keeps itself busy and never rests".into(),
            ServerEnd::Open => "its connection does not end although the client has closed it".into(),
            ServerEnd::Clean | ServerEnd::Failed(_) => return None,
        };
        Some(Violation::new(Law::Liveness, Some(self.stack), None, message))
    }
}
