//! A content-length that does not parse, or two that differ.

use super::{
    Divergence, Right,
    exchange::{fields, with_fields},
};
use crate::{http2::FrameType, script::Step};

pub(super) const ENTRY: Divergence = Divergence {
    name: "conflicting-content-length",
    about: "Legacy reads only the first of several content-length fields, and none in the response to a HEAD; modern \
            resets the stream when they differ or do not parse.",
    rfc: "",
    right: Right::Modern,
    cause: "",
    changed: "",
    scenario: "content-length-twice-with-different-values",
    repair: |exchange, index| {
        let frame = exchange.frame_of(index, FrameType::HEADERS)?;
        let mut fields = fields(frame)?;
        let mut lengths: Vec<&mut String> =
            fields.iter_mut().filter(|(name, _)| name == "content-length").map(|(_, value)| value).collect();
        let first = (*lengths.first()?).clone();
        let parses = first.parse::<u64>().is_ok();
        if parses && lengths.iter().all(|value| **value == first) {
            return None;
        }
        for length in &mut lengths {
            **length = if parses { first.clone() } else { "0".into() };
        }
        Some(vec![Step::Send(with_fields(frame, &fields))])
    },
};
