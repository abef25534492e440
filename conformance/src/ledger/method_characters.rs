//! A `:method` with characters that the http crate of legacy does not know as those of a method.

use super::{Divergence, Right};
use crate::http2::hpack;
use std::ops::Range;

pub(super) const ENTRY: Divergence = Divergence {
    name: "method-characters",
    about: "Legacy ends the connection for a field block with #, $, %, & or ' in its :method, as if it did not decode; \
            modern takes them for what they are, characters of a token.",
    rfc: "§8.3.1: \"The \":method\" pseudo-header field includes the HTTP method\". RFC 9110 §9.1, §5.6.2: \"method = \
          token\", and a token may have those characters.",
    right: Right::Modern,
    cause: "METHOD_CHARS (method.rs) of http 0.2 leaves the five out, Header::new (hpack/header.rs) of h2 makes it an \
            error of the decoder, and that is one of the connection; http 1 has them.",
    changed: "http 1.2.0 (hyperium/http#713); not in http 0.2.",
    reported: Some("hyperium/http#713"),
    effect: "Every request on a legacy connection fails because of a field that means nothing to a client.",
    scenario: "promise-in-pieces-with-a-percent-sign-in-its-method",
    repair: |exchange, index| {
        exchange.with_block(index, |block, _| {
            let refused = |place: Range<usize>| Some((place.clone(), without_refused(&block[place])?));
            hpack::places(block).filter_map(refused).collect()
        })
    },
};

/// What a token may have, and http 0.2 refuses in a method.
const REFUSED: [char; 5] = ['#', '$', '%', '&', '\''];

/// The field with X in the place of what is refused in a method; `None` if there is none.
fn without_refused(field: &[u8]) -> Option<Vec<u8>> {
    match hpack::decode(field).as_deref() {
        Some([(name, method)]) if name == ":method" && method.contains(REFUSED) => {
            Some(hpack::encode([(name.as_str(), method.replace(REFUSED, "X").as_str())]))
        }
        _ => None,
    }
}
