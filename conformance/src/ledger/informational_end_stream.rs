//! An informational head with END_STREAM.

use super::{Divergence, Right};
use crate::{
    http2::{Frame, FrameType, flags},
    script::Step,
};

pub(super) const ENTRY: Divergence = Divergence {
    name: "informational-head-with-end-stream",
    about: "Legacy goes on waiting after a 1xx head with END_STREAM; modern resets the stream as malformed.",
    rfc: "",
    right: Right::Modern,
    cause: "",
    changed: "",
    scenario: "informational-head-with-end-stream",
    repair: |exchange, index| {
        let frame = exchange.frame_of(index, FrameType::HEADERS).filter(|frame| frame.ends_stream())?;
        exchange
            .is_informational(index)
            .then(|| vec![Step::Send(Frame { flags: frame.flags & !flags::END_STREAM, ..frame.clone() })])
    },
};
