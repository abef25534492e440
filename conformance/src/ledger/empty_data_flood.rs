//! Many DATA frames without content.

use super::{Divergence, Right};
use crate::{
    http2::{Frame, FrameType, View},
    script::Step,
};
use bytes::Bytes;

pub(super) const ENTRY: Divergence = Divergence {
    name: "empty-data-flood",
    about: "Legacy bears any number of empty DATA frames; modern ends the connection with ENHANCE_YOUR_CALM.",
    rfc: "",
    right: Right::Both,
    cause: "",
    changed: "",
    scenario: "flood-of-empty-data",
    repair: |exchange, index| {
        let frame = exchange.frame_of(index, FrameType::DATA).filter(|frame| !frame.ends_stream())?;
        (frame.view() == View::Data(&[]))
            .then(|| vec![Step::Send(Frame { payload: Bytes::from_static(b"."), flags: 0, ..frame.clone() })])
    },
};
