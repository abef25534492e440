//! What the servers of both stacks make of what a client sends: the same responses and the same errors, except for what is
//! in their [`ledger`].
//!
//! A client sends bytes ([`ClientBytes`]) and closes. A [`ServerComparison`] is both servers' answer to them, with the library
//! versions taken out; [`ServerComparison::differences`] are what has to be explained.

mod exchange;
pub mod ledger;
mod outcome;

pub use exchange::Exchange;
pub use outcome::{Difference, ServerEnd, ServerOutcome, StreamOutcome};

use crate::{
    classifiers::{ChainClassifier, Classifiers},
    http2::{
        ErrorCode, FrameType, View,
        wire::{self, Header, PREFACE},
    },
    ledger::assertions,
    peer::{Event, Record},
    script::{Request, Script, Step},
    stacks::{Driver, LegacyServer, ModernServer, Observation, Profile, Stack},
    vocabulary::{PerStack, StackName},
};
use bytes::Bytes;
use std::{cell::OnceCell, fmt, hash::Hash, rc::Rc};

/// What a client sends before it closes, byte for byte, the connection preface included.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ClientBytes(Bytes);

impl ClientBytes {
    /// These bytes, of which at most [`Step::MAX_RAW`] are sent.
    pub fn new(bytes: &[u8]) -> ClientBytes {
        ClientBytes(Bytes::copy_from_slice(&bytes[..bytes.len().min(Step::MAX_RAW)]))
    }

    /// All that the steps of a script send.
    pub fn of(script: &Script) -> ClientBytes {
        let mut bytes = Vec::new();
        for step in script.steps() {
            match step {
                Step::Send(frame) => wire::encode(frame, &mut bytes),
                Step::SendRaw(raw) => bytes.extend_from_slice(raw),
                _ => {}
            }
        }
        ClientBytes::new(&bytes)
    }

    /// The bytes themselves.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// The script that sends them all in one step.
    pub fn script(&self) -> Script {
        closing(vec![Step::SendRaw(self.0.clone())])
    }

    /// The script that sends them frame by frame, which is the same exchange: the server reads when all has been sent. What
    /// is no frame stays bytes: the preface, and what is behind the last whole frame, or everything where there is no
    /// preface.
    pub fn frames(&self) -> Script {
        let mut rest = self.0.clone();
        let mut steps = Vec::new();
        if rest.starts_with(PREFACE) {
            steps.push(Step::SendRaw(rest.split_to(PREFACE.len())));
            while let Some(frame) = wire::decode(&mut rest) {
                steps.push(Step::Send(frame));
            }
        }
        if !rest.is_empty() {
            steps.push(Step::SendRaw(rest));
        }
        closing(steps)
    }
}

/// The client sends, lets the server handle that, and closes. The one request is the connection.
fn closing(steps: Vec<Step>) -> Script {
    let ends = [Step::Pass(0), Step::Close];
    Script::new([Step::Request(Request::get())].into_iter().chain(steps).chain(ends).collect())
}

/// Plays clients against two servers: a driver, the servers with their settings, and what reads their errors.
pub struct ServerHarness {
    driver: Rc<Driver>,
    profile: Profile,
    servers: PerStack<Server>,
}

/// A server, and what reads its errors.
#[derive(Clone, Copy)]
struct Server {
    stack: StackName,
    observe: fn(&Driver, &Script, Profile) -> Observation,
    classifier: ChainClassifier,
}

impl ServerHarness {
    /// The servers of both stacks.
    pub fn new(profile: Profile, classifiers: Classifiers) -> ServerHarness {
        ServerHarness::of::<LegacyServer, ModernServer>(profile, classifiers)
    }

    /// Other servers in their places.
    pub fn of<L: Stack, M: Stack>(profile: Profile, classifiers: Classifiers) -> ServerHarness {
        let legacy = Server::of::<L>(StackName::Legacy, &classifiers);
        let modern = Server::of::<M>(StackName::Modern, &classifiers);
        ServerHarness { driver: Rc::new(Driver::new()), profile, servers: PerStack::new([legacy, modern]) }
    }

    /// The same harness with other settings of the servers.
    pub fn on(&self, profile: Profile) -> ServerHarness {
        ServerHarness { driver: self.driver.clone(), profile, servers: self.servers }
    }

    /// The settings of the servers.
    pub fn profile(&self) -> Profile {
        self.profile
    }

    /// Plays a script against both servers.
    pub fn run(&self, script: &Script) -> ServerComparison {
        let side = |server: &Server| ServerSide::new(server, (server.observe)(&self.driver, script, self.profile));
        ServerComparison { sides: self.servers.map(side) }
    }
}

impl Server {
    fn of<S: Stack>(stack: StackName, classifiers: &Classifiers) -> Server {
        Server { stack, observe: Driver::observe::<S>, classifier: classifiers[stack] }
    }
}

/// What both servers made of one client.
#[derive(Debug)]
pub struct ServerComparison {
    /// What each server made of it.
    pub sides: PerStack<ServerSide>,
}

