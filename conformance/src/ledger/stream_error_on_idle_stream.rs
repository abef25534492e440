//! Stream errors on streams that nobody has opened.

use super::{Divergence, Right, exchange::without_stream_error};
use crate::script::Step;

pub(super) const ENTRY: Divergence = Divergence {
    name: "stream-error-on-an-idle-stream",
    about: "HEADERS on an idle stream are a connection error; if their fields are malformed, or the stream is to depend \
            on itself, both answer with RST_STREAM on that stream, and go on.",
    rfc: "§5.4: \"If a frame causes a connection error, that error MUST be reported.\" §6.4: \"RST_STREAM frames MUST NOT \
          be sent for a stream in the \"idle\" state.\"",
    right: Right::Neither,
    cause: "Codec::decode_frame (codec/framed_read.rs) of both h2 makes a stream error of what a frame says before \
            anybody asks for the state of its stream, and send_reset (proto/streams/streams.rs) makes the stream for \
            it.",
    changed: "Every release of both.",
    effect: "None that an application sees, but a peer that has lost count of its streams stays connected.",
    scenario: "malformed-head-on-an-idle-stream",
    repair: |exchange, index| {
        let frame = exchange.frame(index)?;
        let beyond = frame.stream.get() as usize > 2 * exchange.requests().count();
        let idle = !frame.stream.is_connection() && (beyond || !exchange.is_open(index, frame.stream));
        (idle && exchange.is_stream_error(index)).then(|| vec![Step::Send(without_stream_error(frame))])
    },
};
