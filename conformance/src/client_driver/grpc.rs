//! gRPC over HTTP/2, by `doc/PROTOCOL-HTTP2.md` of grpc/grpc: scripts whose peer answers in gRPC, and what a gRPC client
//! makes of such an answer.
//!
//! A call is a POST. Its response is a head with `content-type: application/grpc`, messages behind a prefix of five bytes
//! each, and trailers with the status of the call; or a head alone that has the status already ("Trailers-Only").

use crate::{
    http2::{
        Frame, FrameType, StreamId, View, flags,
        hpack::{self, Field},
    },
    rfc9113::{Certainty, SentResponse, Truth},
    script::{Method, Script, Step},
    stacks::ObservedRequest,
};
use bytes::{Buf, Bytes};
use std::{collections::BTreeSet, iter::once};

/// The field of every head.
pub const CONTENT_TYPE: (&str, &str) = ("content-type", "application/grpc");
/// The field that ends a call well.
pub const STATUS_OK: (&str, &str) = ("grpc-status", "0");

/// The fields that gRPC itself reads. Clients differ in whether they also hand them over.
const OWN_FIELDS: [&str; 5] = ["content-type", "grpc-status", "grpc-message", "grpc-encoding", "grpc-accept-encoding"];

/// The length of a message's prefix: whether it is compressed, and its length in four bytes.
const PREFIX: usize = 5;

/// From this size on, content keeps its length, so that frames and windows that it fills stay full: the prefix takes the
/// place of its first bytes.
const KEEPS_LENGTH: usize = 1024;

/// A message of this content.
pub fn message(content: &[u8]) -> Bytes {
    [&prefix(content.len())[..], content].concat().into()
}

fn prefix(length: usize) -> [u8; PREFIX] {
    let [a, b, c, d] = (length as u32).to_be_bytes();
    [0, a, b, c, d]
}

/// The same script for a gRPC client. Every request but a HEAD is a POST. A response with status 200 and without a
/// content-type becomes one of gRPC: its content is one message, which is as long as all that the script sends of it, and
/// if the response ends, its trailers say that the call went well. What is malformed stays so, by the same clause: a wrong
/// content-length is wrong by as much.
pub fn in_grpc(script: &Script) -> Script {
    let mut steps: Vec<Step> = script.steps().iter().map(as_post).collect();
    let connections = connections(&steps);
    let streams = script.frames().map(|(index, frame)| (connections[index], frame.stream));
    let of_clients = streams.filter(|(_, stream)| stream.is_client_initiated());
    for (connection, stream) in of_clients.collect::<BTreeSet<_>>() {
        if let Some(answer) = Answer::find(&steps, connection, stream) {
            answer.translate(&mut steps);
        }
    }
    Script::new(steps)
}

/// The number of the connection that each step concerns.
fn connections(steps: &[Step]) -> Vec<u32> {
    let mut connection = 1;
    let of_step = |step: &Step| {
        if let Step::Connection(number) = step {
            connection = *number;
        }
        connection
    };
    steps.iter().map(of_step).collect()
}

fn as_post(step: &Step) -> Step {
    match step {
        Step::Request(request) if request.method() != Method::Head => {
            Step::Request(request.as_post(request.body()).without_trailers())
        }
        step => step.clone(),
    }
}

/// A field section: the steps of its first and last frame, and its fields.
struct Section {
    first: usize,
    last: usize,
    fields: Vec<Field>,
}

impl Section {
    /// The section that begins in this step on this stream; `None` if it cannot be read.
    fn at(steps: &[Step], stream: StreamId, first: usize) -> Option<Section> {
        let frames = steps.iter().enumerate().skip(first).filter_map(|(index, step)| Some((index, step.frame()?)));
        let mut block = Vec::new();
        for (index, frame) in frames {
            match frame.view() {
                View::Headers(fragment) if index == first => block.extend_from_slice(fragment),
                View::Continuation(fragment) if index > first => block.extend_from_slice(fragment),
                _ => return None,
            }
            if frame.stream != stream {
                return None;
            }
            if frame.has(flags::END_HEADERS) {
                return Some(Section { first, last: index, fields: hpack::decode(&block)? });
            }
        }
        None
    }

