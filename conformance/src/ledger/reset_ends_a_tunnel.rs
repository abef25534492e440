//! A tunnel that its peer resets.

use super::{Divergence, Harm, cancel_ends_the_body::with_internal_error};
use crate::http2::ErrorCode;

pub(super) const ENTRY: Divergence = Divergence {
    name: "reset-ends-a-tunnel",
    about: "When RST_STREAM or GOAWAY with NO_ERROR or CANCEL cuts a tunnel, both let the application read its end, as if \
            the peer had ended it with END_STREAM.",
    rfc: "§8.5: \"A TCP connection error is signaled with RST_STREAM.\"",
    project: "hyper",
    harm: Harm::DataLost.on_both(),
    cause: "H2Upgraded::poll_read (proto/h2/upgrade.rs of hyper 1, proto/h2/mod.rs of hyper 0.14) returns the end on \
            these reasons.",
    changed: "hyper 0.14.11 (hyperium/hyper#2598).",
    reported: None,
    effect: "What comes through a tunnel that a proxy cancels is taken for everything that was sent.",
    meanwhile: Some("Let the protocol in the tunnel say where it ends, as TLS does."),
    scenario: "a-tunnel-that-is-cancelled-by-its-peer",
    repair: |exchange, index| {
        let is_tunnel = |stream| exchange.is_connect(stream) && exchange.sent_before(index, stream).head;
        let cuts = |stream| is_tunnel(stream) && !exchange.is_complete(stream);
        let of = |code| with_internal_error(exchange, index, code, cuts);
        of(ErrorCode::CANCEL).or_else(|| of(ErrorCode::NO_ERROR))
    },
};
