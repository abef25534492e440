//! A field section of more than four times the server's limit.

use super::ServerDivergence;
use crate::{http2::hpack::ByteField, ledger::LEFT_OPEN, stacks::Settings};

/// The largest field section that modern answers with 431, in the size that RFC 9113 §6.5.2 defines.
const LARGEST: usize = 4 * Settings::EQUAL_OF_SERVERS.max_header_list_size as usize;

pub(super) const ENTRY: ServerDivergence = ServerDivergence {
    name: "header-list-way-too-large",
    about: "Legacy answers every request whose field section exceeds its limit with 431; modern ends the connection \
            with ENHANCE_YOUR_CALM if it exceeds four times the limit.",
    rfc: "§10.5.1: \"A server that receives a larger field block than it is willing to handle can send an HTTP 431 \
          (Request Header Fields Too Large) status code [RFC6585].\" §10.5: \"An endpoint MAY treat activity that is \
          suspicious as a connection error (Section 5.4.1) of type ENHANCE_YOUR_CALM.\"",
    project: "h2",
    harm: LEFT_OPEN,
    cause: "HeaderBlock::load (frame/headers.rs) of h2 0.4 returns HeaderListWayTooLarge above four times the limit, \
            which decode_frame (codec/framed_read.rs) turns into a connection error; h2 0.3 reads to the end of the \
            block.",
    changed: "h2 0.4.15 (hyperium/h2#915); not in h2 0.3.",
    reported: Some("hyperium/h2#915"),
    effect: "One request that a legacy server answers with 431 ends a modern server's connection, and all requests \
             on it.",
    meanwhile: None,
    scenario: "field-section-of-five-times-the-limit",
    repair: |frames, index| frames.with_block_fields(index, |fields| truncate(fields, LARGEST)),
};

/// Drops the fields that make a field section larger than this; whether there are any.
pub(super) fn truncate(fields: &mut Vec<ByteField>, largest: usize) -> bool {
    let all = fields.len();
    let mut size = 0;
    let fitting = fields.iter().take_while(|(name, value)| {
        size += name.len() + value.len() + 32;
        size <= largest
    });
    let fitting = fitting.count();
    fields.truncate(fitting);
    fitting < all
}
