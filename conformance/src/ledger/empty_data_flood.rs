//! Many DATA frames without content.

use super::{Divergence, Right};
use crate::{
    http2::{Frame, FrameType, View},
    script::Step,
};
use bytes::Bytes;

pub(super) const ENTRY: Divergence = Divergence {
    name: "empty-data-flood",
    about: "Legacy bears any number of DATA frames without content; modern ends the connection with \
            ENHANCE_YOUR_CALM at the 101st, and every request on it fails.",
    rfc: "§10.5: \"An endpoint MAY treat activity that is suspicious as a connection error (Section 5.4.1) of type \
          ENHANCE_YOUR_CALM.\"",
    right: Right::Both,
    cause: "Counts::record_data_frame (proto/streams/counts.rs) of h2 0.4 counts the DATA frames of a connection that \
            have neither content nor END_STREAM, whether they are read or not; h2 0.3 does not count them.",
    changed: "h2 0.4.16 (hyperium/h2#935, RUSTSEC-2026-0258), counted apart from small frames since 0.4.19 \
              (hyperium/h2#945); not in h2 0.3.",
    scenario: "flood-of-empty-data",
    repair: |exchange, index| {
        let frame = exchange.frame_of(index, FrameType::DATA).filter(|frame| !frame.ends_stream())?;
        (frame.view() == View::Data(&[]))
            .then(|| vec![Step::Send(Frame { payload: Bytes::from_static(b"."), flags: 0, ..frame.clone() })])
    },
};
