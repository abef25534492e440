//! GOAWAY while a request waits for a stream slot.

use super::{Divergence, Right};
use crate::{
    http2::{Frame, FrameType, SettingId, View},
    script::Step,
};

pub(super) const ENTRY: Divergence = Divergence {
    name: "goaway-while-a-request-waits",
    about: "",
    rfc: "",
    right: Right::Neither,
    cause: "",
    changed: "",
    scenario: "goaway-while-a-request-waits-for-a-slot",
    repair: |exchange, index| {
        let frame = exchange.frame_of(index, FrameType::SETTINGS)?;
        let View::Settings(settings) = frame.view() else { return None };
        let limits = |id: SettingId, value: u32| id == SettingId::MAX_CONCURRENT_STREAMS && value < 100;
        settings.iter().any(|(id, value)| limits(*id, *value)).then(|| {
            let settings = settings.into_iter().map(|(id, value)| (id, if limits(id, value) { 100 } else { value }));
            vec![Step::Send(Frame { payload: Frame::settings(settings).payload, ..frame.clone() })]
        })
    },
};
