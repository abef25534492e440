//! Many DATA frames without content.

use super::ServerDivergence;
use crate::{
    ledger::{Right, ignored},
    script::Step,
};

/// The number of DATA frames without content that modern accepts on a connection.
const BORNE: usize = 100;

pub(super) const ENTRY: ServerDivergence = ServerDivergence {
    name: "empty-data-flood",
    about: "Legacy accepts any number of DATA frames without content; modern ends the connection with \
            ENHANCE_YOUR_CALM at the 101st, and every request on it fails.",
    rfc: "§10.5: \"An endpoint MAY treat activity that is suspicious as a connection error (Section 5.4.1) of type \
          ENHANCE_YOUR_CALM.\"",
    right: Right::Both,
    cause: "Counts::record_data_frame (proto/streams/counts.rs) of h2 0.4 counts the DATA frames of a connection \
            that have neither content nor END_STREAM, whether or not they are read; h2 0.3 does not count them.",
    changed: "h2 0.4.16 (hyperium/h2#935, RUSTSEC-2026-0258), counted separately from small frames since 0.4.19 \
              (hyperium/h2#945); not in h2 0.3.",
    reported: Some("hyperium/h2#944"),
    effect: "A client that flushes empty frames makes every request on its connection to a modern server fail.",
    scenario: "flood-of-empty-data-from-a-client",
    repair: |exchange, index| {
        let data = exchange.data();
        let frame = exchange.frame(index).filter(|_| data[index] == Some(0))?;
        let before = data[..index].iter().filter(|data| **data == Some(0)).count();
        (before >= BORNE).then(|| vec![Step::Send(ignored(frame))])
    },
};
