//! A field section larger than the client takes.

use super::{Divergence, Right};
use crate::{
    http2::{Frame, FrameType, View, flags, hpack},
    script::Step,
    stacks::Settings,
};

pub(super) const ENTRY: Divergence = Divergence {
    name: "oversized-header-list",
    about: "Legacy resets a response whose head is larger than it takes with REFUSED_STREAM, and so the application's \
            error says, as if the request had not been processed; modern says PROTOCOL_ERROR.",
    rfc: "§8.7 has REFUSED_STREAM say \"that the stream is being closed prior to any processing having occurred\", and \
          here the peer has answered. §10.5.1: \"A client can discard responses that it cannot process.\"",
    right: Right::Modern,
    cause: "On an oversized head recv_headers (proto/streams/streams.rs) of h2 0.3 makes \
            library_reset(REFUSED_STREAM), that of h2 0.4 library_reset(PROTOCOL_ERROR).",
    changed: "h2 0.4.6 (hyperium/h2#792); earlier releases of 0.4 say REFUSED_STREAM to the peer and nothing to the \
              application, whose request stays open; not in h2 0.3.",
    reported: Some("hyperium/h2#792"),
    effect: "A legacy client sends a request again that the server has answered, a POST too.",
    scenario: "head-larger-than-the-client-takes",
    repair: |exchange, index| {
        let frame = exchange.frame_of(index, FrameType::HEADERS).filter(|_| exchange.begins_head(index))?;
        let View::Headers(block) = frame.view() else { return None };
        (hpack::section_size(block)? > Settings::EQUAL.max_header_list_size as usize).then(|| {
            let flags = frame.flags & !(flags::PADDED | flags::PRIORITY);
            let payload = hpack::encode([(":status", "200")]).into();
            vec![Step::Send(Frame { payload, flags, ..frame.clone() })]
        })
    },
};
