//! Delta debugging, repeated until nothing more can be removed. For scripts: fewer steps first, then simpler fields.
//! The result is never larger. For error chains: fewer layers first, then simpler layers.

mod error_chain;

pub use error_chain::minimize_error_chain;

use crate::{
    http2::{ErrorCode, Frame, FrameType, StreamId, View, flags, hpack},
    script::{Body, Method, Reads, Request, Script, Step},
};
use bytes::Bytes;
use std::ops::Range;

/// The maximum number of steps of all candidates while one script is minimized. It bounds the time for floods, which play
/// thousands of steps in every attempt. Other scripts need far fewer.
const EFFORT: usize = 30_000;

/// A minimized script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Minimized {
    /// The smallest script found.
    pub script: Script,
    /// Whether the search stopped before nothing more could be removed: a smaller script may exist.
    pub is_exhausted: bool,
}

/// The smallest script found for which `fails` still holds: neither as bytes nor as text is it larger than `script`.
/// Deterministic: the same script and predicate give the same result. Returns `script` unchanged if no simpler script
/// fails.
pub fn minimize(script: &Script, fails: impl FnMut(&Script) -> bool) -> Minimized {
    let mut search = Search { best: script.clone(), largest: size(script), effort: EFFORT, is_exhausted: false, fails };
    loop {
        let before = search.best.clone();
        search.drop_steps();
        search.simplify_steps();
        if search.best == before || search.is_exhausted {
            return Minimized { script: search.best, is_exhausted: search.is_exhausted };
        }
    }
}

/// The length of a script as bytes and as text.
fn size(script: &Script) -> (usize, usize) {
    (script.encode().len(), script.to_toml().len())
}

/// The smallest script found so far, and what is left to try.
struct Search<Fails> {
    best: Script,
    /// The size that no candidate may exceed.
    largest: (usize, usize),
    /// The number of steps that the candidates may still have together.
    effort: usize,
    is_exhausted: bool,
    fails: Fails,
}

impl<Fails: FnMut(&Script) -> bool> Search<Fails> {
    /// Takes a candidate for the best script if it still fails; whether it does.
    fn improves(&mut self, candidate: Script) -> bool {
        let cost = candidate.steps().len() + 1;
        self.is_exhausted |= self.effort < cost;
        if self.is_exhausted {
            return false;
        }
        self.effort -= cost;
        let (bytes, text) = size(&candidate);
        let improves = bytes <= self.largest.0 && text <= self.largest.1 && (self.fails)(&candidate);
        if improves {
            self.best = candidate;
        }
        improves
    }

    /// Removes runs of steps, long runs first.
    fn drop_steps(&mut self) {
        let mut length = self.best.steps().len();
        while length > 0 {
            let mut start = 0;
            while start < self.best.steps().len() && !self.is_exhausted {
                let steps = self.best.steps();
                let end = (start + length).min(steps.len());
                let candidate = Script::new([&steps[..start], &steps[end..]].concat());
                if candidate.steps().len() == steps.len() || !self.improves(candidate) {
                    start = end;
                }
            }
            length /= 2;
        }
    }

    /// Replaces steps by simpler ones: first all of a run of equal steps, which stay equal.
    fn simplify_steps(&mut self) {
        let mut end = 0;
        for index in 0..self.best.steps().len() {
            if self.is_exhausted {
                return;
            }
            if index == end {
                let steps = self.best.steps();
                end += steps[index..].iter().take_while(|other| **other == steps[index]).count();
                if end > index + 1 {
                    self.simplify(index..end);
                }
            }
            self.simplify(index..index + 1);
        }
    }

    /// Replaces the equal steps of this range by simpler ones.
    fn simplify(&mut self, run: Range<usize>) {
        let with = |script: &Script, step: Step| {
            let mut steps = script.steps().to_vec();
            steps[run.clone()].fill(step);
            Script::new(steps)
        };
        while !self.is_exhausted {
            let mut simpler = simpler_steps(&self.best.steps()[run.start]).into_iter();
            if !simpler.any(|step| self.improves(with(&self.best, step))) {
                break;
            }
        }
    }
}