    fn has(&self, name: &str) -> bool {
        self.fields.iter().any(|(field, _)| field == name)
    }

    fn status(&self) -> Option<u16> {
        self.fields.iter().find(|(name, _)| name == ":status")?.1.parse().ok()
    }

    /// Adds fields at its end.
    fn add(&self, steps: &mut [Step], fields: &[(&str, &str)]) {
        let more = hpack::encode(fields.iter().copied());
        change(steps, self.last, |block| [block, &more].concat());
    }

    /// Adds this number to each that is a content-length.
    fn lengthen(&self, steps: &mut [Step], by: usize) {
        change(steps, self.first, |block| {
            let fields = hpack::places(block).map(|place| match hpack::decode(&block[place.clone()]).as_deref() {
                Some([(name, value)]) if name == "content-length" => {
                    hpack::encode(once((&**name, &*longer(value, by))))
                }
                _ => block[place].to_vec(),
            });
            fields.flatten().collect()
        });
    }
}

/// A value of content-length in which each number is larger by `by`.
fn longer(value: &str, by: usize) -> String {
    let number = |part: &str| part.trim().parse::<u64>().ok()?.checked_add(by as u64);
    let longer = |part: &str| number(part).map_or_else(|| part.to_owned(), |number| number.to_string());
    value.split(',').map(longer).collect::<Vec<_>>().join(", ")
}

/// Changes the content or the field block of the frame in this step. Its padding and priority fields stay.
fn change(steps: &mut [Step], index: usize, change: impl FnOnce(&[u8]) -> Vec<u8>) {
    let Step::Send(frame) = &steps[index] else { return };
    let (View::Data(part) | View::Headers(part) | View::Continuation(part)) = frame.view() else { return };
    let has_priority = frame.kind == FrameType::HEADERS && frame.has(flags::PRIORITY);
    let is_padded = frame.kind != FrameType::CONTINUATION && frame.has(flags::PADDED);
    let begin = usize::from(is_padded) + if has_priority { 5 } else { 0 };
    let (before, after) = (&frame.payload[..begin], &frame.payload[begin + part.len()..]);
    let payload = [before, &change(part), after].concat();
    steps[index] = Step::Send(Frame { payload: payload.into(), ..frame.clone() });
}

/// A response in a script that can be one of gRPC.
struct Answer {
    stream: StreamId,
    head: Section,
    /// The step of its first DATA frame.
    begin: Option<usize>,
    /// The number of bytes of its content.
    length: usize,
    /// The step of the frame that ends it.
    end: Option<usize>,
}

impl Answer {
    fn find(steps: &[Step], connection: u32, stream: StreamId) -> Option<Answer> {
        let connections = connections(steps);
        let on_stream = |index: &usize| {
            connections[*index] == connection && steps[*index].frame().is_some_and(|frame| frame.stream == stream)
        };
        let opens = |index: &usize| steps[*index].frame().is_some_and(|frame| frame.kind == FrameType::HEADERS);
        let mut sections = (0..steps.len()).filter(on_stream).filter(opens);
        // A section that cannot be read, or has no status, may be the head.
        let head = sections.find_map(|index| {
            let section = Section::at(steps, stream, index);
            let is_interim = section.as_ref().and_then(Section::status).is_some_and(|status| status < 200);
            (!is_interim).then_some(section)
        })??;
        if head.status() != Some(200) || head.has("content-type") {
            return None;
        }
        let mut answer = Answer { stream, head, begin: None, length: 0, end: None };
        let begun = once(answer.head.first).chain((answer.head.last + 1..steps.len()).filter(on_stream));
        for (index, frame) in begun.filter_map(|index| Some((index, steps[index].frame()?))) {
            if let View::Data(content) = frame.view() {
                answer.begin.get_or_insert(index);
                answer.length += content.len();
            }
            if frame.ends_stream() && frame.view() != View::Malformed {
                answer.end = Some(index);
                break;
            }
        }
        // A content-length in pieces cannot be changed.
        let in_pieces = answer.head.first != answer.head.last && answer.head.has("content-length");
        (!in_pieces || answer.begin.is_none()).then_some(answer)
    }

