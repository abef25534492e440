//! Something that ends the stream or the connection, right behind a whole response.

use super::{Divergence, Right};
use crate::script::Step;

pub(super) const ENTRY: Divergence = Divergence {
    name: "whole-response-discarded",
    about: "While the request is still being sent, legacy discards a whole response if RST_STREAM, GOAWAY or a \
            connection error comes with its last frame; modern hands it over.",
    rfc: "§8.1: \"Clients MUST NOT discard responses as a result of receiving such a RST_STREAM, though clients can \
          always discard responses at their discretion for other reasons.\"",
    right: Right::Modern,
    cause: "recv_reset and handle_error (proto/streams/state.rs) of h2 0.3 overwrite a state whose receiving half \
            has ended; those of h2 0.4 remember that it had (Cause::ErrorAfterEndStream).",
    changed: "h2 0.4.16 (hyperium/h2#922, hyperium/hyper#4130); not in h2 0.3.",
    scenario: "rst-stream-internal-error-after-the-full-response",
    repair: |exchange, index| {
        let last = exchange.step(index).filter(|_| exchange.ends_stream(index))?;
        if !exchange.has_content(exchange.frame(index)?.stream) {
            return None;
        }
        let waits = matches!(exchange.step(index + 1)?, Step::Await { .. } | Step::Pass(_));
        (!waits).then(|| vec![last.clone(), Step::Pass(0)])
    },
};
