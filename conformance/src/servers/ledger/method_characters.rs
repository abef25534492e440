//! A `:method` with characters that legacy's http crate does not allow in a method.

use super::ServerDivergence;
use crate::{http2::hpack::ByteField, ledger::method_characters};

pub(super) const ENTRY: ServerDivergence = ServerDivergence {
    about: "For a request with #, $, %, & or ' in its :method, legacy ends the connection with PROTOCOL_ERROR, as if \
            the block did not decode; modern accepts these characters, which a token may have.",
    effect: "One request ends a legacy server's connection, and all requests on it.",
    scenario: "method-with-an-ampersand",
    ..method_characters::ENTRY.on_servers(|frames, index| {
        frames.with_block_fields(index, |fields| replace(fields, b":method", |byte| REFUSED.contains(&byte), b'X'))
    })
};

/// Characters that a token may have, and that http 0.2 refuses in a method.
const REFUSED: &[u8; 5] = b"#$%&'";

/// Replaces the bytes of a field's values that are refused; whether there are any.
pub(super) fn replace(fields: &mut [ByteField], name: &[u8], refused: impl Fn(u8) -> bool, by: u8) -> bool {
    let mut any = false;
    for byte in fields.iter_mut().filter(|(other, _)| other == name).flat_map(|(_, value)| value) {
        if refused(*byte) {
            *byte = by;
            any = true;
        }
    }
    any
}
