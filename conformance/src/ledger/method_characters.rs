//! A `:method` with characters that legacy's http crate does not allow in a method.

use super::{Divergence, Harm};
use crate::http2::hpack;
use std::ops::Range;

pub(crate) const ENTRY: Divergence = Divergence {
    name: "method-characters",
    about: "For a field block with #, $, %, & or ' in its :method, legacy ends the connection as if the block did \
            not decode; modern accepts these characters, which a token may have.",
    rfc: "§8.3.1: \"The \":method\" pseudo-header field includes the HTTP method\". RFC 9110 §9.1, §5.6.2: \"method = \
          token\", and a token may have those characters.",
    project: "http",
    harm: Harm::Failure.on_legacy(),
    cause: "METHOD_CHARS (method.rs) of http 0.2 lacks these five; Header::new (hpack/header.rs) of h2 turns that \
            into a decoder error, which is a connection error. http 1 has them.",
    changed: "http 1.2.0 (hyperium/http#713); not in http 0.2.",
    reported: Some("hyperium/http#713"),
    effect: "Every request on a legacy connection fails because of a field that means nothing to a client.",
    meanwhile: None,
    scenario: "promise-in-pieces-with-a-percent-sign-in-its-method",
    repair: |exchange, index| {
        exchange.with_block(index, |block, _| {
            let refused = |place: Range<usize>| Some((place.clone(), without_refused(&block[place])?));
            hpack::places(block).filter_map(refused).collect()
        })
    },
};

/// Characters that a token may have, and that http 0.2 refuses in a method.
const REFUSED: [char; 5] = ['#', '$', '%', '&', '\''];

/// The field with X in place of each refused character of a method; `None` if there is none.
fn without_refused(field: &[u8]) -> Option<Vec<u8>> {
    match hpack::decode(field).as_deref() {
        Some([(name, method)]) if name == ":method" && method.contains(REFUSED) => {
            Some(hpack::encode([(name.as_str(), method.replace(REFUSED, "X").as_str())]))
        }
        _ => None,
    }
}
