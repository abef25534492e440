//! DATA that arrives before the client has acknowledged the server's window.

use super::ServerDivergence;
use crate::{
    http2::{Frame, FrameType, flags},
    ledger::{Frames, Harm, ignored},
    script::Step,
    stacks::Settings,
};

pub(super) const ENTRY: ServerDivergence = ServerDivergence {
    name: "window-before-acknowledgement",
    about: "Legacy resets a request with more content than its SETTINGS_INITIAL_WINDOW_SIZE allows, even if the \
            client has not yet seen that setting; modern allows the initial 65,535 bytes until the client \
            acknowledges it.",
    rfc: "§6.9.2: \"Prior to receiving a SETTINGS frame that sets a value for SETTINGS_INITIAL_WINDOW_SIZE, an \
          endpoint can only use the default initial window size when sending flow-controlled frames.\"",
    project: "h2",
    harm: Harm::Failure.on_legacy(),
    cause: "Recv::new (proto/streams/recv.rs) of h2 0.3 starts with the configured window; that of h2 0.4 starts \
            with the default one, and sets the other when the acknowledgement arrives (apply_local_settings).",
    changed: "h2 0.4.3 (hyperium/h2#746); not in h2 0.3.",
    reported: Some("hyperium/h2#746"),
    effect: "A legacy server with windows smaller than the default resets uploads that a client starts at once.",
    meanwhile: None,
    scenario: "upload-before-the-settings-are-acknowledged",
    repair: |frames, index| {
        let first = (0..frames.steps().len()).find(|index| frames.frame_of(*index, FrameType::DATA).is_some())?;
        let acknowledged = frames.before(first).any(acknowledges);
        if acknowledged || !exceeds(frames) {
            return None;
        }
        let frame = frames.frame(index)?;
        if index == first {
            return Some(vec![Step::Send(Frame::settings_ack()), Step::Send(frame.clone())]);
        }
        // There is only one acknowledgement.
        (acknowledges(frame) && !frames.before(index).any(acknowledges)).then(|| ignored(frame))
    },
};

fn acknowledges(frame: &Frame) -> bool {
    frame.kind == FrameType::SETTINGS && frame.has(flags::ACK)
}

/// Whether a stream gets more than its window before the acknowledgement.
fn exceeds(frames: &Frames<'_>) -> bool {
    let early = || frames.before(frames.steps().len()).take_while(|frame| !acknowledges(frame));
    let data = |frame: &&Frame| frame.kind == FrameType::DATA;
    early().filter(data).any(|frame| {
        let of_stream = early().filter(data).filter(|other| other.stream == frame.stream);
        let sent: usize = of_stream.map(|frame| frame.payload.len()).sum();
        sent > Settings::EQUAL_OF_SERVERS.stream_window as usize
    })
}
