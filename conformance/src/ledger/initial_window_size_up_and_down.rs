//! SETTINGS_INITIAL_WINDOW_SIZE that goes up and down.

use super::{Divergence, Frames, Harm, Repaired, exchange::INITIAL_WINDOW, frames::values};
use crate::{
    http2::{Frame, FrameType, SettingId, StreamId, View, flags},
    script::{Body, BodyEnd, Step},
};

/// How far legacy can lower the window of a stream before it underflows -2^31: a stream opens with the first window, and
/// with every increase and decrease before that.
const DEPTH: u64 = (1 << 31) + INITIAL_WINDOW as u64;

pub(crate) const ENTRY: Divergence = Divergence {
    name: "initial-window-size-up-and-down",
    about: "Legacy ends the connection with FLOW_CONTROL_ERROR once the decreases of SETTINGS_INITIAL_WINDOW_SIZE \
            add up to more than 2^31 + 65,535, even if increases come between them and the peer does nothing wrong; modern \
            goes on.",
    rfc: "§6.9.2: \"a SETTINGS frame can alter the initial flow-control window size for streams with active \
          flow-control windows (that is, streams in the \"open\" or \"half-closed (remote)\" state)\".",
    project: "h2",
    harm: Harm::Failure.on_legacy(),
    cause: "apply_remote_settings (proto/streams/send.rs) of h2 0.3 applies a decrease to every stream, but an \
            increase only to streams that still send, so the window of a stream that sends no more falls until \
            it underflows; that of h2 0.4 skips streams that have nothing more to send.",
    changed: "h2 0.4.8 (hyperium/h2#830); not in h2 0.3.",
    reported: Some("hyperium/h2#830"),
    effect: "Every request on a legacy client's connection fails although the server did nothing wrong.",
    meanwhile: None,
    scenario: "settings-initial-window-size-up-and-down",
    repair: |exchange, index| repair(exchange, index),
};

/// The frame with the initial window size unchanged, if it lowers the size too far after the frames before it.
pub(crate) fn repair(frames: &Frames<'_>, index: usize) -> Repaired {
    let size = initial_window_size(frames.frame(index)?)?;
    let depth = depth(frames, index);
    let before = Window::after(frames.before(index), depth);
    before.to(size, depth).is_none().then_some(())?;
    frames.with_settings(index, |id, _| id == SettingId::INITIAL_WINDOW_SIZE, before.size)
}

/// How far legacy can lower the windows of its streams: what is sent on a stream uses up its window, and one that it
/// resets before it opens, or again after it has forgotten it, has none. It forgets what the peer ends, resets or disowns.
fn depth(frames: &Frames<'_>, index: usize) -> u64 {
    let (mut over, mut last) = (Vec::new(), StreamId::MAX);
    let is_late = |frame: &Frame| {
        let late = frame.kind == FrameType::DATA && (over.contains(&frame.stream) || frame.stream > last);
        if let View::GoAway { last_stream_id, .. } = frame.view() {
            last = last.min(last_stream_id);
        }
        over.extend((frame.kind == FrameType::RST_STREAM || frame.ends_stream()).then_some(frame.stream));
        late
    };
    let used = |body: Body| if body.end() == BodyEnd::Fails { INITIAL_WINDOW } else { body.size() };
    let bodies = frames.steps()[..index].iter().filter_map(Step::request).map(|request| used(request.body()));
    let used = if frames.before(index).any(is_late) { INITIAL_WINDOW } else { bodies.max().unwrap_or_default() };
    DEPTH - u64::from(used.min(INITIAL_WINDOW))
}

/// The initial window size, and the sum of its decreases.
struct Window {
    size: u32,
    down: u64,
}

impl Window {
    /// The window after these frames, without those that lower it too far.
    fn after<'f>(frames: impl Iterator<Item = &'f Frame>, depth: u64) -> Window {
        frames
            .filter_map(initial_window_size)
            .fold(Window { size: INITIAL_WINDOW, down: 0 }, |window, size| window.to(size, depth).unwrap_or(window))
    }

    /// The window with another size; `None` if that lowers it too far.
    fn to(&self, size: u32, depth: u64) -> Option<Window> {
        let down = self.down + u64::from(self.size.saturating_sub(size));
        (down <= depth).then_some(Window { size, down })
    }
}

/// The initial window size that a frame sets: the last one in it.
fn initial_window_size(frame: &Frame) -> Option<u32> {
    let size = values(frame, SettingId::INITIAL_WINDOW_SIZE).last()?;
    (size < 1 << 31 && !frame.has(flags::ACK)).then_some(size)
}
