//! Field values with whitespace at their ends.

use super::{Divergence, Harm};

/// The whitespace that a field value must not start or end with (RFC 9113 §8.2.1).
const WHITESPACE: [char; 2] = [' ', '\t'];

pub(super) const ENTRY: Divergence = Divergence {
    name: "whitespace-at-the-ends-of-a-value",
    about: "A response's field value starts or ends with a space or a tab: both hand it over unchanged, although the \
            response is malformed.",
    rfc: "§8.2.1: \"A field value MUST NOT start or end with an ASCII whitespace character (ASCII SP or HTAB, 0x20 or \
          0x09).\"",
    project: "h2",
    harm: Harm::Malformed.on_both(),
    cause: "HeaderValue (header/value.rs) of both http crates allows spaces and tabs anywhere, and hpack/header.rs \
            of both h2 checks nothing more.",
    changed: "Every release of both.",
    reported: None,
    effect: "A proxy that forwards the field over HTTP/1.1, where such whitespace is dropped, changes its value.",
    meanwhile: Some("Trim field values before passing them on, or refuse the response."),
    scenario: "field-value-that-starts-with-a-tab",
    repair: |exchange, index| {
        exchange.with_fields(index, |_, _, fields| {
            for (_, value) in fields {
                *value = value.trim_matches(WHITESPACE).to_owned();
            }
        })
    },
};
