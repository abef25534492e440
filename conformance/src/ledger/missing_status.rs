//! A response head without `:status`.

use super::{Divergence, Right, exchange::status};
use crate::{
    http2::{Frame, FrameType, View, flags, hpack},
    script::Step,
};

pub(super) const ENTRY: Divergence = Divergence {
    name: "missing-status",
    about: "Legacy takes a response head without `:status` for a 200; modern resets the stream as malformed.",
    rfc: "",
    right: Right::Modern,
    cause: "",
    changed: "",
    scenario: "head-without-status",
    repair: |exchange, index| {
        let frame = exchange.frame_of(index, FrameType::HEADERS)?;
        let fields = exchange.fields_from(index)?;
        if exchange.sent_before(index, frame.stream).head || status(&fields).is_some() {
            return None;
        }
        let View::Headers(fragment) = frame.view() else { return None };
        let block = [&hpack::encode([(":status", "200")])[..], fragment].concat();
        let flags = frame.flags & !(flags::PADDED | flags::PRIORITY);
        Some(vec![Step::Send(Frame { payload: block.into(), flags, ..frame.clone() })])
    },
};
