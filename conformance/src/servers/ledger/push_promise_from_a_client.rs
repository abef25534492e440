//! PUSH_PROMISE from a client.

use super::ServerDivergence;
use crate::{
    http2::FrameType,
    ledger::{Harm, ignored},
};

pub(super) const ENTRY: ServerDivergence = ServerDivergence {
    name: "push-promise-from-a-client",
    about: "A client sends PUSH_PROMISE on a stream that either side has reset, or with malformed fields, and both servers \
            take it as a fault of the stream; on an open stream it is a connection error, as it should be everywhere.",
    rfc: "§8.4: \"A client cannot push. Thus, servers MUST treat the receipt of a PUSH_PROMISE frame as a connection \
          error (Section 5.4.1) of type PROTOCOL_ERROR.\"",
    project: "h2",
    harm: Harm::Protocol.on_both(),
    cause: "Inner::recv_push_promise (proto/streams/streams.rs) of both h2 first asks for the state of the stream \
            (ensure_recv_open), which gives the error that closed it; only Peer::ensure_can_open (proto/peer.rs) asks who \
            promises. Codec::decode_frame (codec/framed_read.rs) returns a stream error for malformed fields before both.",
    changed: "Every release of both.",
    reported: None,
    effect: "None that an application sees: a client that believes it can push stays connected.",
    meanwhile: None,
    scenario: "a-client-promises-on-a-reset-stream",
    repair: |frames, index| frames.frame_of(index, FrameType::PUSH_PROMISE).map(ignored),
};
