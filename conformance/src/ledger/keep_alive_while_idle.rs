//! A keep-alive PING on a connection without requests.

use super::{Divergence, LEFT_OPEN};
use crate::script::Step;

pub(super) const ENTRY: Divergence = Divergence {
    name: "keep-alive-while-idle",
    about: "Legacy sends a keep-alive PING that fell due during a request even after the last request has ended, and \
            closes the connection if it is not answered, so a later request fails; modern leaves an idle connection \
            alone.",
    rfc: "§6.7: \"PING frames can be sent from any endpoint.\" RFC 9113 leaves the time to the client; both clients \
          document that they send none while idle (keep_alive_while_idle, off here).",
    project: "hyper",
    harm: LEFT_OPEN,
    cause: "KeepAlive::maybe_ping (proto/h2/ping.rs) of hyper 0.14 does not check whether the connection is idle \
            when the interval ends; that of hyper 1 does.",
    changed: "hyper 1.0.0 (hyperium/hyper#3381); not in hyper 0.14.",
    reported: Some("hyperium/hyper#3381"),
    effect: "On a legacy client, the first request after an idle period fails.",
    meanwhile: None,
    scenario: "keep-alive-after-the-last-response",
    repair: |exchange, index| {
        let idles = matches!(exchange.steps()[index], Step::Pass(1..)) && !exchange.is_unanswered(index);
        (idles && exchange.outlasts_keep_alive()).then(|| vec![Step::Pass(0)])
    },
};
