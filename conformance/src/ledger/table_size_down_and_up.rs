//! Two table sizes in one SETTINGS frame.

use super::{Divergence, Right, frames::values};
use crate::http2::SettingId;

pub(super) const ENTRY: Divergence = Divergence {
    name: "table-size-down-and-up",
    about: "If one SETTINGS frame makes the dynamic table smaller and then large again, both acknowledge it, and their \
            next field block does not say that the table was made smaller.",
    rfc: "§4.3.1: \"Once an endpoint acknowledges a change to SETTINGS_HEADER_TABLE_SIZE that reduces the maximum below \
          the current size of the dynamic table, its HPACK encoder MUST start the next field block with a Dynamic \
          Table Size Update instruction that sets the dynamic table to a size that is less than or equal to the \
          reduced maximum\".",
    right: Right::Neither,
    cause: "Settings::load (frame/settings.rs) of both h2 keeps the last value of a setting that comes twice in a frame, \
            and the encoder (hpack/encoder.rs) never sees the one before.",
    changed: "Every release of both.",
    reported: None,
    effect: "A peer that empties its table in this way no longer reads the client's fields as they are: it may answer \
             another request, or end the connection with COMPRESSION_ERROR.",
    scenario: "table-size-down-and-up-in-one-frame",
    repair: |exchange, index| {
        let frame = exchange.frame(index)?;
        let last = values(frame, SettingId::HEADER_TABLE_SIZE).last()?;
        exchange.with_settings(index, |id, value| id == SettingId::HEADER_TABLE_SIZE && value < last, last)
    },
};
