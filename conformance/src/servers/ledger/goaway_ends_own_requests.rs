//! GOAWAY from a client with open requests.

use super::ServerDivergence;
use crate::{
    http2::{Frame, FrameType, View},
    ledger::Harm,
    script::Step,
};

pub(super) const ENTRY: ServerDivergence = ServerDivergence {
    name: "goaway-ends-own-requests",
    about: "Legacy drops a client's streams above the last_stream_id of the client's own GOAWAY: it answers none of \
            their requests, and sends no RST_STREAM for their stream errors; modern answers all of them.",
    rfc: "§6.8: \"the sender will ignore frames sent on streams initiated by the receiver if the stream has an \
          identifier higher than the included last stream identifier\": a client's last_stream_id is about streams \
          of the server.",
    project: "h2",
    harm: Harm::Failure.on_legacy(),
    cause: "Inner::recv_go_away (proto/streams/streams.rs) of h2 0.3 ends every stream above the last_stream_id; \
            that of h2 0.4 ends only streams that it has initiated itself.",
    changed: "h2 0.4.14 (hyperium/h2#886); not in h2 0.3.",
    reported: Some("hyperium/h2#885"),
    effect: "A client that sends GOAWAY after its last request gets no response from a legacy server, which may have \
             acted on the request.",
    meanwhile: None,
    scenario: "goaway-of-a-client-with-a-request",
    repair: |frames, index| {
        let frame = frames.frame(index)?;
        let View::GoAway { last_stream_id, code, debug_data } = frame.view() else { return None };
        // A server reads these frames before it looks for the stream, and a fault in them creates it.
        let creates = |kind| [FrameType::HEADERS, FrameType::PUSH_PROMISE, FrameType::PRIORITY].contains(&kind);
        let before = frames.before(index).filter(|frame| creates(frame.kind)).map(|frame| frame.stream);
        let highest = before.max().filter(|highest| *highest > last_stream_id)?;
        Some(vec![Step::Send(Frame { payload: Frame::goaway(highest, code, debug_data).payload, ..frame.clone() })])
    },
};
