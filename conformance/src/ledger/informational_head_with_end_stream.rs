//! An informational head with END_STREAM.

use super::{Divergence, Harm, frames::send};
use crate::http2::{Frame, flags};

pub(super) const ENTRY: Divergence = Divergence {
    name: "informational-head-with-end-stream",
    about: "After a 1xx head with END_STREAM, legacy waits for ever, even when the connection ends; modern fails the \
            request with PROTOCOL_ERROR. Neither resets the stream, on which the request's content may go on.",
    rfc: "§8.1: \"A HEADERS frame with the END_STREAM flag set that carries an informational status code is \
          malformed (Section 8.1.1).\"",
    project: "h2",
    harm: Harm::Hang.on_legacy_and(Harm::Protocol),
    cause: "recv_headers (proto/streams/recv.rs) of h2 0.3 closes the stream and drops an informational head without \
            waking the waiting tasks; that of h2 0.4 keeps the head and wakes them, and poll_response sees that the \
            stream has ended. To both, the frame ends the peer's half of the stream as any other.",
    changed: "h2 0.4.13 (hyperium/h2#865, which made informational heads visible); not in h2 0.3. No release of either \
              resets the stream.",
    reported: None,
    effect: "A legacy client's request hangs until its own timeout.",
    meanwhile: Some("Set a timeout for the head of a response."),
    scenario: "informational-head-with-end-stream",
    repair: |exchange, index| {
        let frame = exchange.frame(index).filter(|frame| frame.ends_stream())?;
        (exchange.begins_head(index) && exchange.is_informational(index))
            .then(|| send(Frame { flags: frame.flags & !flags::END_STREAM, ..frame.clone() }))
    },
};
