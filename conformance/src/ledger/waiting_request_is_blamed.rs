//! A request that waits for a slot when its connection ends.

use super::{Divergence, Right, exchange::ENOUGH_STREAMS};
use crate::{
    http2::{Frame, FrameType, SettingId, View},
    script::Step,
};

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
    changed: "Every release of both.",
    effect: "A client behind a busy load balancer that says GOAWAY fails requests that never left the process, and \
             tells its caller that the fault was the caller's.",
    scenario: "goaway-while-a-request-waits-for-a-slot",
    repair: |exchange, index| {
        let frame = exchange.frame_of(index, FrameType::SETTINGS)?;
        let View::Settings(settings) = frame.view() else { return None };
        let limits = |id: SettingId, value: u32| id == SettingId::MAX_CONCURRENT_STREAMS && value < ENOUGH_STREAMS;
        let waits = exchange.sides_with_unwritten() == 2;
        (waits && settings.iter().any(|(id, value)| limits(*id, *value))).then(|| {
            let settings = settings.into_iter();
            let settings = settings.map(|(id, value)| (id, if limits(id, value) { ENOUGH_STREAMS } else { value }));
            vec![Step::Send(Frame { payload: Frame::settings(settings).payload, ..frame.clone() })]
        })
    },
};
