//! A tunnel that its application drops.

use super::{Divergence, LEFT_OPEN};
use crate::script::Step;

pub(super) const ENTRY: Divergence = Divergence {
    name: "dropped-tunnel-is-ended",
    about: "When the application drops a tunnel, legacy resets its stream with CANCEL. Modern ends it with END_STREAM, once \
            what it has written has left, and resets it then if the peer has not ended it.",
    rfc: "§8.5: \"The TCP connection can be closed by either peer.\" It does not say how a client shows that its application \
          has gone.",
    project: "hyper",
    harm: LEFT_OPEN,
    cause: "H2Upgraded (proto/h2/mod.rs) of hyper 0.14 has the handle of the stream, and resets it when it is dropped. That of \
            hyper 1 (proto/h2/upgrade.rs) writes through UpgradedSendStreamTask, which sends END_STREAM when its channel \
            closes, and waits for a window before.",
    changed: "hyper 1.8.0 (hyperium/hyper#3967).",
    reported: None,
    effect: "The other end of a tunnel reads a clean end where a modern application has given up; and without a window the \
             stream keeps its slot.",
    meanwhile: None,
    scenario: "a-tunnel-dropped-when-it-is-made",
    repair: |exchange, index| {
        let Step::Cancel(number) = exchange.steps()[index] else { return None };
        exchange.requests().nth(number as usize)?.is_connect().then(|| vec![Step::Pass(0)])
    },
};
