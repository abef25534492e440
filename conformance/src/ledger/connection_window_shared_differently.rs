//! Request bodies that compete for the connection's flow-control window.

use super::{Divergence, LEFT_OPEN, exchange::INITIAL_WINDOW, frames::values};
use crate::{
    http2::{Frame, SettingId, StreamId, View},
    script::{Body, Step},
};

/// Six bodies of this size fit into the connection's initial window together.
const SMALL: u32 = 10_000;

pub(super) const ENTRY: Divergence = Divergence {
    name: "connection-window-shared-differently",
    about: "If requests with content are issued together, or a window grows while one is about to be written, legacy \
            gives the connection's window to the body that comes first, and a long body leaves a short one a single \
            byte; modern assigns window as the streams open, and the short body is sent whole.",
    rfc: "§5.2.1: \"This document does not stipulate how a receiver decides when to send this frame or the value that \
          it sends, nor does it specify how a sender chooses to send packets.\"",
    project: "h2",
    harm: LEFT_OPEN,
    cause: "reserve_capacity (proto/streams/prioritize.rs) of h2 0.3 gives window to a stream whose HEADERS are not \
            written yet; try_assign_capacity of h2 0.4 refuses it until the stream is open.",
    changed: "h2 0.4.13 (hyperium/h2#860) and 0.4.0, but no release between them; not in h2 0.3.",
    reported: Some("hyperium/h2#860"),
    effect: "On a legacy client, a short upload beside a long one that pauses waits for ever.",
    meanwhile: None,
    scenario: "a-short-upload-beside-one-that-takes-the-window",
    repair: |exchange, index| {
        let (number, request) = exchange.request_at(index)?;
        let body = request.body();
        let all: u64 = exchange.requests().map(|request| u64::from(request.body().size())).sum();
        let opened = |number, step| {
            exchange.stream_of(number).is_some_and(|stream: StreamId| exchange.opened_before(step, stream))
        };
        // Two bodies compete from the start if the first stream is not open when the second request is issued, and
        // later if a window grows before the other stream is open.
        let refills = |frame: &Frame| {
            matches!(frame.view(), View::WindowUpdate(_)) || values(frame, SettingId::INITIAL_WINDOW_SIZE).count() > 0
        };
        let refilled = |step: &usize| exchange.frame(*step).is_some_and(refills);
        let competes = exchange.issues().any(|(other, step, request)| {
            let apart = if step < index { opened(other, index) } else { opened(number, step) };
            let late = || (step..exchange.steps().len()).filter(refilled).any(|update| !opened(other, update));
            other != number && request.body().size() > 0 && (!apart || late())
        });
        (body.size() > SMALL && all > u64::from(INITIAL_WINDOW) && competes)
            .then(|| vec![Step::Request(request.clone().with_body(Body::new(SMALL, body.end())))])
    },
};
