//! Metamorphic transformations: script changes that, by RFC 9113, must not change the outcome of any request. Each file
//! holds one transformation. The law is [`crate::oracles::invariance`].
//!
//! Transformations apply to a *settled* script ([`settled`]), in which the client writes every request and handles
//! every frame before the next step. In other scripts, simultaneous events are a race between a connection and its
//! application, and each stack resolves it differently.
//!
//! To add a transformation, add a file with a [`Transformation`] and list it in [`TRANSFORMATIONS`].

use crate::{
    http2::{Frame, FrameType, View, flags},
    script::{Script, Step},
};

mod continuation;
mod debug_data;
mod field_forms;
mod harmless_frames;
mod later_streams;
mod long_response;
mod padding;
mod pieces;

/// All transformations.
pub const TRANSFORMATIONS: &[&Transformation] = &[
    &pieces::TRANSFORMATION,
    &harmless_frames::TRANSFORMATION,
    &padding::TRANSFORMATION,
    &continuation::TRANSFORMATION,
    &field_forms::TRANSFORMATION,
    &later_streams::TRANSFORMATION,
    &debug_data::TRANSFORMATION,
    &long_response::TRANSFORMATION,
];

pub use later_streams::one_stream_later;

/// One way to change a script that must not change its outcome.
pub struct Transformation {
    /// The name.
    pub name: &'static str,
    /// The change, in one sentence.
    pub about: &'static str,
    /// The clause of RFC 9113 that makes the change harmless, quoted.
    pub rfc: &'static str,
    /// Applies the change. `choice` selects one of many ways to do so. Returns `None` if the change does not apply.
    pub apply: fn(script: &Script, choice: usize) -> Option<Transformed>,
}

/// A transformed script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transformed {
    /// The script.
    pub script: Script,
    /// The number of requests added before the script's first, each on its own stream.
    pub earlier: usize,
    /// The number of requests added behind the script's last. They need a connection that lasts, on which
    /// each request has the next stream, and the laws judge them: no request of the script is like them.
    pub later: usize,
}

impl Transformed {
    fn new(steps: Vec<Step>) -> Transformed {
        Transformed { script: Script::new(steps), earlier: 0, later: 0 }
    }
}

/// The same script, in which the client writes each request and handles each frame before the next step.
pub fn settled(script: &Script) -> Script {
    let mut steps = Vec::with_capacity(2 * script.steps().len());
    for step in script.steps() {
        steps.push(step.clone());
        if step.is_of_application() || matches!(step, Step::Send(_) | Step::SendRaw(_)) {
            steps.push(Step::Pass(0));
        }
    }
    Script::new(steps)
}

/// The script with these frames in place of the step at `index`.
fn replaced(script: &Script, index: usize, by: impl IntoIterator<Item = Frame>) -> Transformed {
    let mut steps = script.steps().to_vec();
    steps.splice(index..=index, by.into_iter().map(Step::Send));
    Transformed::new(steps)
}

/// One of the frames for which `fits` holds, with the index of its step; `None` if the script is not framed.
fn choose(script: &Script, choice: usize, fits: impl Fn(&Frame) -> bool) -> Option<(usize, &Frame)> {
    let frames: Vec<_> = script.frames().filter(|(_, frame)| fits(frame)).collect();
    frames.get(choice.checked_rem(frames.len())?).copied().filter(|_| is_framed(script))
}

/// Whether the peer sends only frames with correct lengths. Otherwise the client sees other frames than the script's.
fn is_framed(script: &Script) -> bool {
    let lies = |step: &Step| match step {
        Step::Send(frame) => frame.length.is_some(),
        Step::SendRaw(_) => true,
        _ => false,
    };
    !script.steps().iter().any(lies)
}

/// Whether a write fails after a number of frames. If so, a change must not make the client write more or fewer frames.
fn counts_writes(script: &Script) -> bool {
    script.steps().iter().any(|step| matches!(step, Step::FailWrite { .. }))
}

/// Whether the frame is a HEADERS frame with a whole field block and nothing else.
fn is_plain_head(frame: &Frame) -> bool {
    let plain = frame.has(flags::END_HEADERS) && !frame.has(flags::PADDED) && !frame.has(flags::PRIORITY);
    frame.kind == FrameType::HEADERS && plain && matches!(frame.view(), View::Headers(_))
}
