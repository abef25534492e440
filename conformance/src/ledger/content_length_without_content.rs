//! A head with END_STREAM and a content-length above 0.

use super::{
    Divergence, Right,
    exchange::{fields, with_fields},
};
use crate::{http2::FrameType, script::Step};

pub(super) const ENTRY: Divergence = Divergence {
    name: "content-length-without-content",
    about: "Legacy hands over an empty body for a head with END_STREAM and a content-length above 0; modern ends the \
            request with PROTOCOL_ERROR.",
    rfc: "§8.1.1: \"A request or response is also malformed if the value of a content-length header field does not \
          equal the sum of the DATA frame payload lengths that form the content, unless the message is defined as \
          having no content.\"",
    right: Right::Modern,
    cause: "recv_headers (proto/streams/recv.rs) of h2 0.3 notes the length, and only DATA or trailers are compared with \
            it; that of h2 0.4 compares it at once when END_STREAM is set, except after HEAD and for 204 and 304.",
    changed: "h2 0.4.7 (hyperium/h2#813); not in h2 0.3.",
    scenario: "content-length-on-a-head-that-ends-the-stream",
    repair: |exchange, index| {
        let frame = exchange.frame_of(index, FrameType::HEADERS).filter(|frame| frame.ends_stream())?;
        let mut fields = fields(frame)?;
        let (_, length) = fields.iter_mut().find(|(name, value)| name == "content-length" && value != "0")?;
        "0".clone_into(length);
        Some(vec![Step::Send(with_fields(frame, &fields))])
    },
};
