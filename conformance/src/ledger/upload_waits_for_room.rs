//! Request bodies that pause or fail while flow control leaves no room.

use super::{Divergence, Right, exchange::INITIAL_WINDOW, frames::values};
use crate::{
    http2::{Frame, SettingId},
    script::{Body, BodyEnd, Request, Step},
};

pub(super) const ENTRY: Divergence = Divergence {
    name: "upload-waits-for-room",
    about: "Legacy polls a request body only once it holds a byte of window for it: an upload that pauses keeps that \
            byte from others, and without a byte legacy never learns that a body has failed; modern polls first, and \
            resets the stream of a body that fails.",
    rfc: "§5.2.1: \"This document does not stipulate how a receiver decides when to send this frame or the value that \
          it sends, nor does it specify how a sender chooses to send packets.\"",
    right: Right::Both,
    cause: "PipeToSendStream::poll (proto/h2/mod.rs) of hyper 0.14 reserves one byte and waits for it before it \
            polls the body; that of hyper 1 polls the body first, and then reserves window for its content.",
    changed: "hyper 1.10.0 (hyperium/hyper#4061); not in hyper 0.14.",
    reported: Some("hyperium/hyper#4003; not that a failing body is never noticed"),
    effect: "On a legacy client, an upload whose body fails hangs until its own timeout.",
    scenario: "the-whole-window-again-after-an-upload-took-it",
    repair: |exchange, index| {
        let (number, request) = exchange.request_at(index)?;
        let body = request.body();
        let written = exchange.stream_of(number).is_some();
        let asked_in_vain = written && body.end() != BodyEnd::Complete;
        let narrows = |frame: &Frame| values(frame, SettingId::INITIAL_WINDOW_SIZE).any(|size| size <= body.size());
        let full = exchange.requests().map(demand).sum::<u64>() > u64::from(INITIAL_WINDOW);
        (asked_in_vain && (full || exchange.frames_from(0).any(|(_, frame)| narrows(frame))))
            .then(|| vec![Step::Request(request.clone().with_body(Body::new(body.size(), BodyEnd::Complete)))])
    },
};

/// The connection window that legacy wants for a request: one byte more than its content if the body may go on.
fn demand(request: &Request) -> u64 {
    let body = request.body();
    u64::from(body.size()) + u64::from(body.end() != BodyEnd::Complete)
}
