//! The text form of a script: one TOML table per step.
//!
//! ```toml
//! requests = [{ method = "GET" }]
//! steps = [
//!   { send = "SETTINGS" },
//!   { await = "HEADERS", stream = 1 },
//!   { send = "GOAWAY", last_stream_id = 0, error_code = "NO_ERROR" },
//!   { close = "eof" },
//! ]
//! ```
//!
//! A frame has typed keys, or `flags` and `payload_hex`. `length`, `reserved` and `flags` can make it invalid.
//! `guide/scenarios.md` lists every key. A key that does not belong to the step or frame type is refused by name.

mod frames;

use super::{Body, IoFailure, Request, Script, Step};
use crate::http2::{ErrorCode, Frame, FrameType, SettingId, StreamId, hpack::Field};
use bytes::Bytes;
use frames::{frame_fields, some_stream};
use serde::{Deserialize, Serialize};

/// A step in TOML. With `times = n`, it happens n times in a row, each time on a later stream if it says `next_stream`, or
/// for a later request if it says `next_request`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "StepFields", into = "StepFields")]
pub(crate) struct StepText {
    /// The step.
    step: Step,
    /// The number of times it happens.
    times: usize,
    /// How much the number of its stream or request grows from one time to the next.
    next: u32,
}

/// The largest `times`.
const MAX_TIMES: u64 = 100_000;

