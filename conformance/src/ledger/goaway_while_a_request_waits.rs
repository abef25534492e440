//! GOAWAY while a request waits for a stream slot.

use super::{Divergence, Right};
use crate::{
    http2::{Frame, FrameType, SettingId, View},
    script::Step,
};

pub(super) const ENTRY: Divergence = Divergence {
    name: "goaway-while-a-request-waits",
    about: "A request that waits for a slot when GOAWAY comes is dropped by both; if the slot becomes free in the \
            same delivery both still write it, and modern then sends RST_STREAM(CANCEL).",
    rfc: "§6.8: \"Receivers of a GOAWAY frame MUST NOT open additional streams on the connection\".",
    right: Right::Neither,
    cause: "ClientTask (proto/h2/client.rs) of both hypers drops the waiting request once h2 reports the GOAWAY, \
            while h2 still has its HEADERS queued; h2 0.4 sends the reset that the drop asks for, h2 0.3 closes \
            before.",
    changed: "Between h2 0.3.27 and h2 0.4.20; no single change was found.",
    scenario: "goaway-and-a-free-slot-in-one-delivery",
    repair: |exchange, index| {
        let frame = exchange.frame_of(index, FrameType::SETTINGS)?;
        let View::Settings(settings) = frame.view() else { return None };
        let goaways = |step: &Step| step.frame().is_some_and(|frame| frame.kind == FrameType::GOAWAY);
        if !exchange.steps().iter().any(goaways) {
            return None;
        }
        let limits = |id: SettingId, value: u32| id == SettingId::MAX_CONCURRENT_STREAMS && value < 100;
        settings.iter().any(|(id, value)| limits(*id, *value)).then(|| {
            let settings = settings.into_iter().map(|(id, value)| (id, if limits(id, value) { 100 } else { value }));
            vec![Step::Send(Frame { payload: Frame::settings(settings).payload, ..frame.clone() })]
        })
    },
};
