//! PRIORITY by which an idle stream depends on itself.

use super::ServerDivergence;
use crate::{
    http2::{Frame, FrameType, StreamId, View},
    ledger::Harm,
    script::Step,
};

pub(super) const ENTRY: ServerDivergence = ServerDivergence {
    name: "priority-resets-an-idle-stream",
    about: "A client sends PRIORITY on an idle stream and makes that stream depend on itself; both servers reset the \
            stream.",
    rfc: "§6.4: \"RST_STREAM frames MUST NOT be sent for a stream in the \"idle\" state.\" RFC 9113 has no \
          dependencies (§5.3.2); that a stream depends on itself was a stream error in RFC 7540 §5.3.1.",
    project: "h2",
    harm: Harm::Protocol.on_both(),
    cause: "decode_frame (codec/framed_read.rs) of both h2 makes it a stream error, and Streams::recv_err and \
            send_reset (proto/streams/streams.rs) create a stream that is not known to reset it.",
    changed: "Every release of both.",
    reported: None,
    effect: "A client has to treat the RST_STREAM as a connection error, and the server treats a later request on that \
             stream as closed.",
    meanwhile: None,
    scenario: "an-idle-stream-that-depends-on-itself",
    repair: |frames, index| {
        let frame = frames.frame_of(index, FrameType::PRIORITY)?;
        let View::Priority { depends_on, exclusive, weight } = frame.view() else { return None };
        let opens = |before: &Frame| before.kind == FrameType::HEADERS && before.stream.is_client_initiated();
        let opened = frames.before(index).filter(|frame| opens(frame)).any(|before| before.stream == frame.stream);
        let independent = Frame::priority(frame.stream, exclusive, StreamId::CONNECTION, weight);
        let resets = depends_on == frame.stream && !opened;
        resets.then(|| vec![Step::Send(Frame { payload: independent.payload, ..frame.clone() })])
    },
};
