//! Malformed HEADERS where a client cannot open a stream.

use super::ServerDivergence;
use crate::{
    http2::{FrameType, View, hpack::Field},
    ledger::{
        Frames, Repaired, ignored,
        stream_error_for_a_connection_error::{self, malformed},
    },
};

pub(super) const ENTRY: ServerDivergence = ServerDivergence {
    about: "HEADERS of a client on a stream of the server, on one below an open one, or with too much padding is a \
            connection error; if its fields are malformed, or the stream would depend on itself, both servers send \
            RST_STREAM on that stream and go on.",
    rfc: "§5.1: \"If this stream is initiated by the server, as described in Section 5.1.1, then receiving a HEADERS \
          frame MUST also be treated as a connection error (Section 5.4.1) of type PROTOCOL_ERROR.\" §6.4: \
          \"RST_STREAM frames MUST NOT be sent for a stream in the \"idle\" state.\"",
    effect: "A client that has lost count of its streams stays connected.",
    scenario: "malformed-headers-on-a-stream-of-the-server",
    ..stream_error_for_a_connection_error::ENTRY.on_servers(repair)
};

fn repair(frames: &Frames<'_>, index: usize) -> Repaired {
    let frame = frames.frame_of(index, FrameType::HEADERS)?;
    let stream = frame.stream;
    // Both read the dependency before the padding.
    if frame.dependency() == Some(stream) && frame.view() == View::Malformed {
        return Some(ignored(frame));
    }
    let opened = || frames.before(index).filter(|frame| frame.kind == FrameType::HEADERS).map(|frame| frame.stream);
    let skipped = opened().any(|other| other > stream) && opened().all(|other| other != stream);
    if stream.is_client_initiated() && !skipped {
        return None;
    }
    // The fields of a block are read with those before it; none is changed here.
    let mut is_malformed = false;
    frames.with_block_fields(index, |fields| {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let read: Vec<Field> = fields.iter().map(|(name, value)| (text(name), text(value))).collect();
        is_malformed = malformed(&read);
        false
    });
    is_malformed.then(|| ignored(frame))
}
