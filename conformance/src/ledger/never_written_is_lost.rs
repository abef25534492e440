//! A connection that ends before a request is written.

use super::{Divergence, Harm};
use crate::{http2::FrameType, rfc9113::Handling, script::Step};

pub(super) const ENTRY: Divergence = Divergence {
    name: "never-written-is-lost",
    about: "If the transport fails or the peer breaks the protocol before h2 has written a request that it holds, \
            the request gets the connection's error on both: that it was never written is lost.",
    rfc: "§8.7: \"Requests that have not been processed have not failed; clients MAY automatically retry them, even \
          those with non-idempotent methods.\"",
    project: "h2",
    harm: Harm::Failure.on_both(),
    cause: "recv_err and recv_eof (proto/streams/streams.rs, proto/streams/state.rs) of both h2 put the connection's \
            error into every stream, including those in the queue of pending opens; h2::Error and hyper::Error have \
            no predicate for a stream that was never opened.",
    changed: "Every release of both.",
    reported: Some("hyperium/hyper#4052 is related: no way to ask for the reason of a GOAWAY"),
    effect: "A POST that was never sent is not retried, because nothing distinguishes it from one that the server \
             may have acted on.",
    meanwhile: Some("Give a request that must not run twice an idempotency key, and send it again."),
    scenario: "a-write-fails-after-the-head-of-an-upload",
    repair: |exchange, index| {
        if exchange.sides_with_unwritten() == 0 {
            return None;
        }
        match &exchange.steps()[index] {
            Step::FailWrite { failure, after } if *after < MANY_FRAMES => {
                Some(vec![Step::FailWrite { failure: *failure, after: after + MANY_FRAMES }])
            }
            step if ends_connection(exchange, index)
                && !matches!(exchange.steps()[..index].last(), Some(Step::Pass(_))) =>
            {
                Some(vec![Step::Pass(0), step.clone()])
            }
            _ => None,
        }
    },
};

/// More frames than a client writes.
pub(super) const MANY_FRAMES: u32 = 1_000;

/// Whether the step at `index` ends the connection.
fn ends_connection(exchange: &super::Exchange<'_>, index: usize) -> bool {
    match &exchange.steps()[index] {
        Step::Close | Step::FailRead(_) => true,
        _ if exchange.frame_of(index, FrameType::GOAWAY).is_some() => true,
        _ => exchange.handlings(index).any(|handling| matches!(handling, Handling::ConnectionError(_))),
    }
}
