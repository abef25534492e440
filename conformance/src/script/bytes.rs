//! The byte form of a script: a sequence of HTTP/2 frames, as the peer sends them.
//!
//! All other steps are *directives*: frames of experimental types (RFC 7540 §11.2), which are never sent.
//!
//! | type | directive | stream | payload |
//! |---|---|---|---|
//! | `f0` | REQUEST | | method, end of body, size of body (4 bytes), field block |
//! | `f1` | AWAIT | the stream | frame type |
//! | `f2` | PASS | | milliseconds (4 bytes) |
//! | `f3` | SPLIT | | bytes per piece (4 bytes) |
//! | `f4` | CLOSE | | |
//! | `f5` | FAIL_READ | | failure |
//! | `f6` | FAIL_WRITE | | failure, frames still accepted (4 bytes) |
//! | `f7` | RAW | | bytes to send; with flag 1, one frame whose length field may be wrong |
//! | `f8` | CANCEL | | request (4 bytes) |
//! | `f9` | REQUEST of a limited reader | | bytes that it reads (4 bytes), then as REQUEST |
//! | `fa` | READ | | request (4 bytes), bytes (4 bytes) |
//! | `fb` | CONNECTION | | number (4 bytes) |
//! | `fc` | ANSWER_PINGS | | |
//! | `fd` | REQUEST with a path, trailers or a protocol | | 1 for a limited reader, plus 2 for the protocol `websocket`, bytes that it reads (4 bytes), length of the path (1 byte), path, length of the trailers (4 bytes), their field block, then as REQUEST |
//! | `fe` | FEED | | request (4 bytes), bytes (4 bytes), 1 for the end |
//! | `ff` | 0: DROP_CLIENT, 1: REFUSE_CONNECTIONS, 2: NEVER | the stream of NEVER | which of them (1 byte), frame type of NEVER |
//!
//! Every byte string decodes. Directives that are too short are filled up with zeros, and their unknown flags are
//! dropped. Numbers out of range wrap around their list or are capped. Frames of other experimental types are sent, and
//! so are those of types `f8` to `ff` that have a flag: files that are older than these directives keep their meaning. For every
//! script, `decode(encode(script)) == script`; `encode(decode(bytes))` is the canonical form of `bytes`.
//!
//! Bytes without a REQUEST directive mean: a GET, an empty SETTINGS frame, and the bytes once the GET is on the wire.

use super::{Body, BodyEnd, IoFailure, Method, Protocol, Reads, Request, Script, Step};
use crate::http2::{
    Frame, FrameType, StreamId,
    hpack::{self, Field},
    wire::{self, Header},
};
use bytes::{BufMut, Bytes};

/// The first experimental frame type. These types are directives in a corpus file.
pub const FIRST_DIRECTIVE: FrameType = FrameType(0xf0);

const REQUEST: FrameType = FIRST_DIRECTIVE;
const AWAIT: FrameType = FrameType(0xf1);
/// The directive that lets the stack do all it can, and then time pass.
pub(crate) const PASS: FrameType = FrameType(0xf2);
const SPLIT: FrameType = FrameType(0xf3);
const CLOSE: FrameType = FrameType(0xf4);
const FAIL_READ: FrameType = FrameType(0xf5);
const FAIL_WRITE: FrameType = FrameType(0xf6);
const RAW: FrameType = FrameType(0xf7);
const CANCEL: FrameType = FrameType(0xf8);
const LIMITED_REQUEST: FrameType = FrameType(0xf9);
const READ: FrameType = FrameType(0xfa);
const CONNECTION: FrameType = FrameType(0xfb);
const ANSWER_PINGS: FrameType = FrameType(0xfc);

const WHOLE_REQUEST: FrameType = FrameType(0xfd);
const FEED: FrameType = FrameType(0xfe);
const OTHER: FrameType = FrameType(0xff);

/// The numbers in an OTHER directive.
const DROP_CLIENT: u8 = 0;
const REFUSE_CONNECTIONS: u8 = 1;
const NEVER: u8 = 2;
const OTHERS: u8 = 3;

/// The flag of a RAW directive that holds one frame with its header instead of bytes.
const RAW_IS_FRAME: u8 = 1;

impl Script {
    /// The script that `bytes` encode. Every byte string decodes to a script.
    pub fn decode(bytes: impl Into<Bytes>) -> Script {
        let mut bytes = bytes.into();
        let mut steps = Vec::new();
        while let Some(frame) = wire::decode(&mut bytes) {
            steps.push(decode_step(frame));
        }
        while !bytes.is_empty() {
            steps.push(Step::SendRaw(bytes.split_to(bytes.len().min(Step::MAX_RAW))));
        }
        if steps.iter().any(|step| matches!(step, Step::Request(_))) {
            return Script::new(steps);
        }
        let mut script = Script::answering([]);
        script.steps.extend(steps);
        script
    }

