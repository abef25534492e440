//! A request that waits for a slot when its connection ends.

use super::{Divergence, Harm};

pub(super) const ENTRY: Divergence = Divergence {
    name: "waiting-request-is-blamed",
    about: "A request that waits for a stream slot when its connection ends, or when its own content fails, fails with \
            the user error \"dispatch task is gone\", with the connection's error, or with one of the stream that it \
            never had: that it was never written is lost.",
    rfc: "§8.7: \"Requests that have not been processed have not failed; clients MAY automatically retry them, even \
          those with non-idempotent methods.\"",
    project: "hyper",
    harm: Harm::Failure.on_both(),
    cause: "Callback's Drop (client/dispatch.rs) of both hypers reports Error::new_user_dispatch_gone when the \
            connection's task ends while h2 holds the request; the error does not contain the request \
            (TrySendError::take_message returns nothing).",
    changed: "hyper 0.14.21 and later (older releases panic); every release of hyper 1.",
    reported: Some("hyperium/hyper#2500 is related: requests that a GOAWAY drops"),
    effect: "A client behind a load balancer that sends GOAWAY fails requests that never left the process, and \
             blames its caller.",
    meanwhile: Some(
        "Send again what failed with \"dispatch task is gone\" if it may run twice, although hyper calls it the \
         user's error.",
    ),
    scenario: "goaway-while-a-request-waits-for-a-slot",
    repair: |exchange, index| {
        exchange.with_enough_slots(index).filter(|_| exchange.sides_that_give_up_unwritten() == 2)
    },
};
