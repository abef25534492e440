//! An extra frame that changes nothing.

use super::{Transformation, Transformed, counts_writes, is_framed};
use crate::{
    http2::{Frame, FrameType, SettingId, StreamId, flags},
    script::{Body, Script, Step},
};

pub(super) const TRANSFORMATION: Transformation = Transformation {
    name: "harmless-frames",
    about: "The peer sends an extra PING, PRIORITY, frame of an unknown type, SETTINGS without effect, or \
            WINDOW_UPDATE for a client that has nothing to send, on the connection or on a stream, closed or not.",
    rfc: "§4.1: \"Implementations MUST ignore and discard frames of unknown types.\" §6.5.2: \"An endpoint that receives \
          a SETTINGS frame with any unknown or unsupported identifier MUST ignore that setting.\" §5.1: \"An endpoint MUST \
          minimally process and then discard any frames it receives in this state.\"",
    apply: |script, choice| {
        if !is_framed(script) || counts_writes(script) {
            return None;
        }
        let places = places(script);
        let place = *places.get((choice / 8).checked_rem(places.len())?)?;
        let nothing_to_send = script.requests().all(|request| request.body() == Body::EMPTY);
        let is_opened = matches!(script.steps().first(), Some(Step::Request(_)));
        let frame = frame(choice % 8, nothing_to_send, is_opened);
        let mut steps = script.steps().to_vec();
        steps.splice(place..place, [Step::Send(frame), Step::Pass(0)]);
        Some(Transformed::new(steps))
    },
};

fn frame(choice: usize, nothing_to_send: bool, is_opened: bool) -> Frame {
    let (first, connection) = (StreamId::FIRST, StreamId::CONNECTION);
    match choice {
        0 => Frame::priority(first, false, connection, 15),
        1 => Frame::new(FrameType(0x0b), 0xff, first, b"nobody knows".to_vec()),
        2 => Frame::new(FrameType(0xee), 0, connection, Vec::new()),
        3 => Frame::settings([]),
        4 => Frame::settings([(SettingId(0x4a4a), 7)]),
        5 if nothing_to_send => Frame::window_update(connection, 1_000),
        // It may come late, after the stream was closed.
        7 if nothing_to_send && is_opened => Frame::window_update(first, 1_000),
        _ => Frame::ping(*b"harmless"),
    }
}

/// Where a frame can be inserted: after the peer's first SETTINGS, outside field blocks, and while the peer can send.
fn places(script: &Script) -> Vec<usize> {
    let mut places = Vec::new();
    let (mut begun, mut inside) = (false, false);
    for (index, step) in script.steps().iter().enumerate() {
        if begun && !inside {
            places.push(index);
        }
        match step {
            Step::Send(frame) => {
                begun |= frame.kind == FrameType::SETTINGS && !frame.has(flags::ACK);
                let block = [FrameType::HEADERS, FrameType::PUSH_PROMISE, FrameType::CONTINUATION];
                inside = block.contains(&frame.kind) && !frame.has(flags::END_HEADERS);
            }
            Step::Close | Step::FailRead(_) => break,
            _ => {}
        }
    }
    places
}
