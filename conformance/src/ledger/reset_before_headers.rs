//! A stream error on the stream of a request that is still waiting to be written.

use super::{Divergence, Harm, exchange::without_stream_error};

pub(super) const ENTRY: Divergence = Divergence {
    name: "reset-before-headers",
    about: "If the peer provokes a stream error on a request that is still waiting to be written, legacy sends \
            RST_STREAM and never the request; modern sends the request first.",
    rfc: "§6.4: \"RST_STREAM frames MUST NOT be sent for a stream in the \"idle\" state.\"",
    project: "h2",
    harm: Harm::Protocol.on_legacy(),
    cause: "send_reset (proto/streams/send.rs) of h2 0.3 clears the stream's queue, including its HEADERS, and \
            queues RST_STREAM; that of h2 0.4 keeps the HEADERS of a stream that is pending open.",
    changed: "h2 0.4.14 (hyperium/h2#875); not in h2 0.3.",
    reported: Some("hyperium/h2#571"),
    effect: "A legacy client's server gets RST_STREAM on a stream that it never saw, and may end the connection.",
    meanwhile: None,
    scenario: "stream-error-on-a-request-that-waits",
    repair: |exchange, index| {
        let frame = exchange.frame(index)?;
        (exchange.is_stream_error(index) && exchange.waits(index, frame.stream)).then(|| without_stream_error(frame))
    },
};
