//! A peer whose first frame is not SETTINGS.

use super::{Divergence, Harm};
use crate::{
    http2::{Frame, FrameType, flags},
    script::Step,
};

pub(super) const ENTRY: Divergence = Divergence {
    name: "missing-server-preface",
    about: "The peer's first frame is not SETTINGS, and both go on as if it were.",
    rfc: "§3.4: \"Clients and servers MUST treat an invalid connection preface as a connection error (Section 5.4.1) \
          of type PROTOCOL_ERROR.\"",
    project: "h2",
    harm: Harm::Protocol.on_both(),
    cause: "Connection::poll (proto/connection.rs) of both h2 accepts any frame as the first; only the server's \
            handshake (server.rs) checks for a preface.",
    changed: "Every release of both.",
    reported: None,
    effect: "A client treats any peer that sends frames as an HTTP/2 server, and acts on those frames.",
    meanwhile: None,
    scenario: "a-first-frame-that-is-not-settings",
    repair: |exchange, index| {
        let frame = exchange.frame(index).filter(|_| exchange.before(index).next().is_none())?;
        let preface = frame.kind == FrameType::SETTINGS && !frame.has(flags::ACK);
        (!preface).then(|| match frame.kind {
            FrameType::SETTINGS => vec![Step::Send(Frame { flags: frame.flags & !flags::ACK, ..frame.clone() })],
            _ => vec![Step::Send(Frame::settings([])), Step::Send(frame.clone())],
        })
    },
};
