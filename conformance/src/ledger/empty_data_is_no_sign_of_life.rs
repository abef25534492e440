//! DATA frames without content as a sign of life.

use super::{Divergence, LEFT_OPEN, frames::ignored};

pub(super) const ENTRY: Divergence = Divergence {
    name: "empty-data-is-no-sign-of-life",
    about: "When a DATA frame without content arrives on an open response, legacy postpones its keep-alive PING; \
            modern does not, and ends the connection sooner if the PING is not answered.",
    rfc: "§6.7: \"PING frames can be sent from any endpoint.\" RFC 9113 leaves the time to the client.",
    project: "h2",
    harm: LEFT_OPEN,
    cause: "recv_data (proto/streams/recv.rs) of h2 0.4 drops DATA that has neither content nor END_STREAM, so \
            hyper's Recorder::record_data (proto/h2/ping.rs) never sees it; that of h2 0.3 passes it on.",
    changed: "h2 0.4.16 (hyperium/h2#935); not in h2 0.3.",
    reported: None,
    effect: "None if the peer answers the PING.",
    meanwhile: None,
    scenario: "empty-data-while-the-peer-answers-no-ping",
    repair: |exchange, index| {
        let frame = exchange.frame(index).filter(|_| exchange.data()[index] == Some(0))?;
        exchange.outlasts_keep_alive().then(|| ignored(frame))
    },
};
