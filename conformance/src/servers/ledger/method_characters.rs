//! A `:method` with characters that legacy's http crate does not allow in a method.

use super::ServerDivergence;
use crate::ledger::Right;

pub(super) const ENTRY: ServerDivergence = ServerDivergence {
    name: "method-characters",
    about: "For a request with #, $, %, & or ' in its :method, legacy ends the connection with PROTOCOL_ERROR, as if \
            the block did not decode; modern accepts these characters, which a token may have.",
    rfc: "§8.3.1: \"The \":method\" pseudo-header field includes the HTTP method\". RFC 9110 §9.1, §5.6.2: \"method = \
          token\", and a token may have those characters.",
    right: Right::Modern,
    cause: "METHOD_CHARS (method.rs) of http 0.2 lacks these five; Header::new (hpack/header.rs) of h2 turns that \
            into a decoder error, which is a connection error. http 1 has them.",
    changed: "http 1.2.0 (hyperium/http#713); not in http 0.2.",
    reported: Some("hyperium/http#713"),
    effect: "One request ends a legacy server's connection, and all requests on it.",
    scenario: "method-with-an-ampersand",
    repair: |exchange, index| {
        exchange.with_fields(index, |fields| {
            let mut any = false;
            for (_, method) in fields.iter_mut().filter(|(name, _)| name == b":method") {
                for refused in method.iter_mut().filter(|byte| REFUSED.contains(byte)) {
                    *refused = b'X';
                    any = true;
                }
            }
            any
        })
    },
};

/// Characters that a token may have, and that http 0.2 refuses in a method.
const REFUSED: &[u8; 5] = b"#$%&'";
