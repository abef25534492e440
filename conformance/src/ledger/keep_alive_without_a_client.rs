//! Keep-alive after the application has dropped its client.

use super::{Divergence, Harm};
use crate::script::Step;

pub(super) const ENTRY: Divergence = Divergence {
    name: "keep-alive-without-a-client",
    about: "If the application drops its client while one request is open, modern sends no keep-alive PING any more, and \
            the request waits for ever for a peer that is gone; legacy sends it, and fails the request.",
    rfc: "§6.7: \"PING frames can be sent from any endpoint.\" RFC 9113 leaves the time to the client; both clients \
          document that they send them while a stream is open (keep_alive_while_idle).",
    project: "hyper",
    harm: Harm::Hang.on_modern(),
    cause: "is_idle (proto/h2/ping.rs) counts the holders of the shared state, and takes two for an idle connection; the \
            task that goes with the client is one of them. KeepAlive::maybe_ping of hyper 1 asks it again when the \
            interval ends; that of hyper 0.14 does not.",
    changed: "hyper 1.0.0 (hyperium/hyper#3381); not in hyper 0.14.",
    reported: None,
    effect: "On a modern connection without a pool, the last request hangs if its peer falls silent.",
    meanwhile: Some("Keep a clone of the SendRequest until the last response has ended."),
    scenario: "a-client-dropped-before-its-peer-falls-silent",
    repair: |exchange, index| {
        let drops = exchange.steps()[index] == Step::DropClient;
        (drops && exchange.outlasts_keep_alive()).then(|| vec![Step::Pass(0)])
    },
};