/// What one server made of a client.
#[derive(Debug)]
pub struct ServerSide {
    /// The stack.
    pub stack: StackName,
    /// What was observed.
    pub observation: Observation,
    /// How the connection ended, as the application of the server was told.
    pub end: ServerEnd,
    outcome: OnceCell<ServerOutcome>,
}

impl ServerComparison {
    /// What is wrong with a server, whatever the other one does.
    pub fn fault(&self) -> Option<ServerFault> {
        self.sides.each().into_iter().find_map(ServerSide::fault)
    }

    /// What differs; nothing if a debug assertion that is known has kept a server from its outcome.
    pub fn differences(&self) -> Vec<Difference> {
        let panics = self.sides.each().into_iter().flat_map(|side| &side.observation.panics);
        if self.agrees() || assertions::are_known(panics) {
            return Vec::new();
        }
        let [legacy, modern] = self.sides.each().map(ServerSide::outcome);
        Difference::between(legacy, modern)
    }

    /// How many of the compared frames are equal before the servers part, or something else goes wrong; `None` if nothing
    /// does.
    pub fn parting(&self) -> Option<usize> {
        if self.fault().is_none() && self.differences().is_empty() {
            return None;
        }
        let [legacy, modern] = self.sides.each().map(|side| compared(&side.observation.record));
        Some(legacy.zip(modern).take_while(|(legacy, modern)| legacy == modern).count())
    }

    /// What the servers differ in, without the details: with which frames they part, and how both connections ended. Field
    /// blocks are not read for it.
    pub fn fingerprint(&self) -> impl Hash {
        let [mut legacy, mut modern] = self.sides.each().map(|side| compared(&side.observation.record));
        let parted = loop {
            match (legacy.next(), modern.next()) {
                (Some(legacy), Some(modern)) if legacy == modern => {}
                (legacy, modern) => break [legacy, modern],
            }
        };
        (parted.map(|bytes| bytes.and_then(told)), self.sides.map(|side| side.end.clone()))
    }

    /// Whether the servers have written the same bytes in all frames that are compared, and the connections ended alike: then
    /// nothing differs. It is what most clients come to, and quickly known.
    pub fn agrees(&self) -> bool {
        let [legacy, modern] = self.sides.each();
        legacy.end == modern.end && compared(&legacy.observation.record).eq(compared(&modern.observation.record))
    }
}

/// The bytes of the frames that the comparison looks into: what a server chooses for itself, and acknowledgements, may differ.
pub(crate) fn compared(record: &Record) -> impl Iterator<Item = &[u8]> {
    let compared = |bytes: &&[u8]| {
        let kind = Header::read(bytes).map(|header| header.kind);
        matches!(
            kind,
            Some(
                FrameType::HEADERS
                    | FrameType::CONTINUATION
                    | FrameType::DATA
                    | FrameType::RST_STREAM
                    | FrameType::GOAWAY
                    | FrameType::PUSH_PROMISE
            )
        )
    };
    let written = |event: &Event| match event {
        Event::Written(place) => Some(&record.written[place.clone()]),
        _ => None,
    };
    record.events.iter().filter_map(written).filter(compared)
}

/// The type of a frame, and the code that it has.
fn told(bytes: &[u8]) -> Option<(FrameType, Option<ErrorCode>)> {
    let frame = wire::decode(&mut Bytes::copy_from_slice(bytes))?;
    let code = match frame.view() {
        View::RstStream(code) | View::GoAway { code, .. } => Some(code),
        _ => None,
    };
    Some((frame.kind, code))
}

impl ServerSide {
    fn new(server: &Server, observation: Observation) -> ServerSide {
        let end = ServerEnd::new(&observation, &server.classifier);
        ServerSide { stack: server.stack, observation, end, outcome: OnceCell::new() }
    }

    /// What the server told its client, and how the connection ended.
    pub fn outcome(&self) -> &ServerOutcome {
        self.outcome.get_or_init(|| ServerOutcome::new(&self.observation.record, self.end.clone()))
    }

    fn fault(&self) -> Option<ServerFault> {
        let panics = &self.observation.panics;
        let fault = match panics.first() {
            Some(_) if assertions::are_known(panics) => return None,
            Some(panic) => Fault::Panicked(panic.clone()),
            None if self.observation.spinning => Fault::Spinning,
            None if self.end == ServerEnd::Open => Fault::Open,
            None => return None,
        };
        Some(ServerFault { stack: self.stack, fault })
    }
}

/// What no server may do, whatever its client sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerFault {
    /// The stack of the server.
    pub stack: StackName,
    /// What it does.
    pub fault: Fault,
}

/// See [`ServerFault`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It panicked, and not on an assertion that is known.
    Panicked(String),
    /// It keeps itself busy.
    Spinning,
    /// It does not end its connection, though the client has closed it.
    Open,
}

impl fmt::Display for ServerFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let server = self.stack;
        match &self.fault {
            Fault::Panicked(panic) => write!(f, "the {server} server panics: {panic}"),
            Fault::Spinning => write!(f, "the {server} server never rests"),
            Fault::Open => write!(f, "the {server} server's connection does not end, and the client has closed it"),
        }
    }
}
