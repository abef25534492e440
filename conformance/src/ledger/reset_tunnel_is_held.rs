//! A tunnel that its peer resets while its application could still write.

use super::{Divergence, LEFT_OPEN};
use crate::{
    http2::FrameType,
    script::{Body, Step},
};

pub(super) const ENTRY: Divergence = Divergence {
    name: "reset-tunnel-is-held",
    about: "If the peer resets a tunnel into which the application could still write, legacy remembers the stream until the \
            application drops the tunnel, and modern lets go of it. So they differ in how often they answer what the peer \
            still sends on it with RST_STREAM.",
    rfc: "§5.4.2: \"However, an endpoint MAY send additional RST_STREAM frames if it receives frames on a closed stream after \
          more than a round-trip time.\"",
    project: "hyper",
    harm: LEFT_OPEN,
    cause: "H2Upgraded (proto/h2/mod.rs) of hyper 0.14 has the handle of the stream, and looks for a reset only when the \
            application writes. UpgradedSendStreamTask (proto/h2/upgrade.rs) of hyper 1 waits for it, and ends.",
    changed: "hyper 1.8.0 (hyperium/hyper#3967).",
    reported: None,
    effect: "None that an application sees.",
    meanwhile: None,
    scenario: "a-tunnel-reset-after-its-end",
    repair: |exchange, index| {
        let (number, request) = exchange.request_at(index)?;
        let stream = exchange.stream_of(number).filter(|_| request.is_connect() && request.body() != Body::EMPTY)?;
        let mut later = exchange.frames_from(index).map(|(_, frame)| frame);
        later
            .any(|frame| frame.kind == FrameType::RST_STREAM && frame.stream == stream)
            .then(|| vec![Step::Request(request.clone().with_body(Body::EMPTY))])
    },
};
