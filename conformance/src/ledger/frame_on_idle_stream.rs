//! A frame on the stream of a request that still waits to be written.

use super::{Divergence, Right, exchange::ignored};
use crate::{http2::FrameType, script::Step};

pub(super) const ENTRY: Divergence = Divergence {
    name: "frame-on-an-idle-stream",
    about: "Legacy ignores a frame on the stream of a request that still waits to be written; modern ends the connection.",
    rfc: "",
    right: Right::Modern,
    cause: "",
    changed: "",
    scenario: "headers-on-an-idle-stream",
    repair: |exchange, index| {
        let frame = exchange.frame(index)?;
        let opening = matches!(
            frame.kind,
            FrameType::DATA | FrameType::HEADERS | FrameType::RST_STREAM | FrameType::WINDOW_UPDATE
        );
        let idle = !frame.stream.is_connection() && !exchange.opened_before(index, frame.stream);
        (opening && idle).then(|| vec![Step::Send(ignored(frame))])
    },
};
