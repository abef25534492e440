//! A server that sets SETTINGS_ENABLE_PUSH to 1.

use super::{Divergence, Harm};
use crate::http2::SettingId;

pub(super) const ENTRY: Divergence = Divergence {
    name: "enable-push-from-a-server",
    about: "The peer sets SETTINGS_ENABLE_PUSH to 1, which only a client may do, and both go on.",
    rfc: "§6.5.2: \"A client MUST treat receipt of a SETTINGS frame with SETTINGS_ENABLE_PUSH set to 1 as a \
          connection error (Section 5.4.1) of type PROTOCOL_ERROR.\"",
    project: "h2",
    harm: Harm::Protocol.on_both(),
    cause: "Settings::load (frame/settings.rs) of both h2 checks that the value is 0 or 1, but does not know who \
            sent it.",
    changed: "Every release of both.",
    reported: None,
    effect: "None visible to the application: the setting has no meaning for a client.",
    meanwhile: None,
    scenario: "settings-enable-push-from-a-server",
    repair: |exchange, index| exchange.with_settings(index, |id, value| (id, value) == (SettingId::ENABLE_PUSH, 1), 0),
};
