//! GOAWAY on a stream other than 0.

use super::{Divergence, Frames, Harm, Repaired, frames::send};
use crate::http2::{StreamId, View};

pub(crate) const ENTRY: Divergence = Divergence {
    name: "goaway-on-a-stream",
    about: "Legacy treats a GOAWAY on a stream as one on the connection, and ends the requests above its \
            last_stream_id as if the peer had disowned them; modern ends the connection with PROTOCOL_ERROR.",
    rfc: "§6.8: \"An endpoint MUST treat a GOAWAY frame with a stream identifier other than 0x00 as a connection \
          error (Section 5.4.1) of type PROTOCOL_ERROR.\"",
    project: "h2",
    harm: Harm::RunTwice.on_legacy(),
    cause: "GoAway::load (frame/go_away.rs) of h2 0.3 gets only the payload; that of h2 0.4 also gets the frame \
            header, and refuses a stream other than 0.",
    changed: "h2 0.4.20 (hyperium/h2#951); not in h2 0.3.",
    reported: Some("hyperium/h2#951"),
    effect: "A legacy client resends requests because of a frame that guarantees nothing.",
    meanwhile: None,
    scenario: "goaway-on-a-stream",
    repair: |exchange, index| repair(exchange, index),
};

/// The frame on the connection.
pub(crate) fn repair(frames: &Frames<'_>, index: usize) -> Repaired {
    let frame = frames.frame(index).filter(|frame| !frame.stream.is_connection())?;
    matches!(frame.view(), View::GoAway { .. }).then(|| send(frame.clone().on(StreamId::CONNECTION)))
}