    fn translate(self, steps: &mut Vec<Step>) {
        let Answer { stream, head, begin, length, end } = self;
        if let Some(begin) = begin {
            let mut added = 0;
            change(steps, begin, |content| match content.get(PREFIX..) {
                Some(rest) if content.len() >= KEEPS_LENGTH => [&prefix(length - PREFIX), rest].concat(),
                _ => {
                    added = PREFIX;
                    [&prefix(length), content].concat()
                }
            });
            if added > 0 && head.has("content-length") {
                head.lengthen(steps, added);
            }
        }
        match end {
            Some(end) if end == head.first => head.add(steps, &[CONTENT_TYPE, STATUS_OK]),
            _ => head.add(steps, &[CONTENT_TYPE]),
        }
        let Some(end) = end.filter(|end| *end != head.first) else { return };
        match &mut steps[end] {
            Step::Send(frame) if frame.kind == FrameType::DATA => {
                frame.flags &= !flags::END_STREAM;
                steps.insert(end + 1, Step::Send(Frame::headers(stream, [STATUS_OK]).end_stream()));
            }
            _ => match Section::at(steps, stream, end) {
                Some(trailers) if !trailers.has(STATUS_OK.0) => trailers.add(steps, &[STATUS_OK]),
                _ => {}
            },
        }
    }
}

/// Reads the truth about a call, and what its application got, as gRPC does: the content is that of the message, and the
/// fields of gRPC itself do not count. A response is complete only if its message is whole and its status says so: of
/// everything else, gRPC makes an error.
pub fn read(truth: &mut Truth, observed: &mut ObservedRequest) {
    let sent = &mut truth.response;
    let went_well = goes_well(sent);
    let Some(head) = &mut sent.head else { return };
    let has = |fields: &[Field], wanted: (&str, &str)| fields.iter().any(|(name, value)| (&**name, &**value) == wanted);
    let status = head.status;
    let (is_grpc, is_alone) = (has(&head.fields, CONTENT_TYPE), has(&head.fields, STATUS_OK));
    if truth.complete == Certainty::Yes && !went_well {
        truth.complete = Certainty::No;
    }
    head.fields = without_own(&head.fields).into();
    sent.trailers = sent.trailers.as_deref().map(|fields| without_own(fields).into());
    if is_grpc {
        let mut left = PREFIX;
        for piece in sent.content.iter_mut().chain([&mut sent.begun]) {
            let length = left.min(piece.len());
            piece.advance(length);
            left -= length;
        }
        sent.announced = sent.announced.map(|announced| announced.saturating_sub(PREFIX as u64));
    }
    let trailers = observed.trailers.take().map(|fields| without_own(&fields)).filter(|fields| !fields.is_empty());
    let Some(head) = &mut observed.head else { return };
    // gRPC hides it.
    head.status = status;
    head.headers = without_own(&head.headers);
    match trailers {
        // Some clients hand over the fields of a head that has the status as trailers.
        Some(fields) if is_alone => head.headers = fields,
        trailers => observed.trailers = trailers,
    }
}

/// Whether a response ends its call well: a response of gRPC with no message or a whole one, and with the status OK.
fn goes_well(sent: &SentResponse) -> bool {
    let Some(head) = &sent.head else { return false };
    let fields = || head.fields.iter().chain(sent.trailers.iter().flat_map(|trailers| trailers.iter()));
    let has = |wanted: (&str, &str)| fields().any(|(name, value)| (&**name, &**value) == wanted);
    let content: Vec<u8> = sent.content.iter().flatten().copied().collect();
    let is_whole =
        content.is_empty() || content.get(PREFIX..).is_some_and(|rest| content.starts_with(&prefix(rest.len())));
    head.status == 200 && has(CONTENT_TYPE) && has(STATUS_OK) && is_whole
}

fn without_own(fields: &[Field]) -> Vec<Field> {
    fields.iter().filter(|(name, _)| !OWN_FIELDS.contains(&&**name)).cloned().collect()
}
