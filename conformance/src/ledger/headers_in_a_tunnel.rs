//! Trailers in a tunnel.

use super::{Divergence, Harm, ignored};
use crate::{
    http2::{Frame, FrameType},
    script::Step,
};

pub(super) const ENTRY: Divergence = Divergence {
    name: "headers-in-a-tunnel",
    about: "When the peer ends a tunnel with HEADERS, both take it for the end of what it sends, and the stream is not \
            reset.",
    rfc: "§8.5: \"Frame types other than DATA or stream management frames (RST_STREAM, WINDOW_UPDATE, and PRIORITY) MUST \
          NOT be sent on a connected stream and MUST be treated as a stream error (Section 5.4.2) if received.\"",
    project: "h2",
    harm: Harm::Protocol.on_both(),
    cause: "h2 does not know that a stream is a tunnel: recv_headers (proto/streams/streams.rs) takes the frame for \
            trailers, as in any response.",
    changed: "Since tunnels over HTTP/2: hyper 0.14.8 (hyperium/hyper#2523).",
    reported: None,
    effect: "None that an application sees: what came before is whole.",
    meanwhile: None,
    scenario: "headers-in-a-tunnel",
    repair: |exchange, index| {
        let begin = exchange.block_begin(index)?;
        let head = exchange.frame_of(begin, FrameType::HEADERS)?;
        if !head.ends_stream() || !exchange.is_tunnel(begin, head.stream) {
            return None;
        }
        match index == begin {
            true => Some(vec![Step::Send(Frame::data(head.stream, Vec::new()).end_stream()), Step::Pass(0)]),
            false => exchange.frame(index).map(ignored),
        }
    },
};
