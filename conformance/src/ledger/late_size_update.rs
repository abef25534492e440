//! A dynamic table size update in the middle of a field block.

use super::{Divergence, Harm};
use crate::http2::hpack::late_size_updates;

pub(super) const ENTRY: Divergence = Divergence {
    name: "late-size-update",
    about: "A dynamic table size update comes after a field, at the start of a later frame of the block: both accept \
            it, although they refuse it in a block of one frame.",
    rfc: "RFC 7541 §4.2: \"This dynamic table size update MUST occur at the beginning of the first header block \
          following the change to the dynamic table size.\" RFC 9113 §4.3: \"A decoding error in a field block MUST \
          be treated as a connection error (Section 5.4.1) of type COMPRESSION_ERROR.\"",
    project: "h2",
    harm: Harm::Protocol.on_both(),
    cause: "Decoder::decode (hpack/decoder.rs) of both h2 allows a size update until the first field, and is called \
            again for the fragment of each CONTINUATION.",
    changed: "Every release of both.",
    reported: None,
    effect: "None visible to the application, but a decoder that follows RFC 7541, such as a proxy's, ends the \
             connection.",
    meanwhile: None,
    scenario: "size-update-behind-a-field-in-the-next-piece",
    repair: |exchange, index| {
        exchange.with_block(index, |block, cuts| {
            late_size_updates(block, cuts).into_iter().map(|place| (place, Vec::new())).collect()
        })
    },
};
