//! GOAWAY with an error code, and then the end of the connection.

use super::{Divergence, Harm};
use crate::{
    http2::{ErrorCode, Frame, FrameType, StreamId, View},
    script::Step,
};

pub(super) const ENTRY: Divergence = Divergence {
    name: "goaway-code-is-lost",
    about: "A request at or below the last_stream_id of a GOAWAY with an error code gets the transport's error when \
            the connection then ends: the code is lost on both.",
    rfc: "§6.8: \"The GOAWAY frame also contains a 32-bit error code (Section 7) that contains the reason for closing \
          the connection.\"",
    project: "h2",
    harm: Harm::Failure.on_both(),
    cause: "recv_eof and handle_error (proto/streams/streams.rs) of both h2 give an open stream the error of the \
            transport; h2::Error has neither the code of an earlier GOAWAY nor its last_stream_id.",
    changed: "Every release of both.",
    reported: Some("hyperium/hyper#4052: no way to ask for the reason of a GOAWAY"),
    effect: "A client retries at once over HTTP/2 although the peer has asked for less load, or for HTTP/1.1.",
    meanwhile: Some("Look for the code in the log of h2, and pause before a retry after a broken pipe."),
    scenario: "goaway-enhance-your-calm-at-our-stream-then-eof",
    repair: |exchange, index| {
        matches!(exchange.steps()[index], Step::Close | Step::FailRead(_)).then_some(())?;
        let (last_stream_id, code) = goaway_before(exchange, index)?;
        let open = (0..exchange.requests().count()).filter_map(|number| exchange.stream_of(number));
        let open = open.filter(|stream| *stream <= last_stream_id && !exchange.is_complete(*stream));
        let mut steps: Vec<_> = open.map(|stream| Step::Send(Frame::rst_stream(stream, code))).collect();
        steps.extend([Step::Pass(0), exchange.steps()[index].clone()]);
        (steps.len() > 2).then_some(steps)
    },
};

/// The last_stream_id and the code of the last GOAWAY before this step, if the code is an error.
fn goaway_before(exchange: &super::Exchange<'_>, index: usize) -> Option<(StreamId, ErrorCode)> {
    let goaway = (0..index).rev().find_map(|index| exchange.frame_of(index, FrameType::GOAWAY))?;
    let View::GoAway { last_stream_id, code, .. } = goaway.view() else { return None };
    (code != ErrorCode::NO_ERROR).then_some((last_stream_id, code))
}
