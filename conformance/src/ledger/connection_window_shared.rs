//! Request bodies that compete for the connection's flow-control window.

use super::{Divergence, Right};
use crate::script::{Body, Step};

/// Four bodies of this size fit into the initial window of the connection together.
const SMALL: u32 = 10_000;

pub(super) const ENTRY: Divergence = Divergence {
    name: "connection-window-shared-differently",
    about: "When requests with content are issued together, legacy gives the connection's window to whichever body is \
            there first, and a long one leaves a short one with a single byte; modern shares it out as the streams \
            open, and the short one is sent whole.",
    rfc: "§5.2.1: \"This document does not stipulate how a receiver decides when to send this frame or the value that it \
          sends, nor does it specify how a sender chooses to send packets.\"",
    right: Right::Both,
    cause: "reserve_capacity (proto/streams/prioritize.rs) of h2 0.3 gives room to a stream whose HEADERS are not \
            written yet; try_assign_capacity of h2 0.4 refuses it until the stream is open. And PipeToSendStream \
            (proto/h2/mod.rs) of hyper 0.14 keeps a byte for an upload that pauses; that of hyper 1 does not.",
    changed: "h2 0.4.13 (hyperium/h2#860) and hyper 1.10.0 (hyperium/hyper#4061); not in h2 0.3 and hyper 0.14.",
    scenario: "a-short-upload-beside-one-that-takes-the-window",
    repair: |exchange, index| {
        let Some(Step::Request(request)) = exchange.step(index) else { return None };
        let body = request.body();
        if exchange.requests().filter(|request| request.body() != Body::EMPTY).count() < 2 {
            return None;
        }
        (body.size() > SMALL)
            .then(|| vec![Step::Request(request.clone().with_body(Body::new(SMALL, body.end())))])
    },
};
