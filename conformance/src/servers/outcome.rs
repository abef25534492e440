//! What a server told its client, and how the connection ended: what the comparison compares.

use super::compared;
use crate::{
    chain::Chain,
    classifiers::ChainClassifier,
    http2::{
        ErrorCode, StreamId, View, flags,
        hpack::{BlockReader, Field},
        wire,
    },
    peer::Record,
    stacks::{End, Observation},
    vocabulary::PerStack,
};
use bytes::Bytes;
use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    fmt,
};

/// What a server told its client, and how the connection ended.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ServerOutcome {
    /// What it sent on each stream.
    pub streams: BTreeMap<StreamId, StreamOutcome>,
    /// The last stream and the code of each GOAWAY that it sent, in order.
    pub goaways: Vec<(StreamId, ErrorCode)>,
    /// How the connection ended.
    pub end: ServerEnd,
}

/// What a server sent on one stream.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct StreamOutcome {
    /// The fields of every block: heads, then trailers. `None` for one that does not decode.
    pub blocks: Vec<Option<Vec<Field>>>,
    /// The content.
    pub content: Vec<u8>,
    /// Whether a frame had END_STREAM.
    pub ended: bool,
    /// The code of every RST_STREAM.
    pub resets: Vec<ErrorCode>,
}

/// How a server's connection ended, as its application was told.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ServerEnd {
    /// It did not.
    Open,
    /// Without an error.
    Clean,
    /// With an error, of which this was read.
    Failed(Chain),
}

impl ServerEnd {
    pub(super) fn new(observation: &Observation, classifier: &ChainClassifier) -> ServerEnd {
        match observation.requests.first().map(|connection| &connection.end) {
            None | Some(End::Open) => ServerEnd::Open,
            Some(End::Complete) => ServerEnd::Clean,
            Some(End::Failed(_, error)) => ServerEnd::Failed(classifier.reader.read(error.as_ref().as_ref())),
        }
    }
}

impl fmt::Display for ServerEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ServerEnd::Open => f.write_str("open"),
            ServerEnd::Clean => f.write_str("without an error"),
            ServerEnd::Failed(chain) => write!(f, "{chain}"),
        }
    }
}

impl ServerOutcome {
    pub(super) fn new(record: &Record, end: ServerEnd) -> ServerOutcome {
        let mut outcome = ServerOutcome { streams: BTreeMap::new(), goaways: Vec::new(), end };
        let (mut reader, mut block) = (BlockReader::default(), Vec::new());
        for bytes in compared(record) {
            let Some(frame) = wire::decode(&mut Bytes::copy_from_slice(bytes)) else { continue };
            if let View::GoAway { last_stream_id, code, .. } = frame.view() {
                outcome.goaways.push((last_stream_id, code));
                continue;
            }
            let stream = outcome.streams.entry(frame.stream).or_default();
            stream.ended |= frame.ends_stream();
            match frame.view() {
                View::Data(data) => stream.content.extend_from_slice(data),
                View::RstStream(code) => stream.resets.push(code),
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

/// Something that two servers told their clients, or their applications, differently.
#[derive(Clone, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub struct Difference {
    /// The stream; none if it is the connection.
    pub stream: Option<u32>,
    /// What is different.
    pub what: Cow<'static, str>,
    /// What it is on each stack.
    #[serde(flatten)]
    pub sides: PerStack<String>,
}

impl Difference {
    /// All that differs between two outcomes, by streams, and then what is of the connection.
    pub(super) fn between(legacy: &ServerOutcome, modern: &ServerOutcome) -> Vec<Difference> {
        let none = StreamOutcome::default();
        let mut differences = Vec::new();
        let streams: BTreeSet<StreamId> = legacy.streams.keys().chain(modern.streams.keys()).copied().collect();
        for stream in streams {
            let [legacy, modern] = [legacy, modern].map(|side| side.streams.get(&stream).unwrap_or(&none));
            let of_stream = [
                unequal("the fields", &legacy.blocks, &modern.blocks, |blocks| fields(blocks)),
                unequal("the content", &legacy.content, &modern.content, |content| content.escape_ascii().to_string()),
                unequal("the end", &legacy.ended, &modern.ended, |ended| {
                    if *ended { "END_STREAM" } else { "no END_STREAM" }.to_owned()
                }),
                unequal("the resets", &legacy.resets, &modern.resets, |resets| listed(resets)),
            ];
            let of_stream = of_stream.into_iter().flatten();
            differences.extend(of_stream.map(|difference| Difference { stream: Some(stream.get()), ..difference }));
        }
        let goaways = |goaways: &Vec<(StreamId, ErrorCode)>| {
            let goaways: Vec<_> = goaways.iter().map(|(last, code)| format!("{code} last_stream_id={last}")).collect();
            listed(&goaways)
        };
        differences.extend(unequal("the GOAWAY frames", &legacy.goaways, &modern.goaways, goaways));
        differences.extend(unequal("the end of the connection", &legacy.end, &modern.end, ToString::to_string));
        differences
    }

    /// What this is like, whatever the stream, the fields and the content are.
    pub fn fingerprint(&self) -> (Cow<'static, str>, PerStack<String>) {
        let of_code = matches!(&*self.what, "the resets" | "the end of the connection");
        let goaway = self.what == "the GOAWAY frames";
        let words = |side: &str| {
            let code = || side.split(" last_stream_id").next().unwrap_or_default().to_owned();
            if of_code {
                side.to_owned()
            } else if goaway {
                code()
            } else {
                String::new()
            }
        };
        (self.what.clone(), self.sides.map(|side| words(side)))
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(stream) = self.stream {
            write!(f, "stream {stream}: ")?;
        }
        let sides: Vec<_> = self.sides.iter().map(|(stack, side)| format!("{stack} {side}")).collect();
        write!(f, "{} differ: {}", self.what, sides.join(", "))
    }
}

fn unequal<T: PartialEq>(
    what: &'static str,
    legacy: &T,
    modern: &T,
    show: impl Fn(&T) -> String,
) -> Option<Difference> {
    (legacy != modern).then(|| Difference {
        stream: None,
        what: what.into(),
        sides: PerStack::new([show(legacy), show(modern)]),
    })
}

fn fields(blocks: &[Option<Vec<Field>>]) -> String {
    let block = |block: &Option<Vec<Field>>| match block {
        None => "a block that does not decode".to_owned(),
        Some(fields) => {
            let fields: Vec<_> = fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
            fields.join(" ")
        }
    };
    listed(&blocks.iter().map(block).collect::<Vec<_>>())
}

fn listed<T: ToString>(items: &[T]) -> String {
    if items.is_empty() {
        return "none".into();
    }
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
