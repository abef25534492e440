//! What a server sent, how its connection ended, and the differences between two servers.

use super::{ServerSide, compared};
use crate::{
    chain::Chain,
    classifiers::ChainClassifier,
    http2::{
        ErrorCode, FrameType, StreamId, View, flags,
        hpack::{BlockReader, Field},
        wire,
    },
    peer::Record,
    stacks::{End, Observation},
};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

/// What a server sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ServerOutcome {
    /// What it sent on each stream.
    pub streams: BTreeMap<StreamId, StreamOutcome>,
    /// The last stream and the code of each GOAWAY that it sent, in order.
    pub goaways: Vec<(u32, String)>,
}

/// What a server sent on one stream.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct StreamOutcome {
    /// The stream.
    pub stream: u32,
    /// The fields of every block: heads, then trailers. `None` for a block that does not decode.
    pub blocks: Vec<Option<Vec<Field>>>,
    /// The content, with escapes for bytes that are not printable ASCII.
    pub content: String,
    /// Whether a frame had END_STREAM.
    pub ended: bool,
    /// The code of every RST_STREAM.
    pub resets: Vec<String>,
}

/// How a server's connection ended for its application.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ServerEnd {
    /// A task of the server panicked first.
    Panicked(String),
    /// The server kept itself busy until the driver gave up.
    Spinning,
    /// It did not end.
    Open,
    /// It ended without an error.
    Clean,
    /// It ended with this error chain.
    Failed(Chain),
}

impl ServerEnd {
    pub(super) fn new(observation: &Observation, classifier: &ChainClassifier) -> ServerEnd {
        match (observation.panics.first(), &observation.connection) {
            (Some(panic), _) => ServerEnd::Panicked(panic.clone()),
            _ if observation.spinning => ServerEnd::Spinning,
            // Nobody cancels a server.
            (_, End::Open | End::Cancelled) => ServerEnd::Open,
            (_, End::Complete) => ServerEnd::Clean,
            (_, End::Failed(_, error)) => ServerEnd::Failed(classifier.reader.read(error.as_ref().as_ref())),
        }
    }
}

impl fmt::Display for ServerEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ServerEnd::Panicked(panic) => write!(f, "a panic: {panic}"),
            ServerEnd::Spinning => f.write_str("never at rest"),
            ServerEnd::Open => f.write_str("open"),
            ServerEnd::Clean => f.write_str("without an error"),
            ServerEnd::Failed(chain) => write!(f, "{chain}"),
        }
    }
}

/// What one server did at the first difference, without streams, fields and content.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ServerResult {
    /// The type and error code of the first frame that differs; `None` if this server sent no more frames.
    parted: Option<(FrameType, Option<ErrorCode>)>,
    /// How the connection ended.
    end: ServerEnd,
}

impl ServerResult {
    pub(super) fn new(parted: Option<&[u8]>, end: &ServerEnd) -> ServerResult {
        let frame = parted.and_then(|bytes| wire::decode(&mut Bytes::copy_from_slice(bytes)));
        let parted = frame.map(|frame| match frame.view() {
            View::RstStream(code) | View::GoAway { code, .. } => (frame.kind, Some(code)),
            _ => (frame.kind, None),
        });
        ServerResult { parted, end: end.clone() }
    }
}

impl fmt::Display for ServerResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.parted {
            Some((kind, Some(code))) => write!(f, "{kind} {code}, ")?,
            Some((kind, None)) => write!(f, "{kind}, ")?,
            None => {}
        }
        write!(f, "end: {}", self.end)
    }
}

impl ServerOutcome {
    pub(super) fn new(record: &Record) -> ServerOutcome {
        let mut outcome = ServerOutcome::default();
        let (mut reader, mut block) = (BlockReader::default(), Vec::new());
        for bytes in compared(record) {
            let Some(frame) = wire::decode(&mut Bytes::copy_from_slice(bytes)) else { continue };
            if let View::GoAway { last_stream_id, code, .. } = frame.view() {
                outcome.goaways.push((last_stream_id.get(), code.to_string()));
                continue;
            }
            let stream = outcome.streams.entry(frame.stream).or_default();
            stream.stream = frame.stream.get();
            stream.ended |= frame.ends_stream();
            match frame.view() {
                View::Data(data) => stream.content.extend(data.escape_ascii().map(char::from)),
                View::RstStream(code) => stream.resets.push(code.to_string()),
                View::Headers(fragment) | View::Continuation(fragment) => {
                    block.extend_from_slice(fragment);
                    if frame.has(flags::END_HEADERS) {
                        stream.blocks.push(reader.read(&std::mem::take(&mut block)).ok());
                    }
                }
                _ => {}
            }
        }
        outcome
    }
}

/// The differences between two servers: stream by stream, then on the connection.
pub(super) fn differences([legacy, modern]: [&ServerSide; 2]) -> Vec<String> {
    let end = unequal("the end of the connection", &legacy.end, &modern.end, ToString::to_string);
    let [legacy, modern] = [legacy, modern].map(ServerSide::outcome);
    let none = StreamOutcome::default();
    let mut differences = Vec::new();
    let streams: BTreeSet<StreamId> = legacy.streams.keys().chain(modern.streams.keys()).copied().collect();
    for stream in streams {
        let [legacy, modern] = [legacy, modern].map(|side| side.streams.get(&stream).unwrap_or(&none));
        let of_stream = [
            unequal("the fields", &legacy.blocks, &modern.blocks, |blocks| listed(&block_texts(blocks))),
            unequal("the content", &legacy.content, &modern.content, String::clone),
            unequal("the end", &legacy.ended, &modern.ended, |ended| {
                if *ended { "END_STREAM" } else { "no END_STREAM" }.to_owned()
            }),
            unequal("the resets", &legacy.resets, &modern.resets, |resets| listed(resets)),
        ];
        differences.extend(of_stream.into_iter().flatten().map(|difference| format!("stream {stream}: {difference}")));
    }
    differences.extend(unequal("the GOAWAY frames", &legacy.goaways, &modern.goaways, |goaways| {
        listed(&goaway_texts(goaways))
    }));
    differences.extend(end);
    differences
}

fn unequal<T: PartialEq>(what: &str, legacy: &T, modern: &T, show: impl Fn(&T) -> String) -> Option<String> {
    (legacy != modern).then(|| format!("{what} differ: legacy {}, modern {}", show(legacy), show(modern)))
}

/// The GOAWAY frames, each as text.
pub fn goaway_texts(goaways: &[(u32, String)]) -> Vec<String> {
    goaways.iter().map(|(last, code)| format!("{code} last_stream_id={last}")).collect()
}

/// The field blocks of a stream, each as text.
pub fn block_texts(blocks: &[Option<Vec<Field>>]) -> Vec<String> {
    let block = |fields: &Vec<Field>| {
        let fields: Vec<_> = fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
        fields.join(" ")
    };
    blocks.iter().map(|fields| fields.as_ref().map_or("a block that does not decode".into(), block)).collect()
}

fn listed(items: &[String]) -> String {
    if items.is_empty() { "none".into() } else { items.join(", ") }
}
