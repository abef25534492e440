//! Something that ends the stream or the connection, right behind a whole response.

use super::{Divergence, Right};
use crate::script::Step;

pub(super) const ENTRY: Divergence = Divergence {
    name: "whole-response-discarded",
    about: "While the request is still being sent, legacy ends a whole response with the error of a RST_STREAM that \
            comes before the application has read to its end; modern hands the response over.",
    rfc: "§8.1: \"An HTTP response is complete after the server sends -- or the client receives -- a frame with the \
          END_STREAM flag set\". After RST_STREAM(NO_ERROR) clients \"MUST NOT discard responses\"; after other codes \
          they may.",
    right: Right::Modern,
    cause: "State::recv_reset (proto/streams/state.rs) of h2 0.3 overwrites a stream whose receiving half has ended; \
            that of h2 0.4 remembers the end (Cause::ErrorAfterEndStream). hyper 0.14 hides the codes NO_ERROR and \
            CANCEL while it reads content, and shows them where trailers are asked for.",
    changed: "h2 0.4.16 (hyperium/h2#922, for hyperium/hyper#4130); not in h2 0.3.",
    scenario: "rst-stream-internal-error-after-the-full-response",
    repair: |exchange, index| {
        let last = exchange.step(index).filter(|_| exchange.ends_stream(index))?;
        if !exchange.has_content(exchange.frame(index)?.stream) {
            return None;
        }
        // What ends the stream or the connection may come behind the response, or with it.
        let waits = |step: Option<&Step>| matches!(step, None | Some(Step::Await { .. } | Step::Pass(_)));
        let (before, behind) = (index.checked_sub(1).and_then(|before| exchange.step(before)), exchange.step(index + 1));
        let mut repaired = vec![last.clone()];
        if !waits(before) {
            repaired.insert(0, Step::Pass(0));
        }
        if !waits(behind) {
            repaired.push(Step::Pass(0));
        }
        (repaired.len() > 1).then_some(repaired)
    },
};
