//! A keep-alive PING on a connection without requests.

use super::{Divergence, Right};
use crate::script::Step;

pub(super) const ENTRY: Divergence = Divergence {
    name: "keep-alive-while-idle",
    about: "Legacy sends a keep-alive PING that was scheduled while a request was open even if none is any more, and then \
            closes the connection; modern does not.",
    rfc: "",
    right: Right::Modern,
    cause: "",
    changed: "",
    scenario: "keep-alive-after-the-last-response",
    repair: |exchange, index| match exchange.step(index)? {
        Step::Pass(milliseconds) if *milliseconds > 0 => Some(vec![Step::Pass(0)]),
        _ => None,
    },
};
