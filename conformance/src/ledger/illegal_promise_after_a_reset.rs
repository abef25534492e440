//! An illegal PUSH_PROMISE on a stream that the client has reset.

use super::{Divergence, Right, frames::ignored};
use crate::{
    http2::FrameType,
    rfc9113::{Clause, Handling},
};

pub(super) const ENTRY: Divergence = Divergence {
    name: "illegal-promise-after-a-reset",
    about: "On a stream that the client has reset, both ignore a PUSH_PROMISE unchecked, although it promises a \
            stream identifier that is not a server's or was promised before, or the server has seen that push is \
            disabled, or had ended the stream itself.",
    rfc: "§6.6: \"A receiver MUST treat the receipt of a PUSH_PROMISE that promises an illegal stream identifier \
          (Section 5.1.1) as a connection error (Section 5.4.1) of type PROTOCOL_ERROR.\"",
    right: Right::Neither,
    cause: "recv_push_promise (proto/streams/streams.rs) of both h2 returns early on a stream that it has reset, \
            before it checks the promised identifier.",
    changed: "Every release of both.",
    reported: None,
    effect: "None visible to the application: the client accepts no pushes.",
    scenario: "push-promise-of-an-illegal-stream-after-a-reset",
    repair: |exchange, index| {
        let frame = exchange.frame_of(index, FrameType::PUSH_PROMISE)?;
        let clauses = [Clause::PromisedIdentifier, Clause::PushDisabled, Clause::PushOnClosed];
        let refused = clauses.map(Handling::ConnectionError);
        exchange.handlings_of_block(index).any(|handling| refused.contains(&handling)).then(|| ignored(frame))
    },
};