    /// The canonical byte form.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for step in self.steps() {
            encode_step(step, &mut out);
        }
        out
    }
}

fn decode_step(frame: Frame) -> Step {
    let payload = &frame.payload[..];
    match frame.kind {
        REQUEST => Step::Request(decode_request(payload)),
        AWAIT => Step::Await { kind: FrameType(byte(payload, 0)), stream: frame.stream },
        PASS => Step::Pass(word(payload, 0)),
        SPLIT => Step::Split(word(payload, 0)),
        CLOSE => Step::Close,
        FAIL_READ => Step::FailRead(IoFailure::from_number(byte(payload, 0))),
        FAIL_WRITE => Step::FailWrite { failure: IoFailure::from_number(byte(payload, 0)), after: word(payload, 1) },
        RAW => match Header::read(payload).filter(|_| frame.has(RAW_IS_FRAME)) {
            Some(header) => Step::Send(header.with_payload(frame.payload.slice(wire::HEADER_LENGTH..))),
            None => Step::SendRaw(frame.payload),
        },
        CANCEL if frame.flags == 0 => Step::Cancel(word(payload, 0)),
        LIMITED_REQUEST if frame.flags == 0 => {
            let request = decode_request(payload.get(4..).unwrap_or_default());
            Step::Request(request.reading(Reads::Bytes(word(payload, 0))))
        }
        READ if frame.flags == 0 => Step::Read { request: word(payload, 0), bytes: word(payload, 4) },
        CONNECTION if frame.flags == 0 => Step::Connection(word(payload, 0).clamp(1, Step::MAX_CONNECTION)),
        ANSWER_PINGS if frame.flags == 0 => Step::AnswerPings,
        WHOLE_REQUEST if frame.flags == 0 => Step::Request(decode_whole_request(payload)),
        FEED if frame.flags == 0 => {
            let bytes = word(payload, 4).min(Body::MAX_SIZE);
            Step::Feed { request: word(payload, 0), bytes, end: byte(payload, 8) == 1 }
        }
        OTHER if frame.flags == 0 => match byte(payload, 0) % OTHERS {
            DROP_CLIENT => Step::DropClient,
            REFUSE_CONNECTIONS => Step::RefuseConnections,
            _ => Step::Never { kind: FrameType(byte(payload, 1)), stream: frame.stream },
        },
        kind if kind > RAW => {
            // The frame and its header have to fit into a RAW directive.
            let payload = frame.payload.slice(..payload.len().min(Step::MAX_RAW - wire::HEADER_LENGTH));
            Step::Send(Frame { payload, ..frame })
        }
        _ => Step::Send(frame),
    }
}

fn encode_step(step: &Step, out: &mut Vec<u8>) {
    let directive = |kind, stream, payload: Vec<u8>, out: &mut Vec<u8>| {
        wire::encode(&Frame::new(kind, 0, stream, payload), out);
    };
    let none = StreamId::CONNECTION;
    match step {
        Step::Request(request)
            if !request.path().is_empty() || !request.trailers().is_empty() || request.protocol().is_some() =>
        {
            directive(WHOLE_REQUEST, none, encode_whole_request(request), out);
        }
        Step::Request(request) => match request.read() {
            Reads::All => directive(REQUEST, none, encode_request(request), out),
            Reads::Bytes(bytes) => {
                let payload = [&bytes.to_be_bytes()[..], &encode_request(request)].concat();
                directive(LIMITED_REQUEST, none, payload, out);
            }
        },
        Step::Read { request, bytes } => {
            directive(READ, none, [request.to_be_bytes(), bytes.to_be_bytes()].concat(), out);
        }
        Step::Feed { request, bytes, end } => {
            let mut payload = [request.to_be_bytes(), bytes.to_be_bytes()].concat();
            payload.push(u8::from(*end));
            directive(FEED, none, payload, out);
        }
        Step::DropClient => directive(OTHER, none, vec![DROP_CLIENT], out),
        Step::RefuseConnections => directive(OTHER, none, vec![REFUSE_CONNECTIONS], out),
        Step::Never { kind, stream } => directive(OTHER, *stream, vec![NEVER, kind.0], out),
        Step::Await { kind, stream } => directive(AWAIT, *stream, vec![kind.0], out),
        Step::Pass(milliseconds) => directive(PASS, none, milliseconds.to_be_bytes().to_vec(), out),
        Step::Split(size) => directive(SPLIT, none, size.to_be_bytes().to_vec(), out),
        Step::Close => directive(CLOSE, none, Vec::new(), out),
        Step::FailRead(failure) => directive(FAIL_READ, none, vec![failure.number()], out),
        Step::FailWrite { failure, after } => {
            let mut payload = vec![failure.number()];
            payload.put_u32(*after);
            directive(FAIL_WRITE, none, payload, out);
        }
        Step::Cancel(request) => directive(CANCEL, none, request.to_be_bytes().to_vec(), out),
        Step::Connection(number) => directive(CONNECTION, none, number.to_be_bytes().to_vec(), out),
        Step::AnswerPings => directive(ANSWER_PINGS, none, Vec::new(), out),
        Step::SendRaw(bytes) => wire::encode(&Frame::new(RAW, 0, none, bytes.clone()), out),
        Step::Send(frame) if frame.length.is_none() && frame.kind < FIRST_DIRECTIVE => wire::encode(frame, out),
        Step::Send(frame) => {
            let mut payload = Vec::new();
            wire::encode(frame, &mut payload);
            wire::encode(&Frame::new(RAW, RAW_IS_FRAME, none, payload), out);
        }
    }
}

