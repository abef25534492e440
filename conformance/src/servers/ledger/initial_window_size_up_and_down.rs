//! SETTINGS_INITIAL_WINDOW_SIZE that goes up and down.

use super::ServerDivergence;
use crate::{
    ledger::{Right, without_underflow},
    script::Step,
};

pub(super) const ENTRY: ServerDivergence = ServerDivergence {
    name: "initial-window-size-up-and-down",
    about: "Legacy ends the connection with FLOW_CONTROL_ERROR once SETTINGS_INITIAL_WINDOW_SIZE has gone down by more \
            than 2^31 in all, though it went up in between and the client did nothing wrong; modern goes on.",
    rfc: "§6.9.2: \"a SETTINGS frame can alter the initial flow-control window size for streams with active \
          flow-control windows (that is, streams in the \"open\" or \"half-closed (remote)\" state)\".",
    right: Right::Modern,
    cause: "apply_remote_settings (proto/streams/send.rs) of h2 0.3 takes a decrease off every stream's window, but \
            gives an increase only to streams that still send, so that the window of one that was reset falls until it \
            underflows; that of h2 0.4 leaves streams alone that have nothing more to send.",
    changed: "h2 0.4.8 (hyperium/h2#830); not in h2 0.3.",
    reported: Some("hyperium/h2#830"),
    effect: "Every request on a legacy server's connection fails although the client did nothing wrong.",
    scenario: "initial-window-size-of-a-client-goes-up-and-down",
    repair: |exchange, index| {
        without_underflow(exchange.before(index), exchange.frame(index)?).map(|frame| vec![Step::Send(frame)])
    },
};
