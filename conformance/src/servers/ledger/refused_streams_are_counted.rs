//! More streams than a server allows at once, each of which it refuses.

use super::ServerDivergence;
use crate::{
    http2::{Frame, FrameType},
    ledger::{LEFT_OPEN, ignored},
    stacks::Settings,
};

pub(super) const ENTRY: ServerDivergence = ServerDivergence {
    name: "refused-streams-are-counted",
    about: "Legacy refuses any number of streams above its limit; modern counts them with the streams that it resets \
            for faults, and ends the connection with ENHANCE_YOUR_CALM when there are too many.",
    rfc: "§10.5: \"An endpoint MAY treat activity that is suspicious as a connection error (Section 5.4.1) of type \
          ENHANCE_YOUR_CALM.\"",
    project: "h2",
    harm: LEFT_OPEN,
    cause: "Connection::poll_ready (proto/connection.rs) of h2 0.4 counts a refusal with the resets for faults \
            (count_pending_refusal); send_pending_refusal (proto/streams/recv.rs) of h2 0.3 does not.",
    changed: "h2 0.4.20; not in h2 0.3.",
    reported: None,
    effect: "A client that exceeds the limit loses its connection to a modern server, with all requests on it.",
    meanwhile: None,
    scenario: "more-streams-than-are-refused",
    repair: |frames, index| {
        let frame = frames.frame_of(index, FrameType::HEADERS)?;
        let opens = |frame: &Frame| frame.kind == FrameType::HEADERS;
        let all = frames.before(frames.steps().len()).filter(|frame| opens(frame)).count();
        let before = frames.before(index).filter(|frame| opens(frame)).count();
        let refused = before >= Settings::EQUAL_OF_SERVERS.max_concurrent_streams as usize;
        (refused && all > Settings::EQUAL_OF_SERVERS.max_local_error_reset_streams).then(|| ignored(frame))
    },
};
