//! Many DATA frames without content.

use super::{Divergence, Right, exchange::ignored};
use crate::{
    http2::{FrameType, View},
    script::Step,
};

/// How many DATA frames without content modern takes on a connection.
const BORNE: usize = 100;

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
        let empty = |index: usize| {
            let frame = exchange.frame_of(index, FrameType::DATA).filter(|frame| !frame.ends_stream())?;
            (frame.view() == View::Data(&[])).then_some(frame)
        };
        let frame = empty(index)?;
        let all = (0..exchange.steps().len()).filter(|index| empty(*index).is_some()).count();
        let before = (0..index).filter(|index| empty(*index).is_some()).count();
        // As many as come behind the one too many have to go before it, because a repair ends where the stacks part.
        (all > BORNE && before + all > 2 * BORNE).then(|| vec![Step::Send(ignored(frame))])
    },
};
