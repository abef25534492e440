//! SETTINGS_INITIAL_WINDOW_SIZE that goes up and down.

use super::ServerDivergence;
use crate::{
    ledger::{Right, without_underflow},
    script::Step,
};

pub(super) const ENTRY: ServerDivergence = ServerDivergence {
    name: "initial-window-size-up-and-down",
    about: "Legacy ends the connection with FLOW_CONTROL_ERROR once the decreases of SETTINGS_INITIAL_WINDOW_SIZE \
            add up to more than 2^31, even if increases come between them and the client does nothing wrong; modern \
            goes on.",
    rfc: "§6.9.2: \"a SETTINGS frame can alter the initial flow-control window size for streams with active \
          flow-control windows (that is, streams in the \"open\" or \"half-closed (remote)\" state)\".",
    right: Right::Modern,
    cause: "apply_remote_settings (proto/streams/send.rs) of h2 0.3 applies a decrease to every stream, but an \
            increase only to streams that still send, so the window of a stream that was reset falls until it \
            underflows; that of h2 0.4 skips streams that have nothing more to send.",
    changed: "h2 0.4.8 (hyperium/h2#830); not in h2 0.3.",
    reported: Some("hyperium/h2#830"),
    effect: "Every request on a legacy server's connection fails although the client did nothing wrong.",
    scenario: "initial-window-size-of-a-client-goes-up-and-down",
    repair: |exchange, index| {
        without_underflow(exchange.before(index), exchange.frame(index)?).map(|frame| vec![Step::Send(frame)])
    },
};
