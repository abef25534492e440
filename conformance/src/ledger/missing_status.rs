//! A response head without `:status`.

use super::{
    Divergence, Right,
    exchange::{fields, status, with_fields},
};
use crate::{http2::FrameType, script::Step};

pub(super) const ENTRY: Divergence = Divergence {
    name: "missing-status",
    about: "Legacy takes a response head without `:status` for a 200; modern resets the stream as malformed.",
    rfc: "",
    right: Right::Modern,
    cause: "",
    changed: "",
    scenario: "head-without-status",
    repair: |exchange, index| {
        let frame = exchange.frame_of(index, FrameType::HEADERS)?;
        let mut fields = fields(frame)?;
        if exchange.sent_before(index, frame.stream).head || status(&fields).is_some() {
            return None;
        }
        fields.insert(0, (":status".into(), "200".into()));
        Some(vec![Step::Send(with_fields(frame, &fields))])
    },
};
