//! Delta debugging, repeated until nothing more can be removed. For scripts: fewer steps first, then simpler fields.
//! For error chains: fewer layers first, then simpler layers.

mod error_chain;

pub use error_chain::minimize_error_chain;

use crate::{
    http2::{ErrorCode, Frame, FrameType, StreamId, flags, hpack},
    script::{Body, Method, Request, Script, Step},
};
use bytes::Bytes;

/// The maximum number of steps played while one script is minimized. It bounds the time for floods, which play
/// thousands of steps in every attempt. Other scripts need far fewer.
const EFFORT: usize = 30_000;

/// The smallest script found for which `fails` still holds. Deterministic: the same script and predicate give the same
/// result. Returns `script` unchanged if no simpler script fails.
pub fn minimize(script: &Script, mut fails: impl FnMut(&Script) -> bool) -> Script {
    let mut effort = EFFORT;
    let mut fails = |candidate: &Script| {
        let played = candidate.steps().len() + 1;
        if effort < played {
            return false;
        }
        effort -= played;
        fails(candidate)
    };
    let mut best = script.clone();
    loop {
        let before = best.clone();
        drop_steps(&mut best, &mut fails);
        simplify_steps(&mut best, &mut fails);
        if best == before {
            return best;
        }
    }
}

/// Removes runs of steps, long runs first.
fn drop_steps(best: &mut Script, fails: &mut impl FnMut(&Script) -> bool) {
    let mut length = best.steps().len();
    while length > 0 {
        let mut start = 0;
        while start < best.steps().len() {
            let end = (start + length).min(best.steps().len());
            let without = [&best.steps()[..start], &best.steps()[end..]].concat();
            let candidate = Script::new(without);
            if candidate.steps().len() < best.steps().len() && fails(&candidate) {
                *best = candidate;
            } else {
                start = end;
            }
        }
        length /= 2;
    }
}

/// Replaces steps by simpler ones for which `fails` still holds.
fn simplify_steps(best: &mut Script, fails: &mut impl FnMut(&Script) -> bool) {
    for index in 0..best.steps().len() {
        while let Some(simpler) = simpler_steps(&best.steps()[index])
            .into_iter()
            .map(|step| best.with_step(index, step))
            .find(|candidate| fails(candidate))
        {
            *best = simpler;
        }
    }
}

/// Simpler steps than this one, the simplest first. Repeated simplification always ends.
fn simpler_steps(step: &Step) -> Vec<Step> {
    match step {
        Step::Request(request) => simpler_requests(request).into_iter().map(Step::Request).collect(),
        Step::Send(frame) => simpler_frames(frame).into_iter().map(Step::Send).collect(),
        Step::SendRaw(bytes) => shorter(bytes).into_iter().map(Step::SendRaw).collect(),
        Step::Await { .. } => vec![Step::Pass(0)],
        Step::Pass(milliseconds) if *milliseconds > 0 => vec![Step::Pass(0), Step::Pass(milliseconds / 2)],
        Step::Split(size) if *size > 1 => vec![Step::Split(1), Step::Split(size / 2)],
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
    let body = request.body();
    if body != Body::EMPTY && request.method() != Method::Get {
        let bare = Request::new(request.method());
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
    }
    simpler
}

fn shorter(bytes: &Bytes) -> Vec<Bytes> {
    match bytes.len() {
        0 => Vec::new(),
        length => vec![bytes.slice(..0), bytes.slice(..length / 2), bytes.slice(..length - 1), bytes.slice(1..)],
    }
}
