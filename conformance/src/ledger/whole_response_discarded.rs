//! Something that ends the stream or the connection, right behind a whole response.

use super::{Divergence, Right};
use crate::script::Step;

pub(super) const ENTRY: Divergence = Divergence {
    name: "whole-response-discarded",
    about: "Legacy discards a whole response if a RST_STREAM, a GOAWAY or a connection error comes with its last frame; \
            modern hands it over.",
    rfc: "",
    right: Right::Modern,
    cause: "",
    changed: "",
    scenario: "rst-stream-internal-error-after-the-full-response",
    repair: |exchange, index| {
        let last = exchange.step(index).filter(|_| exchange.ends_stream(index))?;
        let waits = matches!(exchange.step(index + 1)?, Step::Await { .. } | Step::Pass(_));
        (!waits).then(|| vec![last.clone(), Step::Pass(0)])
    },
};
