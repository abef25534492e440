//! A response head without `:status`.

use super::{
    Divergence, Harm,
    exchange::{status, with_payload},
};
use crate::http2::{View, hpack};

pub(super) const ENTRY: Divergence = Divergence {
    name: "missing-status",
    about: "Legacy reads a response head without :status as a 200; modern fails the request with PROTOCOL_ERROR.",
    rfc: "§8.3.2: \"This pseudo-header field MUST be included in all responses, including interim responses; \
          otherwise, the response is malformed (Section 8.1.1).\"",
    project: "h2",
    harm: Harm::Malformed.on_legacy(),
    cause: "convert_poll_message (client.rs) of h2 0.3 sets a status only if there is one, and the http crate's \
            builder defaults to 200; that of h2 0.4 returns library_reset(PROTOCOL_ERROR).",
    changed: "h2 0.4.20 (hyperium/h2#958, hyperium/h2#959); not in h2 0.3.",
    reported: Some("hyperium/h2#958"),
    effect: "A legacy client reports success for a malformed response.",
    meanwhile: None,
    scenario: "head-without-status",
    repair: |exchange, index| {
        let frame = exchange.frame(index).filter(|_| exchange.begins_head(index))?;
        let fields = exchange.fields_from(index)?;
        let View::Headers(fragment) = frame.view() else { return None };
        let block = [&hpack::encode([(":status", "200")])[..], fragment].concat();
        status(fields).is_none().then(|| with_payload(frame, block.into()))
    },
};
