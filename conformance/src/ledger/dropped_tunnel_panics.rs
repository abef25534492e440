//! A tunnel that its application drops while bytes wait for a window.

use super::{Divergence, Harm};
use crate::script::{Body, Step};

pub(super) const ENTRY: Divergence = Divergence {
    name: "dropped-tunnel-panics",
    about: "If the application drops a tunnel whose bytes have filled the window of the connection, and another stream has \
            bytes to send, the connection task of legacy panics, and every request on the connection hangs.",
    rfc: "§8.5: \"The TCP connection can be closed by either peer.\"",
    project: "h2",
    harm: Harm::Hang.on_legacy(),
    cause: "reclaim_reserved_capacity (proto/streams/prioritize.rs) of h2 0.3 gives the connection all the capacity that a \
            dropped stream had asked for, whether or not it had got it; that of h2 0.4 only what it had. \
            FlowControl::send_data then asserts that the window is there. hyper reaches this only with tunnels: it keeps \
            the handle of an upload until its content ends.",
    changed: "Fixed in h2 0.4, in 0.4.20 at the latest; not in h2 0.3.",
    reported: Some("hyperium/h2#607 has the same panic"),
    effect: "One tunnel that times out or is dropped stops all others on the connection, without an error.",
    meanwhile: Some("Use hyper 1, or give each tunnel a connection of its own."),
    scenario: "a-tunnel-dropped-without-a-window",
    repair: |exchange, index| {
        let (number, request) = exchange.request_at(index)?;
        (request.is_connect() && request.body() != Body::EMPTY && exchange.is_cancelled(number))
            .then(|| vec![Step::Request(request.clone().with_body(Body::EMPTY))])
    },
};
