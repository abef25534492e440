//! Scripts: what the application asks for and what its peer does, as data.
//!
//! A [`Script`] is one list of [`Step`]s in the order in which they happen. The peer plays them one after the other; the
//! client runs whenever a step waits for it. Two forms are kept of every script, and both lead back to the same steps:
//! [`bytes`] for corpora and fuzzers, [`text`] for people.

pub mod bytes;
pub mod text;

mod io_failure;
mod request;

pub use io_failure::IoFailure;
pub use request::{Body, BodyEnd, Method, Request};

use crate::http2::{
    Frame, FrameType, StreamId,
    wire::{self, HEADER_LENGTH},
};
use ::bytes::{Bytes, BytesMut};

/// One exchange: requests, and what the peer sends and does. It holds at least one request, because without one there is
/// nothing that an application could see.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Script {
    steps: Vec<Step>,
}

/// One thing that happens in a [`Script`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// The application issues a request. It does not wait: the steps that follow may reach the client before the request
    /// is written. A request before the connection stands is issued as soon as it does.
    Request(Request),
    /// The peer sends a frame.
    Send(Frame),
    /// The peer sends bytes that need not be a frame, at most [`Step::MAX_RAW`] of them.
    SendRaw(Bytes),
    /// The peer waits until the client has written a frame of this type on this stream that no earlier `Await` took.
    /// If the client has done all that it can do and no such frame has come, the peer goes on.
    Await {
        /// The type of the frame.
        kind: FrameType,
        /// The stream that it is on.
        stream: StreamId,
    },
    /// So many milliseconds of virtual time pass. With 0 the client just handles all that has been sent so far.
    Pass(u32),
    /// From here on the peer hands over what it sends in pieces of so many bytes, and lets the client handle each before
    /// the next. With 0 (as at the start of every script) it hands over all at once, whenever a step waits.
    Split(u32),
    /// The peer closes its side: the client reads what was sent, then the end of the stream.
    Close,
    /// The client's reads fail, after what was sent has been read.
    FailRead(IoFailure),
    /// The client's writes fail, after so many more whole frames were taken. The connection preface counts as one. (Frames
    /// and not bytes: the stacks' first SETTINGS differ in length.)
    FailWrite {
        /// What the write fails with.
        failure: IoFailure,
        /// How many frames the transport still takes.
        after: u32,
    },
}

impl Step {
    /// The largest number of bytes in one [`Step::SendRaw`]: what the length field of a frame can say.
    pub const MAX_RAW: usize = 0x00ff_ffff;

    /// The frame, if this step sends one.
    pub fn frame(&self) -> Option<&Frame> {
        match self {
            Step::Send(frame) => Some(frame),
            _ => None,
        }
    }

    /// How many bytes the step has the peer send.
    pub fn sent_length(&self) -> usize {
        match self {
            Step::Send(frame) => HEADER_LENGTH + frame.payload.len(),
            Step::SendRaw(bytes) => bytes.len(),
            _ => 0,
        }
    }

    /// Waits for the client's frame of that type on that stream.
    pub fn awaits(kind: FrameType, stream: StreamId) -> Step {
        Step::Await { kind, stream }
    }
}

impl Script {
    /// The script of these steps. If there is no request among them, one GET is issued before them.
    pub fn new(mut steps: Vec<Step>) -> Script {
        if !steps.iter().any(|step| matches!(step, Step::Request(_))) {
            steps.insert(0, Step::Request(Request::get()));
        }
        Script { steps }
    }

    /// One GET, issued first; the peer sends an empty SETTINGS frame, sees the request, and sends `frames` at once.
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

    /// The requests in the order in which they are issued. A request's place in this list is its number.
    pub fn requests(&self) -> impl Iterator<Item = &Request> {
        self.steps.iter().filter_map(|step| match step {
            Step::Request(request) => Some(request),
            _ => None,
        })
    }

    /// The frames that the peer sends, each with the index of its step.
    pub fn frames(&self) -> impl Iterator<Item = (usize, &Frame)> {
        self.steps.iter().enumerate().filter_map(|(index, step)| Some((index, step.frame()?)))
    }

    /// The same exchange with everything that the peer sends as frames, as a client finds them in the bytes: a frame stands
    /// where its last byte was sent. What is no whole frame at the end stays bytes.
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
                Step::Send(frame) => {
                    let mut bytes = Vec::new();
                    wire::encode(frame, &mut bytes);
                    sent.extend_from_slice(&bytes);
                }
                Step::SendRaw(bytes) => sent.extend_from_slice(bytes),
                Step::Close | Step::FailRead(_) => {
                    rest(&mut sent, &mut steps);
                    steps.push(step.clone());
                    continue;
                }
                other => {
                    // What is there of a frame came piece by piece, and the client has run.
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

    /// The same script with the step at `index` in another form.
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

/// Sends what is left, if there is any.
fn rest(sent: &mut BytesMut, steps: &mut Vec<Step>) {
    if !sent.is_empty() {
        steps.push(Step::SendRaw(sent.split().freeze()));
    }
}