/// Simpler steps than this one, the simplest first. Repeated simplification always ends.
fn simpler_steps(step: &Step) -> Vec<Step> {
    match step {
        Step::Request(request) => simpler_requests(request).into_iter().map(Step::Request).collect(),
        Step::Send(frame) => simpler_frames(frame).into_iter().map(Step::Send).collect(),
        Step::SendRaw(bytes) => shorter(bytes).into_iter().map(Step::SendRaw).collect(),
        Step::Await { .. } | Step::Never { .. } => vec![Step::Pass(0)],
        Step::Pass(milliseconds) if *milliseconds > 0 => vec![Step::Pass(0), Step::Pass(milliseconds / 2)],
        Step::Split(size) if *size > 1 => vec![Step::Split(1), Step::Split(size / 2)],
        Step::Read { request, bytes } if *bytes > 0 => {
            [0, bytes / 2].map(|bytes| Step::Read { request: *request, bytes }).into()
        }
        Step::Feed { request, bytes, end } if *bytes > 0 => {
            [0, bytes / 2].map(|bytes| Step::Feed { request: *request, bytes, end: *end }).into()
        }
        Step::Connection(number) if *number > 1 => vec![Step::Connection(number - 1)],
        Step::Cancel(request) if *request > 0 => vec![Step::Cancel(0), Step::Cancel(request / 2)],
        Step::FailWrite { failure, after } if *after > 0 => {
            [0, after / 2].map(|after| Step::FailWrite { failure: *failure, after }).into()
        }
        _ => Vec::new(),
    }
}

fn simpler_requests(request: &Request) -> Vec<Request> {
    let mut simpler = Vec::new();
    if *request != Request::get() {
        simpler.push(Request::get());
    }
    if let Reads::Bytes(bytes @ 1..) = request.read() {
        simpler.extend([0, bytes / 2].map(|bytes| request.clone().reading(Reads::Bytes(bytes))));
    }
    if request.read() != Reads::All {
        simpler.push(request.clone().reading(Reads::All));
        simpler.push(Request::get().reading(request.read()));
        simpler.retain(|simpler| simpler != request);
    }
    simpler.extend(request.clone().with_path("").filter(|simpler| simpler != request));
    if !request.trailers().is_empty() {
        simpler.push(request.clone().without_trailers());
    }
    let body = request.body();
    if body != Body::EMPTY && request.method() != Method::Get {
        let bare = Request::new(request.method()).reading(request.read());
        simpler.push(bare.clone());
        if body.size() > 0 {
            let sizes = [0, body.size() / 2].into_iter();
            simpler.extend(sizes.map(|size| bare.clone().with_body(Body::new(size, body.end()))));
        }
    }
    simpler
}

fn simpler_frames(frame: &Frame) -> Vec<Frame> {
    let mut simpler = Vec::new();
    if !matches!(frame.kind, FrameType::GOAWAY | FrameType::RST_STREAM) {
        // If any error will do, an error that the peer reports properly is clearer than a fault.
        simpler.push(Frame::goaway(StreamId::CONNECTION, ErrorCode::NO_ERROR, b""));
        simpler.push(Frame::rst_stream(StreamId::FIRST, ErrorCode::NO_ERROR));
    }
    simpler.extend(frame.length.map(|_| Frame { length: None, ..frame.clone() }));
    simpler.extend(frame.reserved.then(|| Frame { reserved: false, ..frame.clone() }));
    let bits = (0..8).map(|shift| 1 << shift).filter(|bit| frame.has(*bit));
    simpler.extend(bits.map(|bit| Frame { flags: frame.flags & !bit, ..frame.clone() }));
    if frame.kind == FrameType::HEADERS
        && let Some(fields) = hpack::decode(&frame.payload)
    {
        simpler.extend((0..fields.len()).map(|without| {
            let fields = fields.iter().enumerate().filter(|(index, _)| *index != without);
            let block = hpack::encode(fields.map(|(_, (name, value))| (name.as_str(), value.as_str())));
            Frame { payload: block.into(), ..frame.clone() }
        }));
    }
    if matches!(frame.kind, FrameType::RST_STREAM) {
        let code = Frame::rst_stream(frame.stream, ErrorCode::NO_ERROR);
        simpler.extend((frame.payload > code.payload && frame.payload.len() == 4).then_some(code));
    } else if !frame.has(flags::PADDED) {
        simpler.extend(shorter(&frame.payload).into_iter().map(|payload| Frame { payload, ..frame.clone() }));
    } else if let View::Data(data) = frame.view() {
        let bare =
            Frame { payload: frame.payload.slice_ref(data), flags: frame.flags & !flags::PADDED, ..frame.clone() };
        simpler.push(bare);
    }
    simpler
}

fn shorter(bytes: &Bytes) -> Vec<Bytes> {
    match bytes.len() {
        0 => Vec::new(),
        length => vec![bytes.slice(..0), bytes.slice(..length / 2), bytes.slice(..length - 1), bytes.slice(1..)],
    }
}
