//! A head with END_STREAM and a content-length above 0.

use super::{
    Divergence, Right,
    exchange::{fields, with_fields},
};
use crate::{http2::FrameType, script::Step};

pub(super) const ENTRY: Divergence = Divergence {
    name: "content-length-without-content",
    about: "Legacy hands over an empty body for a head with END_STREAM and content-length above 0; modern resets the stream.",
    rfc: "",
    right: Right::Modern,
    cause: "",
    changed: "",
    scenario: "content-length-on-a-head-that-ends-the-stream",
    repair: |exchange, index| {
        let frame = exchange.frame_of(index, FrameType::HEADERS).filter(|frame| frame.ends_stream())?;
        let mut fields = fields(frame)?;
        let (_, length) = fields.iter_mut().find(|(name, value)| name == "content-length" && value != "0")?;
        "0".clone_into(length);
        Some(vec![Step::Send(with_fields(frame, &fields))])
    },
};
