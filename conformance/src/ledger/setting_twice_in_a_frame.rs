//! One setting twice in one SETTINGS frame.

use super::{Divergence, Frames, Harm, Repaired, frames::with_payload_of};
use crate::http2::{Frame, SettingId, View};

pub(crate) const ENTRY: Divergence = Divergence {
    name: "setting-twice-in-a-frame",
    about: "If one SETTINGS frame has a setting twice, both apply only the last value. So they go on if a first \
            INITIAL_WINDOW_SIZE makes a stream's window too large, and do not say in their next field block that a \
            first HEADER_TABLE_SIZE made the dynamic table smaller.",
    rfc: "§6.5.3: \"The values in the SETTINGS frame MUST be processed in the order they appear, with no other frame \
          processing between values.\" §4.3.1: \"Once an endpoint acknowledges a change to \
          SETTINGS_HEADER_TABLE_SIZE that reduces the maximum below the current size of the dynamic table, its HPACK \
          encoder MUST start the next field block with a Dynamic Table Size Update instruction that sets the dynamic \
          table to a size that is less than or equal to the reduced maximum\".",
    project: "h2",
    harm: Harm::Protocol.on_both(),
    cause: "Settings::load (frame/settings.rs) of both h2 keeps one value for each setting, the last one.",
    changed: "Every release of both.",
    reported: None,
    effect: "None that an application sees at once; but a peer that has emptied its table so may read the next requests \
             with fields that the client did not write, or end the connection with COMPRESSION_ERROR.",
    meanwhile: None,
    scenario: "initial-window-size-twice-in-a-frame",
    repair: |exchange, index| repair(exchange, index),
};

/// The frame with the values that both apply.
pub(crate) fn repair(frames: &Frames<'_>, index: usize) -> Repaired {
    let frame = frames.frame(index)?;
    let View::Settings(settings) = frame.view() else { return None };
    // The others are errors by their values alone.
    let twice = [SettingId::INITIAL_WINDOW_SIZE, SettingId::HEADER_TABLE_SIZE];
    let again = |at: usize| settings[at + 1..].iter().any(|(id, _)| *id == settings[at].0);
    let applied = |at: &usize| !twice.contains(&settings[*at].0) || !again(*at);
    let applied: Vec<_> = (0..settings.len()).filter(applied).map(|at| settings[at]).collect();
    (applied.len() < settings.len()).then(|| with_payload_of(frame, Frame::settings(applied)))
}
