//! Frames that are connection errors in their place, and would be stream errors elsewhere.

pub(crate) use super::exchange::malformed;

use super::{Divergence, Exchange, Harm, exchange::without_stream_error};
use crate::{
    http2::{Frame, FrameType},
    rfc9113::Handling,
};

pub(crate) const ENTRY: Divergence = Divergence {
    name: "stream-error-for-a-connection-error",
    about: "HEADERS on an idle stream and PUSH_PROMISE on a closed one are connection errors; if their fields are \
            malformed, or the stream would depend on itself, both send RST_STREAM on that stream and go on.",
    rfc: "§5.4: \"If a frame causes a connection error, that error MUST be reported.\" §6.4: \"RST_STREAM frames \
          MUST NOT be sent for a stream in the \"idle\" state.\"",
    project: "h2",
    harm: Harm::Protocol.on_both(),
    cause: "Codec::decode_frame (codec/framed_read.rs) of both h2 returns a stream error for a frame's content \
            before anything checks the state of its stream, and send_reset (proto/streams/streams.rs) creates the \
            stream for it.",
    changed: "Every release of both; hyperium/h2#571 reports it for HEADERS.",
    reported: Some("hyperium/h2#571, for HEADERS"),
    effect: "None visible to the application, but a peer that has lost count of its streams stays connected.",
    meanwhile: None,
    scenario: "malformed-head-on-an-idle-stream",
    repair: |exchange, index| {
        let frame = exchange.frame(index)?;
        let promise = || frame.kind == FrameType::PUSH_PROMISE && exchange.fields_from(index).is_some_and(malformed);
        let stream_error = exchange.is_stream_error(index) || promise();
        (stream_error && is_connection_error(exchange, index, frame)).then(|| without_stream_error(frame))
    },
};

/// Whether the frame is a connection error in its place, or arrives on a stream that neither side has opened.
fn is_connection_error(exchange: &Exchange<'_>, index: usize, frame: &Frame) -> bool {
    let beyond = frame.stream.get() as usize > 2 * exchange.requests().count();
    // If a write fails, a stream may never be opened that the client had for a request.
    let unopened = exchange.request_on(frame.stream).is_none();
    let idle = !frame.stream.is_connection() && (beyond || unopened || !exchange.is_open(index, frame.stream));
    idle || exchange.handlings_of_block(index).any(|handling| matches!(handling, Handling::ConnectionError(_)))
}
