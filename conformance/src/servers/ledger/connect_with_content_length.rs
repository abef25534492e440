//! CONNECT with a content-length.

use super::ServerDivergence;
use crate::ledger::Harm;

pub(super) const ENTRY: ServerDivergence = ServerDivergence {
    name: "connect-with-content-length",
    about: "A CONNECT with a content-length above 0 ends the connection on both servers, without GOAWAY and without the \
            RST_STREAM that they want to send: all other requests on it are lost.",
    rfc: "§5.4.1: \"Endpoints SHOULD send a GOAWAY frame when ending a connection, providing that circumstances permit \
          it.\" §8.1.1 makes a malformed request a stream error.",
    project: "hyper",
    harm: Harm::Failure.on_both(),
    cause: "Serving::poll_server (proto/h2/server.rs) of both hyper calls send_reset and returns, as though the \
            connection were done.",
    changed: "hyper 0.14.8 and every later release (hyperium/hyper#2523).",
    reported: None,
    effect: "One request of one client behind a proxy fails the requests of all others on the same connection, and none \
             of them can be sent again safely.",
    meanwhile: None,
    scenario: "connect-that-announces-content",
    repair: |frames, index| {
        frames.with_block_fields(index, |fields| {
            let connects = fields.iter().any(|(name, method)| name == b":method" && method == b"CONNECT");
            let count = fields.len();
            fields.retain(|(name, value)| !connects || name != b"content-length" || value == b"0");
            fields.len() < count
        })
    },
};
