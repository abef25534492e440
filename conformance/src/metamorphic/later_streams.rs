//! The same exchange, after another exchange on the same connection.

use super::{Transformation, Transformed, counts_writes, is_framed};
use crate::{
    http2::{Frame, FrameType, StreamId, View, flags},
    script::{Request, Script, Step},
};

pub(super) const TRANSFORMATION: Transformation = Transformation {
    name: "later-streams",
    about: "A complete exchange precedes the first request, so that every request has a later stream.",
    rfc: "§8.1: \"An HTTP request/response exchange fully consumes a single stream.\"",
    apply: |script, _| {
        if !is_framed(script) || counts_writes(script) || !begins_with_settings(script) {
            return None;
        }
        let earlier = [
            Step::Request(Request::get()),
            Step::Send(Frame::settings([])),
            Step::awaits(FrameType::HEADERS, StreamId::FIRST),
            Step::Send(Frame::response(StreamId::FIRST, 200).end_stream()),
            Step::Pass(0),
        ];
        let steps = earlier.into_iter().chain(script.steps().iter().map(one_stream_later)).collect();
        Some(Transformed { earlier: 1, ..Transformed::new(steps) })
    },
};

/// Whether the peer's first frame is SETTINGS. Any frame before it would follow the SETTINGS of the added exchange.
fn begins_with_settings(script: &Script) -> bool {
    let first = script.frames().next();
    first.is_some_and(|(_, frame)| frame.kind == FrameType::SETTINGS && !frame.has(flags::ACK))
}

/// The same step, on a connection on which the client has issued one more request, and used its stream.
pub fn one_stream_later(step: &Step) -> Step {
    match step {
        Step::Await { kind, stream } => Step::awaits(*kind, later(*stream)),
        Step::Never { kind, stream } => Step::Never { kind: *kind, stream: later(*stream) },
        Step::Send(frame) => {
            Step::Send(Frame { stream: later(frame.stream), payload: payload(frame), ..frame.clone() })
        }
        other => match other.request_number() {
            Some(request) => other.about_request(request.saturating_add(1)),
            None => other.clone(),
        },
    }
}

/// The client's next stream after this one. Server streams stay unchanged.
fn later(stream: StreamId) -> StreamId {
    let ours = stream.is_client_initiated() && stream != StreamId::MAX;
    if ours { StreamId::from_word(stream.get() + 2) } else { stream }
}

/// The payload, with the streams in it moved as well.
fn payload(frame: &Frame) -> bytes::Bytes {
    match frame.view() {
        // 0 covers none of the script's streams: the stream of the added exchange becomes the last one.
        View::GoAway { .. } => {
            let last = |last: StreamId| if last.is_connection() { StreamId::FIRST } else { later(last) };
            frame.clone().with_last_stream_id(last).payload
        }
        View::Priority { exclusive, depends_on, weight } => {
            Frame::priority(frame.stream, exclusive, later(depends_on), weight).payload
        }
        _ => match frame.dependency() {
            Some(depends_on) => with_dependency(frame, later(depends_on)),
            None => frame.payload.clone(),
        },
    }
}

/// The payload of a HEADERS frame with another stream dependency.
fn with_dependency(frame: &Frame, depends_on: StreamId) -> bytes::Bytes {
    let mut payload = frame.payload.to_vec();
    let at = usize::from(frame.has(flags::PADDED));
    let exclusive = payload[at] & 0x80;
    payload[at..at + 4].copy_from_slice(&depends_on.get().to_be_bytes());
    payload[at] |= exclusive;
    payload.into()
}
