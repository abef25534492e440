//! Scripts: the application's requests and the peer's actions, as data.
//!
//! A [`Script`] is a list of [`Step`]s in the order in which they happen. The peer plays them one after the other; the
//! client runs whenever a step waits for it. A script has two written forms, and both decode to the same steps:
//! [`bytes`] for corpora and fuzzers, [`text`] for people.

pub mod bytes;
pub mod text;

mod content;
mod io_failure;
mod request;

pub use content::content;
pub use io_failure::IoFailure;
pub use request::{Body, BodyEnd, Method, Protocol, Reads, Request};

use crate::http2::{
    Frame, FrameType, StreamId,
    wire::{self, HEADER_LENGTH},
};
use ::bytes::{Bytes, BytesMut};

/// One exchange: the requests and the peer's actions. It has at least one request, because without a request an
/// application sees nothing.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Script {
    steps: Vec<Step>,
}

/// One step of a [`Script`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// The application issues a request. The script does not wait for it: later steps may reach the client before the
    /// request is written. A request before the connection is established is issued once it is.
    Request(Request),
    /// The peer sends a frame.
    Send(Frame),
    /// The peer sends at most [`Step::MAX_RAW`] bytes, which need not be a frame.
    SendRaw(Bytes),
    /// The peer waits until the client has written a frame of this type on this stream that no earlier `Await` matched.
    /// If the client can do no more and has not written such a frame, the peer goes on.
    Await {
        /// The frame type.
        kind: FrameType,
        /// The frame's stream.
        stream: StreamId,
    },
    /// This many milliseconds of virtual time pass. With 0, the client only handles everything sent so far.
    Pass(u32),
    /// From here on, the client receives the peer's bytes in pieces of this size and handles each piece before the
    /// next. With 0, as at the start of a script, it receives everything at once whenever a step waits.
    Split(u32),
    /// The peer closes its side. The client reads everything sent before, then the end of the stream.
    Close,
    /// The client's reads fail, after it has read everything sent before.
    FailRead(IoFailure),
    /// The application reads this much more of the response to a request whose [`Reads`] are limited.
    Read {
        /// The number of the request.
        request: u32,
        /// The number of bytes.
        bytes: u32,
    },
    /// The application cancels the request with this number, wherever it is: it drops the future of the response, or its
    /// body. A request that has not been issued, or has ended, is left as it is.
    Cancel(u32),
    /// The application hands over more content of a request whose body waits for it, see [`BodyEnd::Never`]. The content
    /// of any other request is left as it is.
    Feed {
        /// The number of the request.
        request: u32,
        /// The number of bytes.
        bytes: u32,
        /// Whether the content is then complete.
        end: bool,
    },
    /// The application drops its client while requests run. It issues no request after that.
    DropClient,
    /// From here on, the steps of the peer concern the connection with this number, counted from 1 in the order in which
    /// the client opens them; at most [`Step::MAX_CONNECTION`]. A script begins with the first. A bare stack has no other.
    Connection(u32),
    /// From here on, the peer answers every PING of the client on this connection at once (RFC 9113 §6.7).
    AnswerPings,
    /// From here on, the peer takes no connection that the script does not name: connecting fails. A bare stack opens
    /// none.
    RefuseConnections,
    /// The client runs until it can do no more. By then it must have written no frame of this type on this stream, except
    /// those that an `Await` took.
    Never {
        /// The frame type.
        kind: FrameType,
        /// The frame's stream.
        stream: StreamId,
    },
    /// The client's writes fail after `after` more whole frames. The connection preface counts as a frame. (The unit is
    /// frames rather than bytes because the stacks' first SETTINGS differ in length.)
    FailWrite {
        /// The error of the write.
        failure: IoFailure,
        /// The number of frames that the transport still accepts.
        after: u32,
    },
}

impl Step {
    /// The maximum number of bytes in one [`Step::SendRaw`]: the largest value of a frame's length field.
    pub const MAX_RAW: usize = 0x00ff_ffff;
    /// The largest number in a [`Step::Connection`].
    pub const MAX_CONNECTION: u32 = 16;

    /// The request, if this step issues one.
    pub fn request(&self) -> Option<&Request> {
        match self {
            Step::Request(request) => Some(request),
            _ => None,
        }
    }

    /// The number of the request that this step of the application is about, if it does not issue it.
    pub fn request_number(&self) -> Option<u32> {
        match self {
            Step::Cancel(request) | Step::Read { request, .. } | Step::Feed { request, .. } => Some(*request),
            _ => None,
        }
    }

    /// The same step about the request with this number, if it is about one.
    pub fn about_request(&self, number: u32) -> Step {
        let mut step = self.clone();
        if let Step::Cancel(request) | Step::Read { request, .. } | Step::Feed { request, .. } = &mut step {
            *request = number;
        }
        step
    }

