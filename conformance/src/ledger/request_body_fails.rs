//! A request body that fails.

use super::{Divergence, Right};
use crate::script::{Body, BodyEnd, Step};

pub(super) const ENTRY: Divergence = Divergence {
    name: "request-body-fails",
    about: "",
    rfc: "",
    right: Right::Both,
    cause: "",
    changed: "",
    scenario: "request-body-fails",
    repair: |exchange, index| {
        let Some(Step::Request(request)) = exchange.step(index) else { return None };
        let body = request.body();
        (body.end() == BodyEnd::Fails)
            .then(|| vec![Step::Request(request.clone().with_body(Body::new(body.size(), BodyEnd::Never)))])
    },
};
