//! A client whose first frame is not SETTINGS.

use super::ServerDivergence;
use crate::{
    http2::{Frame, FrameType, flags},
    ledger::Harm,
    script::Step,
};

pub(super) const ENTRY: ServerDivergence = ServerDivergence {
    name: "missing-client-preface",
    about: "The first frame of a client is not SETTINGS, and both servers go on as if it were.",
    rfc: "§3.4: \"This sequence MUST be followed by a SETTINGS frame (Section 6.5), which MAY be empty.\" \"Clients and \
          servers MUST treat an invalid connection preface as a connection error (Section 5.4.1) of type \
          PROTOCOL_ERROR.\"",
    project: "h2",
    harm: Harm::Protocol.on_both(),
    cause: "ReadPreface (server.rs) of both h2 compares the 24 octets only, and Connection::poll (proto/connection.rs) \
            accepts any frame as the first.",
    changed: "Every release of both.",
    reported: None,
    effect: "A server answers clients whose settings it does not know, with the initial values of all settings.",
    meanwhile: None,
    scenario: "a-request-before-the-settings",
    repair: |frames, index| {
        let frame = frames.frame(index).filter(|_| frames.before(index).next().is_none())?;
        let preface = frame.kind == FrameType::SETTINGS && !frame.has(flags::ACK);
        (!preface).then(|| match frame.kind {
            FrameType::SETTINGS => vec![Step::Send(Frame { flags: frame.flags & !flags::ACK, ..frame.clone() })],
            _ => vec![Step::Send(Frame::settings([])), Step::Send(frame.clone())],
        })
    },
};
