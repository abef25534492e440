//! A keep-alive PING on a connection without requests.

use super::{Divergence, Right};
use crate::{script::Step, stacks::Settings};

pub(super) const ENTRY: Divergence = Divergence {
    name: "keep-alive-while-idle",
    about: "Legacy sends a keep-alive PING that fell due while a request was open even if none is any more, and closes \
            the connection without an answer, so that a later request fails; modern leaves an idle connection alone.",
    rfc: "§6.7: \"PING frames can be sent from any endpoint.\" When, RFC 9113 leaves to the client; both clients \
          document that they do not while idle (keep_alive_while_idle, off here).",
    right: Right::Both,
    cause: "KeepAlive::maybe_ping (proto/h2/ping.rs) of hyper 0.14 does not ask whether the connection is idle when \
            the interval is over; that of hyper 1 does.",
    changed: "hyper 1.0.0 (hyperium/hyper#3381); not in hyper 0.14.",
    reported: Some("hyperium/hyper#3381"),
    effect: "The first request after a quiet while fails on a legacy client.",
    scenario: "keep-alive-after-the-last-response",
    repair: |exchange, index| {
        let passed = |step: &Step| match step {
            Step::Pass(milliseconds) => u128::from(*milliseconds),
            _ => 0,
        };
        let all: u128 = exchange.steps().iter().map(passed).sum();
        let due = Settings::EQUAL.keep_alive_interval.as_millis();
        let idles = passed(exchange.step(index)?) > 0 && !exchange.is_unanswered(index);
        (idles && all >= due).then(|| vec![Step::Pass(0)])
    },
};
