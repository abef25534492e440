//! A request that waits for a slot when its connection ends.

use super::{Divergence, Right, exchange::with_enough_slots};
use crate::{http2::FrameType, script::Step};

pub(super) const ENTRY: Divergence = Divergence {
    name: "waiting-request-is-blamed",
    about: "A request that waits for a stream slot when its connection ends, and so was never written, fails as the \
            user's own error \"dispatch task is gone\", or with the error of the connection; that it was never written \
            is lost.",
    rfc: "§8.7: \"Requests that have not been processed have not failed; clients MAY automatically retry them, even \
          those with non-idempotent methods.\"",
    right: Right::Neither,
    cause: "Callback's Drop (client/dispatch.rs) of both hypers reports Error::new_user_dispatch_gone when the \
            connection's task ends with a request still in h2's hands, without the request in it \
            (TrySendError::take_message has nothing to give back).",
    changed: "hyper 0.14.21 and later, where older releases panic; every release of hyper 1.",
    reported: Some("hyperium/hyper#2500 is near: requests that a GOAWAY drops"),
    effect: "A client behind a busy load balancer that says GOAWAY fails requests that never left the process, and \
             tells its caller that the fault was the caller's.",
    scenario: "goaway-while-a-request-waits-for-a-slot",
    repair: |exchange, index| {
        let frame = exchange.frame_of(index, FrameType::SETTINGS)?;
        let waits = exchange.sides_with_unwritten() == 2;
        with_enough_slots(frame).filter(|_| waits).map(|frame| vec![Step::Send(frame)])
    },
};
