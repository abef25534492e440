//! Request bodies that compete for the connection's flow-control window.

use super::{Divergence, Right};
use crate::script::{Body, Step};

/// Four bodies of this size fit into the initial window of the connection together.
const SMALL: u32 = 10_000;

pub(super) const ENTRY: Divergence = Divergence {
    name: "connection-window-shared-differently",
    about: "",
    rfc: "",
    right: Right::Both,
    cause: "",
    changed: "",
    scenario: "two-uploads-share-the-connection-window",
    repair: |exchange, index| {
        let Some(Step::Request(request)) = exchange.step(index) else { return None };
        let body = request.body();
        (body.size() > SMALL)
            .then(|| vec![Step::Request(request.clone().with_body(Body::new(SMALL, body.end())))])
    },
};
