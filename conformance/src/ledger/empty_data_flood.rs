//! Many DATA frames without content.

use super::{Divergence, LEFT_OPEN, frames::ignored};

/// The number of DATA frames without content that modern accepts on a connection.
pub(crate) const BORNE: usize = 100;

pub(crate) const ENTRY: Divergence = Divergence {
    name: "empty-data-flood",
    about: "Legacy accepts any number of DATA frames without content; modern ends the connection with \
            ENHANCE_YOUR_CALM at the 101st, and every request on it fails.",
    rfc: "§10.5: \"An endpoint MAY treat activity that is suspicious as a connection error (Section 5.4.1) of type \
          ENHANCE_YOUR_CALM.\"",
    project: "h2",
    harm: LEFT_OPEN,
    cause: "Counts::record_data_frame (proto/streams/counts.rs) of h2 0.4 counts the DATA frames of a connection \
            that have neither content nor END_STREAM, whether or not they are read; h2 0.3 does not count them.",
    changed: "h2 0.4.16 (hyperium/h2#935, RUSTSEC-2026-0258), counted separately from small frames since 0.4.19 \
              (hyperium/h2#945); not in h2 0.3.",
    reported: Some("hyperium/h2#944"),
    effect: "A server that flushes empty frames makes every request on a modern client's connection fail.",
    meanwhile: None,
    scenario: "flood-of-empty-data",
    repair: |exchange, index| {
        let data = exchange.data();
        let frame = exchange.frame(index).filter(|_| data[index] == Some(0))?;
        let empty = |data: &[Option<usize>]| data.iter().filter(|data| **data == Some(0)).count();
        let (all, before) = (empty(data), empty(&data[..index]));
        // A repair reaches only to where the stacks diverge: it removes as many frames before the limit as come after
        // it.
        (all > BORNE && before + all > 2 * BORNE).then(|| ignored(frame))
    },
};
