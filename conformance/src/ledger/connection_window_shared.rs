//! Request bodies that compete for the connection's flow-control window.

use super::{Divergence, Right};
use crate::script::{Body, Step};

/// Four bodies of this size fit into the initial window of the connection together.
const SMALL: u32 = 10_000;

pub(super) const ENTRY: Divergence = Divergence {
    name: "connection-window-shared-differently",
    about: "With uploads that fill the connection's window, legacy keeps a byte of it for every body that waits, \
            and so a short body beside a long one may not be sent whole; modern asks for what a body has.",
    rfc: "RFC 9113 leaves open how a sender shares the connection's window among its streams (§6.9).",
    right: Right::Both,
    cause: "PipeToSendStream (proto/h2/mod.rs) of hyper 0.14 reserves one byte before it asks the application for \
            content; that of hyper 1 holds the content first.",
    changed: "hyper 1.10.0 (hyperium/hyper#4061); not in hyper 0.14.",
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
