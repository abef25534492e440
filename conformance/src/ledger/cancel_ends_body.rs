//! CANCEL in the middle of a body.

use super::{Divergence, Right};
use crate::{
    http2::{ErrorCode, Frame, View},
    script::Step,
};

pub(super) const ENTRY: Divergence = Divergence {
    name: "cancel-ends-the-body",
    about: "Legacy ends a body cut by a RST_STREAM or GOAWAY with CANCEL as if it were complete; modern gives the error.",
    rfc: "",
    right: Right::Modern,
    cause: "",
    changed: "",
    scenario: "rst-stream-cancel-mid-body",
    repair: |exchange, index| {
        let frame = exchange.frame(index)?;
        let repaired = match frame.view() {
            View::RstStream(ErrorCode::CANCEL) => Frame::rst_stream(frame.stream, ErrorCode::INTERNAL_ERROR),
            View::GoAway { last_stream_id, code: ErrorCode::CANCEL, debug_data } => {
                Frame::goaway(last_stream_id, ErrorCode::INTERNAL_ERROR, debug_data)
            }
            _ => return None,
        };
        Some(vec![Step::Send(Frame { payload: repaired.payload, ..frame.clone() })])
    },
};
