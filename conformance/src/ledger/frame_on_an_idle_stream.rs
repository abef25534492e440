//! A frame on the stream of a request that is still waiting to be written.

use super::{Divergence, Harm, frames::ignored};
use crate::http2::FrameType;

pub(super) const ENTRY: Divergence = Divergence {
    name: "frame-on-an-idle-stream",
    about: "Legacy accepts HEADERS, RST_STREAM and WINDOW_UPDATE on the stream of a request that is still waiting to \
            be written: the request gets that answer, or is never written; modern ends the connection with \
            PROTOCOL_ERROR.",
    rfc: "§5.1: \"Receiving any frame other than HEADERS or PRIORITY on a stream in this state MUST be treated as a \
          connection error (Section 5.4.1) of type PROTOCOL_ERROR.\" HEADERS may only open a stream of the server, \
          and those have even numbers (§5.1.1).",
    project: "h2",
    harm: Harm::Malformed.on_legacy(),
    cause: "recv_headers, recv_reset and recv_window_update (proto/streams/streams.rs) of h2 0.4 refuse a stream \
            that is pending open; those of h2 0.3 find it in the store and treat it as open.",
    changed: "h2 0.4.15 (hyperium/h2#899); not in h2 0.3.",
    reported: Some("hyperium/h2#899"),
    effect: "A legacy client can hand over a response to a request that was never sent.",
    meanwhile: None,
    scenario: "headers-on-an-idle-stream",
    repair: |exchange, index| {
        let frame = exchange.frame(index)?;
        let taken = || match frame.kind {
            FrameType::HEADERS => !exchange.is_stream_error(index),
            FrameType::RST_STREAM | FrameType::WINDOW_UPDATE => true,
            // DATA and CONTINUATION go with the head that they belong to; alone they are an error on both stacks.
            FrameType::DATA | FrameType::CONTINUATION => exchange.sent_before(index, frame.stream).head,
            _ => false,
        };
        (exchange.waits(index, frame.stream) && taken()).then(|| ignored(frame))
    },
};
