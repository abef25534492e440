//! RST_STREAM(CANCEL) in the middle of a body.

use super::{Divergence, Right};
use crate::{
    http2::{ErrorCode, Frame, FrameType, View},
    script::Step,
};

pub(super) const ENTRY: Divergence = Divergence {
    name: "cancel-ends-the-body",
    about: "Legacy ends a body cut by RST_STREAM(CANCEL) as if it were complete; modern gives the error.",
    rfc: "",
    right: Right::Modern,
    cause: "",
    changed: "",
    scenario: "rst-stream-cancel-mid-body",
    repair: |exchange, index| {
        let frame = exchange.frame_of(index, FrameType::RST_STREAM)?;
        let sent = exchange.sent_before(index, frame.stream);
        let cuts = sent.head && !sent.end && frame.view() == View::RstStream(ErrorCode::CANCEL);
        cuts.then(|| {
            let code = Frame::rst_stream(frame.stream, ErrorCode::INTERNAL_ERROR);
            vec![Step::Send(Frame { payload: code.payload, ..frame.clone() })]
        })
    },
};