fn decode_request(payload: &[u8]) -> Request {
    // Files that are older than CONNECT keep their meaning: their numbers wrap around the other methods.
    let method = match usize::from(byte(payload, 0)) {
        number if number == Method::Connect as usize => Method::Connect,
        number => Method::ALL[number % Method::Connect as usize],
    };
    let end = BodyEnd::ALL[usize::from(byte(payload, 1)) % BodyEnd::ALL.len()];
    let request = Request::new(method).with_body(Body::new(word(payload, 2), end));
    let fields = payload.get(6..).and_then(hpack::decode).unwrap_or_default();
    fields.iter().fold(request, |request, (name, value)| request.clone().with_header(name, value).unwrap_or(request))
}

/// A path or trailers that cannot be are left out.
fn decode_whole_request(payload: &[u8]) -> Request {
    let from = |place: usize| payload.get(place..).unwrap_or_default();
    let (path, rest) = split(from(6), usize::from(byte(payload, 5)));
    let (trailers, rest) = split(rest.get(4..).unwrap_or_default(), word(rest, 0) as usize);
    let mut request = decode_request(rest);
    if byte(payload, 0) & WEBSOCKET != 0 {
        request = request.speaking(Protocol::Websocket);
    }
    if let Some(with_path) = std::str::from_utf8(path).ok().and_then(|path| request.clone().with_path(path)) {
        request = with_path;
    }
    for (name, value) in hpack::decode(trailers).unwrap_or_default() {
        request = request.clone().with_trailer(&name, &value).unwrap_or(request);
    }
    match byte(payload, 0) & !WEBSOCKET {
        LIMITED => request.reading(Reads::Bytes(word(payload, 1))),
        _ => request,
    }
}

/// The first byte of a whole request, for a reader of limited bytes.
const LIMITED: u8 = 1;

/// Added to the first byte of a whole request, for the only protocol.
const WEBSOCKET: u8 = 2;

/// The first so many bytes, or all, and the rest.
fn split(bytes: &[u8], length: usize) -> (&[u8], &[u8]) {
    bytes.split_at(length.min(bytes.len()))
}

fn encode_whole_request(request: &Request) -> Vec<u8> {
    let (limited, bytes) = match request.read() {
        Reads::All => (0, 0),
        Reads::Bytes(bytes) => (LIMITED, bytes),
    };
    let protocol = match request.protocol() {
        None => 0,
        Some(Protocol::Websocket) => WEBSOCKET,
    };
    let trailers = block(request.trailers());
    let mut payload = vec![limited | protocol];
    payload.put_u32(bytes);
    payload.put_u8(request.path().len() as u8);
    payload.extend_from_slice(request.path().as_bytes());
    payload.put_u32(trailers.len() as u32);
    payload.extend(trailers);
    payload.extend(encode_request(request));
    payload
}

/// The field block of these fields.
fn block(fields: &[Field]) -> Vec<u8> {
    hpack::encode(fields.iter().map(|(name, value)| (name.as_str(), value.as_str())))
}

fn encode_request(request: &Request) -> Vec<u8> {
    let mut payload = vec![request.method() as u8, request.body().end() as u8];
    payload.put_u32(request.body().size());
    payload.extend(block(request.headers()));
    payload
}

fn byte(payload: &[u8], at: usize) -> u8 {
    payload.get(at).copied().unwrap_or_default()
}

fn word(payload: &[u8], at: usize) -> u32 {
    u32::from_be_bytes(std::array::from_fn(|offset| byte(payload, at + offset)))
}
