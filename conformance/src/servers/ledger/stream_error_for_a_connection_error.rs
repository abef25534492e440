//! Malformed HEADERS where a client cannot open a stream.

use super::ServerDivergence;
use crate::{
    http2::{FrameType, hpack::Field},
    ledger::{
        Frames, Repaired,
        stream_error_for_a_connection_error::{self, well_formed},
    },
};

pub(super) const ENTRY: ServerDivergence = ServerDivergence {
    about: "HEADERS of a client on a stream of the server, or on one below an open one, is a connection error; if its \
            fields are malformed, both servers send RST_STREAM on that stream and go on.",
    rfc: "§5.1: \"If this stream is initiated by the server, as described in Section 5.1.1, then receiving a HEADERS \
          frame MUST also be treated as a connection error (Section 5.4.1) of type PROTOCOL_ERROR.\" §6.4: \
          \"RST_STREAM frames MUST NOT be sent for a stream in the \\\"idle\\\" state.\"",
    effect: "A client that has lost count of its streams stays connected.",
    scenario: "malformed-headers-on-a-stream-of-the-server",
    ..stream_error_for_a_connection_error::ENTRY.on_servers(repair)
};

fn repair(frames: &Frames<'_>, index: usize) -> Repaired {
    let stream = frames.frame(index)?.stream;
    let opened = || frames.before(index).filter(|frame| frame.kind == FrameType::HEADERS).map(|frame| frame.stream);
    let skipped = opened().any(|other| other > stream) && opened().all(|other| other != stream);
    if stream.is_client_initiated() && !skipped {
        return None;
    }
    frames.with_block_fields(index, |fields| {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let read: Vec<Field> = fields.iter().map(|(name, value)| (text(name), text(value))).collect();
        let kept = well_formed(&read);
        let is_malformed = kept.len() < read.len();
        if is_malformed {
            *fields = kept.into_iter().map(|(name, value)| (name.into_bytes(), value.into_bytes())).collect();
        }
        is_malformed
    })
}
