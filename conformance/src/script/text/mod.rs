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

use super::{Body, BodyEnd, IoFailure, Method, Request, Script, Step};
use crate::http2::StreamId;
use bytes::Bytes;
use frames::{frame_fields, frame_type, kind_name, some_stream};
use serde::{Deserialize, Serialize};

/// A script in TOML.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScriptText {
    /// The requests issued before the first step. Later requests are steps. A script without any request gets one GET.
    #[serde(default)]
    pub requests: Vec<RequestText>,
    /// The steps after these requests.
    #[serde(default)]
    pub steps: Vec<StepText>,
}

/// A request in TOML: `{ method = "POST", headers = [["te", "trailers"]], body = { size = 10 } }`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "RequestFields", into = "RequestFields")]
pub struct RequestText(pub Request);

/// A step in TOML. With `times = n`, it happens n times in a row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "StepFields", into = "StepFields")]
pub struct StepText {
    /// The step.
    pub step: Step,
    /// The number of times it happens.
    pub times: usize,
}

/// The largest `times`.
const MAX_TIMES: u64 = 100_000;

/// Why a table is not a step, a request or a frame.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// The table has none of the keys that name a step.
    #[error(
        "a step needs one of the keys request, send, send_raw, await, pass_ms, split, close, fail_read, fail_write"
    )]
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
    /// A name is unknown.
    #[error("unknown {what} `{name}`; expected {known}")]
    UnknownName {
        /// The name in the file.
        name: String,
        /// What the name should stand for.
        what: &'static str,
        /// The names that are accepted.
        known: String,
    },
    /// A stream identifier has more than 31 bits.
    #[error("{0}: {1}")]
    Stream(&'static str, crate::http2::OutOfRange),
    /// A number is too large for its field.
    #[error("`{0}` = {1} is above {2}")]
    TooLarge(&'static str, u64, u64),
    /// A text is not pairs of hexadecimal digits, or is too long.
    #[error("`{0}` is not an even number of hexadecimal digits")]
    NotHex(&'static str),
    /// A header field is invalid.
    #[error("`{0}: {1}` is not a header field: the name must be a lower-case token, the value visible ASCII")]
    BadField(String, String),
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RequestFields {
    method: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    headers: Vec<(String, String)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    body: Option<BodyFields>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct BodyFields {
    size: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    then: Option<String>,
}

/// A name or a number: `"NO_ERROR"` or `42`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Name {
    Number(u64),
    Text(String),
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
    request: RequestText,
    send: Name,
    send_raw: String,
    r#await: Name,
    pass_ms: u64,
    split: u64,
    close: String,
    fail_read: String,
    fail_write: String,
    after: u64,
    stream: u64,
    status: u64,
    headers: Vec<(String, String)>,
    block_hex: String,
    data: String,
    size: u64,
    promised: u64,
    last_stream_id: u64,
    error_code: Name,
    debug: String,
    settings: Vec<(Name, u64)>,
    increment: u64,
    opaque: u64,
    depends_on: u64,
    weight: u64,
    exclusive: bool,
    ack: bool,
    end_stream: bool,
    end_headers: bool,
    padding: u64,
    payload_hex: String,
    flags: u64,
    reserved: bool,
    length: u64,
    times: u64,
}

impl From<ScriptText> for Script {
    fn from(text: ScriptText) -> Script {
        let requests = text.requests.into_iter().map(|request| Step::Request(request.0));
        let steps = text.steps.into_iter().flat_map(|text| std::iter::repeat_n(text.step, text.times));
        Script::new(requests.chain(steps).collect())
    }
}

impl From<&Script> for ScriptText {
    fn from(script: &Script) -> ScriptText {
        let opening = script.steps().iter().take_while(|step| matches!(step, Step::Request(_))).count();
        let (requests, steps) = script.steps().split_at(opening);
        ScriptText {
            requests: requests
                .iter()
                .filter_map(|step| match step {
                    Step::Request(request) => Some(RequestText(request.clone())),
                    _ => None,
                })
                .collect(),
            steps: steps
                .chunk_by(PartialEq::eq)
                .flat_map(|run| run.chunks(MAX_TIMES as usize))
                .map(|run| StepText { step: run[0].clone(), times: run.len() })
                .collect(),
        }
    }
}

impl Script {
    /// The `requests` and `steps` keys of a scenario, one step per line.
    pub fn to_toml(&self) -> String {
        let text = ScriptText::from(self);
        let mut out = String::from("requests = [");
        if let [request] = &text.requests[..] {
            out.push_str(&inline(request));
        } else {
            for request in &text.requests {
                out.push_str(&format!("\n  {},", inline(request)));
            }
            if !text.requests.is_empty() {
                out.push('\n');
            }
        }
        out.push_str("]\nsteps = [\n");
        for step in &text.steps {
            out.push_str(&format!("  {},\n", inline(step)));
        }
        out.push_str("]\n");
        out
    }
}

/// A scenario with this name and these keys, in the form of a scenario file.
pub fn scenario_toml(name: &str, keys: &str) -> String {
    format!("[[scenario]]\nname = {}\n{keys}", inline(&name))
}

/// The value on one line, as an inline table.
fn inline(value: &impl Serialize) -> String {
    let mut out = String::new();
    value
        .serialize(toml::ser::ValueSerializer::new(&mut out))
        .expect("TOML can represent tables of strings, numbers, booleans and lists");
    out
}

impl TryFrom<RequestFields> for RequestText {
    type Error = Refused;

    fn try_from(fields: RequestFields) -> Result<RequestText, Refused> {
        let known = || Method::ALL.map(Method::name).join(", ");
        let method = Method::from_name(&fields.method).ok_or_else(|| unknown(&fields.method, "method", known()))?;
        let mut request = Request::new(method);
        for (name, value) in fields.headers {
            request = request.with_header(&name, &value).ok_or(Refused::BadField(name, value))?;
        }
        if let Some(body) = fields.body {
            let end = match body.then.as_deref() {
                None => BodyEnd::Complete,
                Some("hang") => BodyEnd::Never,
                Some("fail") => BodyEnd::Fails,
                Some(other) => return Err(unknown(other, "end of a body", "hang, fail".into())),
            };
            let size = limited("size", body.size, Body::MAX_SIZE.into())?;
            request = request.with_body(Body::new(size as u32, end));
        }
        Ok(RequestText(request))
    }
}

impl From<RequestText> for RequestFields {
    fn from(RequestText(request): RequestText) -> RequestFields {
        let body = request.body();
        let then = match body.end() {
            BodyEnd::Complete => None,
            BodyEnd::Never => Some("hang".to_owned()),
            BodyEnd::Fails => Some("fail".to_owned()),
        };
        RequestFields {
            method: request.method().name().to_owned(),
            headers: request.headers().to_vec(),
            body: (body != Body::EMPTY).then(|| BodyFields { size: body.size().into(), then }),
        }
    }
}

impl TryFrom<StepFields> for StepText {
    type Error = Refused;

    fn try_from(mut fields: StepFields) -> Result<StepText, Refused> {
        let named = [
            ("request", fields.request.is_some()),
            ("send", fields.send.is_some()),
            ("send_raw", fields.send_raw.is_some()),
            ("await", fields.r#await.is_some()),
            ("pass_ms", fields.pass_ms.is_some()),
            ("split", fields.split.is_some()),
            ("close", fields.close.is_some()),
            ("fail_read", fields.fail_read.is_some()),
            ("fail_write", fields.fail_write.is_some()),
        ];
        let mut names = named.into_iter().filter_map(|(name, there)| there.then_some(name));
        let name = names.next().ok_or(Refused::NoStep)?;
        if let Some(second) = names.next() {
            return Err(Refused::TwoSteps(name, second));
        }
        let times = limited("times", fields.times.take().unwrap_or(1), MAX_TIMES)? as usize;
        let (what, step) = fields.take_step()?;
        match fields.left() {
            Some(left) => Err(Refused::UnknownKey(what, left)),
            None => Ok(StepText { step, times }),
        }
    }
}

impl StepFields {
    /// Takes the step's keys out of the table. Returns the step, and its name for messages about remaining keys.
    fn take_step(&mut self) -> Result<(String, Step), Refused> {
        if let Some(RequestText(request)) = self.request.take() {
            return Ok(("a request".into(), Step::Request(request)));
        }
        if let Some(kind) = self.send.take() {
            let kind = frame_type(kind)?;
            let what = format!("a {kind} frame");
            let frame = self.take_frame(kind, &what)?;
            return Ok((what, Step::Send(frame)));
        }
        if let Some(bytes) = self.send_raw.take() {
            return Ok(("send_raw".into(), Step::SendRaw(hex("send_raw", &bytes)?)));
        }
        if let Some(kind) = self.r#await.take() {
            let stream = self.take_stream(StreamId::CONNECTION)?;
            return Ok(("await".into(), Step::Await { kind: frame_type(kind)?, stream }));
        }
        if let Some(milliseconds) = self.pass_ms.take() {
            return Ok(("pass_ms".into(), Step::Pass(limited("pass_ms", milliseconds, u32::MAX.into())? as u32)));
        }
        if let Some(size) = self.split.take() {
            return Ok(("split".into(), Step::Split(limited("split", size, u32::MAX.into())? as u32)));
        }
        if let Some(how) = self.close.take() {
            return match how.as_str() {
                "eof" => Ok(("close".into(), Step::Close)),
                _ => Err(unknown(&how, "way to close", "eof".into())),
            };
        }
        if let Some(failure) = self.fail_read.take() {
            return Ok(("fail_read".into(), Step::FailRead(io_failure(&failure)?)));
        }
        if let Some(failure) = self.fail_write.take() {
            let failure = io_failure(&failure)?;
            let after = limited("after", self.after.take().unwrap_or_default(), u32::MAX.into())? as u32;
            return Ok(("fail_write".into(), Step::FailWrite { failure, after }));
        }
        Err(Refused::NoStep)
    }

    fn take_stream(&mut self, otherwise: StreamId) -> Result<StreamId, Refused> {
        self.stream.take().map_or(Ok(otherwise), |number| stream_id("stream", number))
    }
}

impl From<StepText> for StepFields {
    fn from(StepText { step, times }: StepText) -> StepFields {
        let none = StepFields::default;
        let fields = match step {
            Step::Request(request) => StepFields { request: Some(RequestText(request)), ..none() },
            Step::Send(frame) => frame_fields(&frame),
            Step::SendRaw(bytes) => StepFields { send_raw: Some(to_hex(&bytes)), ..none() },
            Step::Await { kind, stream } => {
                StepFields { r#await: Some(kind_name(kind)), stream: some_stream(stream), ..none() }
            }
            Step::Pass(milliseconds) => StepFields { pass_ms: Some(milliseconds.into()), ..none() },
            Step::Split(size) => StepFields { split: Some(size.into()), ..none() },
            Step::Close => StepFields { close: Some("eof".into()), ..none() },
            Step::FailRead(failure) => StepFields { fail_read: Some(failure.to_string()), ..none() },
            Step::FailWrite { failure, after } => StepFields {
                fail_write: Some(failure.to_string()),
                after: (after != 0).then_some(after.into()),
                ..none()
            },
        };
        StepFields { times: (times != 1).then_some(times as u64), ..fields }
    }
}

fn io_failure(name: &str) -> Result<IoFailure, Refused> {
    let known = || IoFailure::ALL.map(|failure| failure.to_string()).join(", ");
    IoFailure::from_name(name).ok_or_else(|| unknown(name, "transport error", known()))
}

fn unknown(name: &str, what: &'static str, known: String) -> Refused {
    Refused::UnknownName { name: name.to_owned(), what, known }
}

fn stream_id(key: &'static str, number: u64) -> Result<StreamId, Refused> {
    StreamId::try_from(number).map_err(|error| Refused::Stream(key, error))
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
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        // Writing to a string does not fail.
        let _ = write!(out, "{byte:02x}");
        out
    })
}

fn hex(key: &'static str, text: &str) -> Result<Bytes, Refused> {
    from_hex(text).map(Bytes::from).filter(|bytes| bytes.len() <= Step::MAX_RAW).ok_or(Refused::NotHex(key))
}
