//! GOAWAY on a stream other than 0.

use super::{Divergence, Right};
use crate::{
    http2::{FrameType, StreamId},
    script::Step,
};

pub(super) const ENTRY: Divergence = Divergence {
    name: "goaway-on-a-stream",
    about: "Legacy takes a GOAWAY that stands on a stream for one of the connection; modern ends the connection.",
    rfc: "",
    right: Right::Modern,
    cause: "",
    changed: "",
    scenario: "goaway-on-a-stream",
    repair: |exchange, index| {
        let frame = exchange.frame_of(index, FrameType::GOAWAY).filter(|frame| !frame.stream.is_connection())?;
        Some(vec![Step::Send(frame.clone().on(StreamId::CONNECTION))])
    },
};
