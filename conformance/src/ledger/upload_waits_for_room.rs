//! Request bodies that pause or fail while flow control leaves no room.

use super::{Divergence, LEFT_OPEN, exchange::INITIAL_WINDOW, frames::values};
use crate::{
    http2::{Frame, SettingId},
    script::{Body, BodyEnd, Request, Step},
};

pub(super) const ENTRY: Divergence = Divergence {
    name: "upload-waits-for-room",
    about: "Legacy polls a request body only once it holds a byte of window for it: an upload that pauses keeps that \
            byte from others, and without a byte legacy never learns that a body has failed or has trailers; modern \
            polls first, resets the stream of a body that fails, and sends trailers, which need no window.",
    rfc: "§5.2.1: \"This document does not stipulate how a receiver decides when to send this frame or the value that \
          it sends, nor does it specify how a sender chooses to send packets.\"",
    project: "hyper",
    harm: LEFT_OPEN,
    cause: "PipeToSendStream::poll (proto/h2/mod.rs) of hyper 0.14 reserves one byte and waits for it before it \
            polls the body; that of hyper 1 polls the body first, and then reserves window for its content.",
    changed: "hyper 1.10.0 (hyperium/hyper#4061); not in hyper 0.14.",
    reported: Some("hyperium/hyper#4003; not that a failing body is never noticed"),
    effect: "On a legacy client, an upload whose body fails hangs until its own timeout.",
    meanwhile: None,
    scenario: "the-whole-window-again-after-an-upload-took-it",
    repair: |exchange, index| {
        let (number, request) = exchange.request_at(index)?;
        let body = request.body();
        let written = exchange.stream_of(number).is_some();
        let asked_in_vain = written && (body.end() != BodyEnd::Complete || !request.trailers().is_empty());
        let content = exchange.content(number);
        let narrows =
            |frame: &Frame| values(frame, SettingId::INITIAL_WINDOW_SIZE).any(|size| u64::from(size) <= content);
        let demand = |(number, _, request): (usize, usize, &Request)| {
            exchange.content(number) + u64::from(request.body().end() != BodyEnd::Complete)
        };
        // Legacy wants one byte more than the content if the body may go on.
        let full = exchange.issues().map(demand).sum::<u64>() > u64::from(INITIAL_WINDOW);
        (asked_in_vain && (full || exchange.frames_from(0).any(|(_, frame)| narrows(frame)))).then(|| {
            let whole = Body::new(body.size(), BodyEnd::Complete);
            vec![Step::Request(request.clone().with_body(whole).without_trailers())]
        })
    },
};
