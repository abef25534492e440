//! GOAWAY right after a stream error on a stream that the peer initiated.

use super::{Divergence, Harm, exchange::without_stream_error};
use crate::http2::View;

pub(super) const ENTRY: Divergence = Divergence {
    name: "goaway-drops-a-reset",
    about: "When a GOAWAY arrives before the client has answered a stream error on a peer-initiated stream, legacy \
            treats the stream as disowned if it is above last_stream_id, and never writes its RST_STREAM; modern \
            writes it.",
    rfc: "§6.8: \"the GOAWAY contains the stream identifier of the last peer-initiated stream that was or might be \
          processed\", which says nothing about streams that the sender initiates. §5.4.2: \"An endpoint that \
          detects a stream error sends a RST_STREAM frame\".",
    project: "h2",
    harm: Harm::Protocol.on_legacy(),
    cause: "recv_go_away (proto/streams/streams.rs) of h2 0.3 ends every stream above last_stream_id and clears its \
            queue, whichever side initiated it; that of h2 0.4 ends only streams that the client initiated.",
    changed: "h2 0.4.14 (hyperium/h2#886, for hyperium/h2#885); not in h2 0.3.",
    reported: Some("hyperium/h2#885, for servers"),
    effect: "None visible to the application: the peer misses one RST_STREAM.",
    meanwhile: None,
    scenario: "goaway-behind-a-stream-error-on-a-stream-of-the-peer",
    repair: |exchange, index| {
        let frame = exchange.frame(index)?;
        let theirs = !frame.stream.is_connection() && frame.stream.get().is_multiple_of(2);
        let disowned = || {
            exchange.frames_from(index).any(|(_, later)| match later.view() {
                View::GoAway { last_stream_id, .. } => last_stream_id < frame.stream,
                _ => false,
            })
        };
        (theirs && exchange.is_stream_error(index) && disowned()).then(|| without_stream_error(frame))
    },
};