    /// Whether the application takes this step.
    pub fn is_of_application(&self) -> bool {
        matches!(self, Step::Request(_) | Step::DropClient) || self.request_number().is_some()
    }

    /// The frame, if this step sends one.
    pub fn frame(&self) -> Option<&Frame> {
        match self {
            Step::Send(frame) => Some(frame),
            _ => None,
        }
    }

    /// The number of bytes that the peer sends in this step.
    pub fn sent_length(&self) -> usize {
        match self {
            Step::Send(frame) => HEADER_LENGTH + frame.payload.len(),
            Step::SendRaw(bytes) => bytes.len(),
            _ => 0,
        }
    }

    /// A step that waits for the client's frame of this type on this stream.
    pub fn awaits(kind: FrameType, stream: StreamId) -> Step {
        Step::Await { kind, stream }
    }
}

impl Script {
    /// The script with these steps. If they include no request, the script starts with one GET.
    pub fn new(mut steps: Vec<Step>) -> Script {
        if !steps.iter().any(|step| matches!(step, Step::Request(_))) {
            steps.insert(0, Step::Request(Request::get()));
        }
        Script { steps }
    }

    /// One GET, issued first. The peer sends an empty SETTINGS frame, awaits the request, and sends `frames` at once.
    pub fn answering(frames: impl IntoIterator<Item = Frame>) -> Script {
        let opening = [
            Step::Request(Request::get()),
            Step::Send(Frame::settings([])),
            Step::awaits(FrameType::HEADERS, StreamId::FIRST),
        ];
        Script::new(opening.into_iter().chain(frames.into_iter().map(Step::Send)).collect())
    }

    /// The steps in the order in which they happen.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// The requests in the order in which they are issued. A request's index in this list is its number.
    pub fn requests(&self) -> impl Iterator<Item = &Request> {
        self.steps.iter().filter_map(Step::request)
    }

    /// The frames that the peer sends, each with the index of its step.
    pub fn frames(&self) -> impl Iterator<Item = (usize, &Frame)> {
        self.steps.iter().enumerate().filter_map(|(index, step)| Some((index, step.frame()?)))
    }

    /// The number of connections that the script names.
    pub fn connections(&self) -> usize {
        let named = self.steps.iter().filter_map(|step| match step {
            Step::Connection(number) => Some(*number as usize),
            _ => None,
        });
        named.max().unwrap_or(1)
    }

    /// This script of one connection on each of the client's first so many: there, the peer plays it again.
    pub fn again(&self, connections: u32) -> Script {
        let played = self.steps.iter().filter(|step| !step.is_of_application());
        let again =
            (2..=connections).flat_map(|number| [Step::Connection(number)].into_iter().chain(played.clone().cloned()));
        Script::new(self.steps.iter().cloned().chain(again).collect())
    }

    /// The same exchange, with the peer's bytes split into frames as a client reads them. Each frame takes the place at
    /// which its last byte was sent. An incomplete frame at the end stays raw bytes.
    pub fn reframed(&self) -> Script {
        let mut steps = Vec::with_capacity(self.steps.len());
        let mut sent = BytesMut::new();
        let mut in_pieces = false;
        for step in &self.steps {
            match step {
                Step::Send(frame) if sent.is_empty() && frame.length.is_none() => {
                    steps.push(Step::Send(frame.clone()));
                    continue;
                }
                Step::Send(frame) => wire::encode(frame, &mut sent),
                Step::SendRaw(bytes) => sent.extend_from_slice(bytes),
                Step::Close | Step::FailRead(_) | Step::Connection(_) => {
                    rest(&mut sent, &mut steps);
                    steps.push(step.clone());
                    continue;
                }
                other => {
                    // The client has already run with the pieces of the incomplete frame.
                    if in_pieces && !sent.is_empty() {
                        steps.push(Step::Pass(0));
                    }
                    if let Step::Split(size) = other {
                        in_pieces = *size > 0;
                    }
                    steps.push(other.clone());
                    continue;
                }
            }
            let mut whole = sent.split().freeze();
            while let Some(frame) = wire::decode(&mut whole) {
                steps.push(Step::Send(frame));
            }
            sent.extend_from_slice(&whole);
        }
        rest(&mut sent, &mut steps);
        Script::new(steps)
    }

    /// The same script with `step` in place of the step at `index`.
    ///
    /// # Panics
    ///
    /// If there is no step at `index`.
    pub fn with_step(&self, index: usize, step: Step) -> Script {
        let mut steps = self.steps.clone();
        steps[index] = step;
        Script::new(steps)
    }
}

/// Adds a step that sends the remaining bytes, if there are any.
fn rest(sent: &mut BytesMut, steps: &mut Vec<Step>) {
    if !sent.is_empty() {
        steps.push(Step::SendRaw(sent.split().freeze()));
    }
}
