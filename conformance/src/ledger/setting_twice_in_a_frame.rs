//! One setting twice in one SETTINGS frame.

use super::{Divergence, Right, frames::with_payload_of};
use crate::http2::{Frame, SettingId, View};

pub(super) const ENTRY: Divergence = Divergence {
    name: "setting-twice-in-a-frame",
    about: "One SETTINGS frame has INITIAL_WINDOW_SIZE twice, and the first value makes a stream's window too large: \
            both apply only the last value, and go on.",
    rfc: "§6.5.3: \"The values in the SETTINGS frame MUST be processed in the order they appear, with no other frame \
          processing between values.\" §6.9.2: \"An endpoint MUST treat a change to SETTINGS_INITIAL_WINDOW_SIZE that \
          causes any flow-control window to exceed the maximum size as a connection error (Section 5.4.1) of type \
          FLOW_CONTROL_ERROR.\"",
    right: Right::Neither,
    cause: "Settings::load (frame/settings.rs) of both h2 keeps one value for each setting, the last one.",
    changed: "Every release of both.",
    reported: None,
    effect: "None visible to the application.",
    scenario: "initial-window-size-twice-in-a-frame",
    repair: |exchange, index| {
        let frame = exchange.frame(index)?;
        let View::Settings(settings) = frame.view() else { return None };
        let last = settings.iter().rposition(|(id, _)| *id == SettingId::INITIAL_WINDOW_SIZE)?;
        let applied = |at: &usize| *at == last || settings[*at].0 != SettingId::INITIAL_WINDOW_SIZE;
        let applied: Vec<_> = (0..settings.len()).filter(applied).map(|at| settings[at]).collect();
        (applied.len() < settings.len()).then(|| with_payload_of(frame, Frame::settings(applied)))
    },
};
