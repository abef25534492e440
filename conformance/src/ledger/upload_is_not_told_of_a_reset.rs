//! An upload that waits while the client itself resets its stream.

use super::{Divergence, LEFT_OPEN};
use crate::script::{Body, Step};

pub(super) const ENTRY: Divergence = Divergence {
    name: "upload-is-not-told-of-a-reset",
    about: "If a stream error ends a request whose content waits for its application or for a window, and the application \
            drops its client, legacy keeps the connection open; modern closes it.",
    rfc: "§5.4.2: \"An endpoint that detects a stream error sends a RST_STREAM frame\". Nothing says when a client that is \
          no longer used closes its connection.",
    project: "h2",
    harm: LEFT_OPEN,
    cause: "set_reset (proto/streams/state.rs) of h2 0.3 wakes no task, so PipeToSendStream (proto/h2/mod.rs) of hyper \
            0.14 goes on waiting and holds the stream; that of h2 0.4 wakes both halves of the stream.",
    changed: "h2 0.4.6 (hyperium/h2#791); not in h2 0.3.",
    reported: Some("hyperium/h2#791"),
    effect: "A legacy connection that is no longer used stays open as long as an upload waits.",
    meanwhile: Some("End or drop the content of a request once its response has failed."),
    scenario: "a-client-dropped-beside-a-paused-upload-that-failed",
    repair: |exchange, index| {
        let drops = exchange.steps()[index] == Step::DropClient;
        let uploads = exchange.requests().any(|request| request.body() != Body::EMPTY);
        (drops && uploads).then(|| vec![Step::Pass(0)])
    },
};