/// Why a table is not a step.
#[derive(Debug, thiserror::Error)]
enum Refused {
    /// The table has none of the keys that name a step.
    #[error("a step needs one of the keys {}", STEPS.join(", "))]
    NoStep,
    /// The table has two of the keys that name a step.
    #[error("a step cannot have both `{0}` and `{1}`")]
    TwoSteps(&'static str, &'static str),
    /// The table has two keys for the same value.
    #[error("{0} cannot have both `{1}` and `{2}`")]
    TwoKeys(String, &'static str, &'static str),
    /// The step or frame type has no such key.
    #[error("{0} has no key `{1}`")]
    UnknownKey(String, &'static str),
    /// A required key is missing.
    #[error("{0} needs the key `{1}`")]
    MissingKey(String, &'static str),
    /// A number is too large for its field.
    #[error("`{0}` = {1} is above {2}")]
    TooLarge(&'static str, u64, u64),
    /// Connections are counted from 1.
    #[error("`connection` = 0: the first connection is 1")]
    NoConnection,
    /// The key has no other value.
    #[error("`{0}` can only be true")]
    OnlyTrue(&'static str),
    /// A text is not pairs of hexadecimal digits, or is too long.
    #[error("`{0}` is not an even number of hexadecimal digits")]
    NotHex(&'static str),
}

/// The keys that name a step. They are the first fields of [`StepFields`].
const STEPS: [&str; 16] = [
    "request",
    "send",
    "send_raw",
    "await",
    "pass_ms",
    "split",
    "close",
    "fail_read",
    "fail_write",
    "cancel",
    "read",
    "feed",
    "connection",
    "answer_pings",
    "refuse_connections",
    "never",
];

/// What is closed: the peer's side of the connection, or the client by its application.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Close {
    Eof,
    Client,
}

macro_rules! step_fields {
    ($($(#[$attribute:meta])* $field:ident: $type:ty,)*) => {
        #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        struct StepFields {
            $($(#[$attribute])* #[serde(default, skip_serializing_if = "Option::is_none")] $field: Option<$type>,)*
        }

        impl StepFields {
            /// The name of a remaining key. Keys that were understood have been taken out.
            fn left(&self) -> Option<&'static str> {
                $(if self.$field.is_some() { return Some(stringify!($field).trim_start_matches("r#")); })*
                None
            }
        }
    };
}

step_fields! {
    request: Request,
    send: FrameType,
    send_raw: String,
    r#await: FrameType,
    pass_ms: u32,
    split: u32,
    close: Close,
    fail_read: IoFailure,
    fail_write: IoFailure,
    cancel: u32,
    read: u32,
    feed: u32,
    connection: u32,
    answer_pings: bool,
    refuse_connections: bool,
    never: FrameType,
    bytes: u32,
    end: bool,
    after: u32,
    stream: StreamId,
    status: u64,
    headers: Vec<Field>,
    block_hex: String,
    data: String,
    size: u64,
    promised: StreamId,
    last_stream_id: StreamId,
    error_code: ErrorCode,
    debug: String,
    settings: Vec<(SettingId, u32)>,
    increment: u32,
    opaque: u64,
    depends_on: StreamId,
    weight: u8,
    exclusive: bool,
    ack: bool,
    end_stream: bool,
    end_headers: bool,
    padding: u8,
    payload_hex: String,
    flags: u8,
    reserved: bool,
    length: u32,
    times: u64,
    next_stream: u32,
    next_request: u32,
}

/// The script with these `requests` before the first step and these `steps`. Without any request it gets one GET.
pub(crate) fn script(requests: Vec<Request>, steps: Vec<StepText>) -> Script {
    let steps = steps.into_iter().flat_map(|StepText { step, times, next }| {
        (0..times as u32).map(move |time| advanced(&step, time.wrapping_mul(next)))
    });
    Script::new(requests.into_iter().map(Step::Request).chain(steps).collect())
}

/// The same step, on a stream or for a request whose number is larger by `more`.
fn advanced(step: &Step, more: u32) -> Step {
    let later = |stream: StreamId| StreamId::from_word(stream.get().wrapping_add(more));
    match step {
        Step::Send(frame) => Step::Send(Frame { stream: later(frame.stream), ..frame.clone() }),
        Step::Await { kind, stream } => Step::Await { kind: *kind, stream: later(*stream) },
        other => match other.request_number() {
            Some(request) => other.about_request(request.wrapping_add(more)),
            None => other.clone(),
        },
    }
}

/// By how much [`advanced`] makes the first step the second; `None` if it does not.
fn distance(first: &Step, second: &Step) -> Option<u32> {
    let more = match (first, second) {
        (Step::Send(first), Step::Send(second)) => second.stream.get().wrapping_sub(first.stream.get()),
        (Step::Await { stream: first, .. }, Step::Await { stream: second, .. }) => {
            second.get().wrapping_sub(first.get())
        }
        _ => match (first.request_number(), second.request_number()) {
            (Some(first), Some(second)) => second.wrapping_sub(first),
            _ => 0,
        },
    };
    (more <= MAX_NEXT && advanced(first, more) == *second).then_some(more)
}

/// The steps as few tables: equal ones in a row as one, and many that differ only in their streams or requests.
fn tables(steps: &[Step]) -> Vec<StepText> {
    let mut tables = Vec::new();
    let mut rest = steps;
    while let [first, others @ ..] = rest {
        let next = others.first().and_then(|second| distance(first, second));
        let pairs = rest.windows(2).take(MAX_TIMES as usize - 1);
        let same = pairs.take_while(|pair| next.is_some() && distance(&pair[0], &pair[1]) == next).count();
        let (times, next) = match next {
            Some(next) if next == 0 || same + 1 >= MANY => (same + 1, next),
            _ => (1, 0),
        };
        tables.push(StepText { step: first.clone(), times, next });
        rest = &rest[times..];
    }
    tables
}

/// From this many steps in a row that are equal requests, or that differ only in a number, they are one table.
const MANY: usize = 9;

/// The largest `next_stream` and `next_request`.
const MAX_NEXT: u32 = 100;

impl Script {
    /// The `requests` and `steps` keys of a scenario, one step per line.
    pub fn to_toml(&self) -> String {
        let first: Vec<&Request> = self.steps().iter().map_while(Step::request).collect();
        let is_long = first.chunk_by(PartialEq::eq).any(|run| run.len() >= MANY);
        let requests = if is_long { Vec::new() } else { first };
        let steps = tables(&self.steps()[requests.len()..]);
        let requests = match &requests[..] {
            [] => String::new(),
            [request] => inline(request),
            several => format!("\n{}", lines(several)),
        };
        format!("requests = [{requests}]\nsteps = [\n{}]\n", lines(&steps))
    }
}

/// A scenario with these keys and with this name as words joined by hyphens, in the form of a scenario file.
pub fn scenario_toml(name: &str, keys: &str) -> String {
    let name = name.to_ascii_lowercase();
    let words: Vec<_> = name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let name = if words.is_empty() { String::new() } else { format!("name = {}\n", inline(&words.join("-"))) };
    format!("[[scenario]]\n{name}{keys}")
}

/// The items of a list, one on each line.
fn lines(items: &[impl Serialize]) -> String {
    items.iter().map(|item| format!("  {},\n", inline(item))).collect()
}

/// The value on one line, as an inline table.
pub(crate) fn inline(value: &impl Serialize) -> String {
    let mut out = String::new();
    value
        .serialize(toml::ser::ValueSerializer::new(&mut out))
        .expect("TOML can represent tables of strings, numbers, booleans and lists");
    out
}

impl TryFrom<StepFields> for StepText {
    type Error = Refused;

    fn try_from(mut fields: StepFields) -> Result<StepText, Refused> {
        let name = fields.left().unwrap_or_default();
        let times = limited("times", fields.times.take().unwrap_or(1), MAX_TIMES)? as usize;
        let (what, step) = fields.take_step()?;
        let (key, next) = match step {
            Step::Send(_) | Step::Await { .. } => ("next_stream", fields.next_stream.take()),
            _ if step.request_number().is_some() => ("next_request", fields.next_request.take()),
            _ => ("", None),
        };
        let next = limited(key, next.unwrap_or_default().into(), MAX_NEXT.into())? as u32;
        match fields.left() {
            Some(second) if STEPS.contains(&second) => Err(Refused::TwoSteps(name, second)),
            Some(left) => Err(Refused::UnknownKey(what, left)),
            None => Ok(StepText { step, times, next }),
        }
    }
}

impl StepFields {
    /// Takes the step's keys out of the table. Returns the step, and its name for messages about remaining keys.
    fn take_step(&mut self) -> Result<(String, Step), Refused> {
        Ok(if let Some(request) = self.request.take() {
            ("a request".into(), Step::Request(request))
        } else if let Some(kind) = self.send.take() {
            let what = format!("a {kind} frame");
            let frame = self.take_frame(kind, &what)?;
            (what, Step::Send(frame))
        } else if let Some(bytes) = self.send_raw.take() {
            ("send_raw".into(), Step::SendRaw(hex("send_raw", &bytes)?))
        } else if let Some(kind) = self.r#await.take() {
            ("await".into(), Step::Await { kind, stream: self.stream.take().unwrap_or_default() })
        } else if let Some(milliseconds) = self.pass_ms.take() {
            ("pass_ms".into(), Step::Pass(milliseconds))
        } else if let Some(size) = self.split.take() {
            ("split".into(), Step::Split(size))
        } else if let Some(close) = self.close.take() {
            let step = if close == Close::Eof { Step::Close } else { Step::DropClient };
            ("close".into(), step)
        } else if let Some(failure) = self.fail_read.take() {
            ("fail_read".into(), Step::FailRead(failure))
        } else if let Some(request) = self.cancel.take() {
            ("cancel".into(), Step::Cancel(request))
        } else if let Some(request) = self.read.take() {
            let bytes = self.bytes.take().ok_or_else(|| Refused::MissingKey("read".into(), "bytes"))?;
            ("read".into(), Step::Read { request, bytes })
        } else if let Some(request) = self.feed.take() {
            let end = self.end.take().unwrap_or_default();
            let bytes = self.bytes.take().or(end.then_some(0));
            let bytes = bytes.ok_or_else(|| Refused::MissingKey("feed".into(), "bytes"))?;
            let bytes = limited("bytes", bytes.into(), Body::MAX_SIZE.into())? as u32;
            ("feed".into(), Step::Feed { request, bytes, end })
        } else if let Some(kind) = self.never.take() {
            ("never".into(), Step::Never { kind, stream: self.stream.take().unwrap_or_default() })
        } else if let Some(refuses) = self.refuse_connections.take() {
            let step = refuses.then_some(Step::RefuseConnections).ok_or(Refused::OnlyTrue("refuse_connections"))?;
            ("refuse_connections".into(), step)
        } else if let Some(number) = self.connection.take() {
            ("connection".into(), Step::Connection(connection(number)?))
        } else if let Some(answers) = self.answer_pings.take() {
            let step = answers.then_some(Step::AnswerPings).ok_or(Refused::OnlyTrue("answer_pings"))?;
            ("answer_pings".into(), step)
        } else {
            let failure = self.fail_write.take().ok_or(Refused::NoStep)?;
            ("fail_write".into(), Step::FailWrite { failure, after: self.after.take().unwrap_or_default() })
        })
    }
}

impl From<StepText> for StepFields {
    fn from(StepText { step, times, next }: StepText) -> StepFields {
        let none = StepFields::default;
        let next = (next != 0).then_some(next);
        let (next_stream, next_request) = if step.request_number().is_some() { (None, next) } else { (next, None) };
        let fields = match step {
            Step::Request(request) => StepFields { request: Some(request), ..none() },
            Step::Send(frame) => frame_fields(&frame),
            Step::SendRaw(bytes) => StepFields { send_raw: Some(to_hex(&bytes)), ..none() },
            Step::Await { kind, stream } => StepFields { r#await: Some(kind), stream: some_stream(stream), ..none() },
            Step::Pass(milliseconds) => StepFields { pass_ms: Some(milliseconds), ..none() },
            Step::Split(size) => StepFields { split: Some(size), ..none() },
            Step::Close => StepFields { close: Some(Close::Eof), ..none() },
            Step::FailRead(failure) => StepFields { fail_read: Some(failure), ..none() },
            Step::Cancel(request) => StepFields { cancel: Some(request), ..none() },
            Step::Read { request, bytes } => StepFields { read: Some(request), bytes: Some(bytes), ..none() },
            Step::Feed { request, bytes, end } => {
                let bytes = (bytes > 0 || !end).then_some(bytes);
                StepFields { feed: Some(request), bytes, end: end.then_some(true), ..none() }
            }
            Step::DropClient => StepFields { close: Some(Close::Client), ..none() },
            Step::RefuseConnections => StepFields { refuse_connections: Some(true), ..none() },
            Step::Never { kind, stream } => StepFields { never: Some(kind), stream: some_stream(stream), ..none() },
            Step::Connection(number) => StepFields { connection: Some(number), ..none() },
            Step::AnswerPings => StepFields { answer_pings: Some(true), ..none() },
            Step::FailWrite { failure, after } => {
                StepFields { fail_write: Some(failure), after: (after != 0).then_some(after), ..none() }
            }
        };
        StepFields { times: (times != 1).then_some(times as u64), next_stream, next_request, ..fields }
    }
}

/// The number of a connection.
fn connection(number: u32) -> Result<u32, Refused> {
    match number {
        0 => Err(Refused::NoConnection),
        _ => limited("connection", number.into(), Step::MAX_CONNECTION.into()).map(|_| number),
    }
}

fn limited(key: &'static str, number: u64, limit: u64) -> Result<u64, Refused> {
    if number > limit { Err(Refused::TooLarge(key, number, limit)) } else { Ok(number) }
}

/// The bytes that pairs of hexadecimal digits stand for. White space is ignored.
pub fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> =
        text.chars().filter(|c| !c.is_whitespace()).map(|c| Some(c.to_digit(16)? as u8)).collect::<Option<_>>()?;
    digits.len().is_multiple_of(2).then(|| digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}

/// Two hexadecimal digits per byte.
pub fn to_hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 0xf]);
    digits.map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
}

fn hex(key: &'static str, text: &str) -> Result<Bytes, Refused> {
    from_hex(text).map(Bytes::from).filter(|bytes| bytes.len() <= Step::MAX_RAW).ok_or(Refused::NotHex(key))
}
