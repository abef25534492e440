//! Thousands of DATA frames with a few bytes each.

use super::{Divergence, Right, exchange::ignored};
use crate::{
    http2::{FrameType, View},
    script::Step,
};

/// Fewer small frames than this are below every limit, whatever the windows.
const BORNE: usize = 1_000;

pub(super) const ENTRY: Divergence = Divergence {
    name: "small-data-flood",
    about: "Legacy bears any number of DATA frames of a few bytes; modern ends the connection with ENHANCE_YOUR_CALM \
            once some 2,000 wait for the application, and every request on it fails.",
    rfc: "§10.5: \"An endpoint MAY treat activity that is suspicious as a connection error (Section 5.4.1) of type \
          ENHANCE_YOUR_CALM.\"",
    right: Right::Both,
    cause: "Counts::record_data_frame (proto/streams/counts.rs) of h2 0.4 charges what a DATA frame lacks to 256 bytes \
            to a budget of half the connection's window, which the application refills by reading; h2 0.3 has no such \
            budget.",
    changed: "h2 0.4.16 (hyperium/h2#935, RUSTSEC-2026-0258), the budget by the connection's window since 0.4.19; not \
              in h2 0.3.",
    scenario: "flood-of-small-data",
    repair: |exchange, index| {
        let small = |index: usize| {
            let frame = exchange.frame_of(index, FrameType::DATA).filter(|frame| !frame.ends_stream())?;
            matches!(frame.view(), View::Data(data) if (1..256).contains(&data.len())).then_some(frame)
        };
        let frame = small(index)?;
        let before = (0..index).filter(|index| small(*index).is_some()).take(BORNE).count();
        (before == BORNE).then(|| vec![Step::Send(ignored(frame))])
    },
};
