//! A tunnel that its application drops while bytes wait for a window.

use super::{Divergence, Harm};
use crate::script::{Body, Step};

pub(super) const ENTRY: Divergence = Divergence {
    name: "dropped-tunnel-panics",
    about: "If the application drops a tunnel whose bytes have filled the window of the connection, the connection task of \
            legacy panics as soon as there is room for more, and every other request on it hangs.",
    rfc: "§8.5: \"The TCP connection can be closed by either peer.\"",
    project: "h2",
    harm: Harm::Hang.on_legacy(),
    cause: "When the last handle of a stream is dropped, h2 0.3 gives its window back, but pop_frame \
            (proto/streams/prioritize.rs) still sends what is queued before the RST_STREAM, and FlowControl::send_data \
            asserts that the window is there. h2 0.4 discards what is queued. hyper reaches this only with tunnels: it \
            keeps the handle of an upload until its content ends.",
    changed: "Fixed in h2 0.4.15 (hyperium/h2#896); not in h2 0.3.",
    reported: Some("hyperium/h2#607 and hyperium/h2#657, for other causes of the same panic"),
    effect: "One tunnel that times out or is dropped stops all others on the connection, without an error.",
    meanwhile: Some("Use hyper 1, or give each tunnel a connection of its own."),
    scenario: "a-tunnel-dropped-without-a-window",
    repair: |exchange, index| {
        let (number, request) = exchange.request_at(index)?;
        (request.is_connect() && request.body() != Body::EMPTY && exchange.is_cancelled(number))
            .then(|| vec![Step::Request(request.clone().with_body(Body::EMPTY))])
    },
};
