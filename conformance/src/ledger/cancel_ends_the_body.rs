//! CANCEL in the middle of a body.

use super::{
    Divergence, Exchange, Harm, Repaired,
    frames::{ignored, with_payload_of},
};
use crate::http2::{ErrorCode, Frame, FrameType, StreamId, View};

pub(super) const ENTRY: Divergence = Divergence {
    name: "cancel-ends-the-body",
    about: "When RST_STREAM or GOAWAY with CANCEL cuts a body, legacy ends the body as if it were complete; modern \
            gives the application the error.",
    rfc: "§8.1: \"An HTTP response is complete after the server sends -- or the client receives -- a frame with the \
          END_STREAM flag set\".",
    project: "hyper",
    harm: Harm::DataLost.on_legacy(),
    cause: "Body::poll_inner (body/body.rs) of hyper 0.14 ends the body on the reasons NO_ERROR and CANCEL; \
            Incoming::poll_frame (body/incoming.rs) of hyper 1 does so on NO_ERROR only.",
    changed: "Introduced for hyperium/hyper#2872 in hyper 0.14.28 (hyperium/hyper#3274) and hyper 1.0.0 \
              (hyperium/hyper#3275). Fixed in hyper 1.10.0 (hyperium/hyper#3998); not in hyper 0.14 \
              (hyperium/hyper#3999, open).",
    reported: Some("hyperium/hyper#3681; for hyper 0.14 hyperium/hyper#3999"),
    effect: "A legacy client stores a download that the server cancelled half-way as if it were the whole file.",
    meanwhile: Some("Compare what arrived with content-length, or with a checksum."),
    scenario: "rst-stream-cancel-mid-body",
    repair: |exchange, index| {
        let cut = |stream| exchange.sent_before(index, stream).head && !exchange.is_connect(stream);
        with_internal_error(exchange, index, ErrorCode::CANCEL, cut)
            .or_else(|| promise_on_a_cancelled_request(exchange, index))
    },
};

/// Both h2 end the connection with CANCEL when a PUSH_PROMISE arrives on a stream that the application has cancelled and
/// whose RST_STREAM is not yet written. To legacy, that too ends a body.
fn promise_on_a_cancelled_request(exchange: &Exchange<'_>, index: usize) -> Repaired {
    let frame = exchange.frame_of(index, FrameType::PUSH_PROMISE)?;
    let is_on_it = |number| exchange.stream_of(number) == Some(frame.stream) && exchange.is_cancelled(number);
    exchange.issues().any(|(number, _, _)| is_on_it(number)).then(|| ignored(frame))
}

/// The frame with INTERNAL_ERROR in place of this code, if it ends a stream that it cuts.
pub(super) fn with_internal_error(
    exchange: &Exchange<'_>,
    index: usize,
    ends_with: ErrorCode,
    cuts: impl Fn(StreamId) -> bool,
) -> Repaired {
    let frame = exchange.frame(index)?;
    let repaired = match frame.view() {
        View::RstStream(code) if code == ends_with && cuts(frame.stream) => {
            Frame::rst_stream(frame.stream, ErrorCode::INTERNAL_ERROR)
        }
        View::GoAway { last_stream_id, code, debug_data }
            if code == ends_with
                && exchange.answered_before(index).any(|stream| stream > last_stream_id && cuts(stream)) =>
        {
            Frame::goaway(last_stream_id, ErrorCode::INTERNAL_ERROR, debug_data)
        }
        _ => return None,
    };
    Some(with_payload_of(frame, repaired))
}
