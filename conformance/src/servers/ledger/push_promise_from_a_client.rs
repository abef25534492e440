//! PUSH_PROMISE from a client.

use super::ServerDivergence;
use crate::{
    http2::FrameType,
    ledger::{Right, ignored},
};

pub(super) const ENTRY: ServerDivergence = ServerDivergence {
    name: "push-promise-from-a-client",
    about: "A client promises a stream on an open one, and both servers reserve it.",
    rfc: "§8.4: \"A client cannot push. Thus, servers MUST treat the receipt of a PUSH_PROMISE frame as a connection \
          error (Section 5.4.1) of type PROTOCOL_ERROR.\"",
    right: Right::Neither,
    cause: "recv_push_promise (proto/streams/streams.rs) of both h2 asks whether push is enabled \
            (ensure_can_reserve), which it is for every endpoint that has not disabled it, and does not ask whether it \
            is a server.",
    changed: "Every release of both.",
    reported: None,
    effect: "A server keeps streams that no client can use, and a client that pushes is never told.",
    scenario: "a-client-promises-a-stream",
    repair: |frames, index| frames.frame_of(index, FrameType::PUSH_PROMISE).map(ignored),
};
