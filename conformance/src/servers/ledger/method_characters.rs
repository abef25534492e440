//! A `:method` with characters that legacy's http crate does not allow in a method.

use super::ServerDivergence;
use crate::ledger::method_characters;

pub(super) const ENTRY: ServerDivergence = ServerDivergence {
    about: "For a request with #, $, %, & or ' in its :method, legacy ends the connection with PROTOCOL_ERROR, as if \
            the block did not decode; modern accepts these characters, which a token may have.",
    effect: "One request ends a legacy server's connection, and all requests on it.",
    scenario: "method-with-an-ampersand",
    ..method_characters::ENTRY.on_servers(|frames, index| {
        frames.with_block_fields(index, |fields| {
            let mut any = false;
            for (_, method) in fields.iter_mut().filter(|(name, _)| name == b":method") {
                for refused in method.iter_mut().filter(|byte| REFUSED.contains(byte)) {
                    *refused = b'X';
                    any = true;
                }
            }
            any
        })
    })
};

/// Characters that a token may have, and that http 0.2 refuses in a method.
const REFUSED: &[u8; 5] = b"#$%&'";
