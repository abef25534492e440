//! Malformed fields in a frame that ends in the middle of another field.

use super::{
    Divergence, Harm,
    exchange::{malformed, well_formed},
};
use crate::http2::hpack;

pub(super) const ENTRY: Divergence = Divergence {
    name: "malformed-field-is-forgotten",
    about: "If a field block is cut inside a field and has malformed fields before the cut, both forget that it is \
            malformed, drop those fields, and accept the rest.",
    rfc: "§8.1.1: \"Clients MUST NOT accept a malformed response.\"",
    project: "h2",
    harm: Harm::Malformed.on_both(),
    cause: "HeaderBlock::load (frame/headers.rs) of both h2 returns the decoder's NeedMore before it checks whether \
            it found malformed fields, and load_hpack starts afresh with the next fragment; decode_frame \
            (codec/framed_read.rs) treats NeedMore as a block that continues.",
    changed: "Every release of both.",
    reported: None,
    effect: "A response that must be refused, such as one with two :status or with transfer-encoding, is handed \
             over; a proxy in front of the client may have read it differently.",
    meanwhile: None,
    scenario: "malformed-field-before-a-cut-inside-a-field",
    repair: |exchange, index| {
        exchange.with_fields(index, |begin, _, fields| {
            let forgotten = exchange.fragments_from(begin).iter().any(|so_far| {
                let whole = (0..=so_far.len()).rev().find_map(|length| hpack::decode(&so_far[..length]));
                hpack::decode(so_far).is_none() && whole.is_some_and(|fields| malformed(&fields))
            });
            if forgotten {
                *fields = well_formed(fields);
            }
        })
    },
};
