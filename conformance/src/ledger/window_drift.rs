//! SETTINGS_INITIAL_WINDOW_SIZE that goes up and down.

use super::{Divergence, Right};
use crate::{
    http2::{Frame, FrameType, SettingId, View},
    script::Step,
};

/// The window that every stream begins with (RFC 9113 §6.9.2).
const INITIAL: u32 = 65_535;

pub(super) const ENTRY: Divergence = Divergence {
    name: "initial-window-size-up-and-down",
    about: "Legacy ends the connection with FLOW_CONTROL_ERROR once SETTINGS_INITIAL_WINDOW_SIZE has gone down by more \
            than 2^31 in all, though it went up in between and the peer did nothing wrong; modern goes on.",
    rfc: "§6.9.2: \"a SETTINGS frame can alter the initial flow-control window size for streams with active \
          flow-control windows (that is, streams in the \"open\" or \"half-closed (remote)\" state)\".",
    right: Right::Modern,
    cause: "apply_remote_settings (proto/streams/send.rs) of h2 0.3 takes a decrease off every stream's window, but \
            gives an increase only to streams that still send, so that the window of a request that was sent falls until \
            it underflows; that of h2 0.4 leaves streams alone that have nothing more to send.",
    changed: "h2 0.4.8 (hyperium/h2#830); not in h2 0.3.",
    scenario: "settings-initial-window-size-up-and-down",
    repair: |exchange, index| {
        let resizes = |index: usize| {
            let frame = exchange.frame_of(index, FrameType::SETTINGS)?;
            let View::Settings(settings) = frame.view() else { return None };
            settings.iter().any(|(id, _)| *id == SettingId::INITIAL_WINDOW_SIZE).then_some((frame, settings))
        };
        let (frame, settings) = resizes(index)?;
        // A window has to have been changed before to drift.
        (0..index).find(|index| resizes(*index).is_some())?;
        let settings = settings.into_iter().map(|(id, value)| {
            let valid = id == SettingId::INITIAL_WINDOW_SIZE && value <= 0x7fff_ffff;
            (id, if valid { INITIAL } else { value })
        });
        let repaired = Frame { payload: Frame::settings(settings).payload, ..frame.clone() };
        (repaired != *frame).then(|| vec![Step::Send(repaired)])
    },
};
