//! What must not matter: changes of a script after which RFC 9113 has every request come to what it came to before. One
//! file a change; the law is [`crate::oracles::invariance`].
//!
//! A change looks at a *settled* script ([`settled`]), in which the client writes every request and handles every frame
//! before anything else happens: what comes at once is a race between a connection and its application, which each stack
//! decides its own way.
//!
//! To add a change: a file with a [`Transformation`] in it, and its name in [`TRANSFORMATIONS`].

use crate::{
    http2::{Frame, FrameType, View, flags},
    script::{Script, Step},
};

mod continuation;
mod debug_data;
mod field_forms;
mod harmless_frames;
mod later_streams;
mod padding;
mod pieces;

/// Every change.
pub const TRANSFORMATIONS: &[&Transformation] = &[
    &pieces::TRANSFORMATION,
    &harmless_frames::TRANSFORMATION,
    &padding::TRANSFORMATION,
    &continuation::TRANSFORMATION,
    &field_forms::TRANSFORMATION,
    &later_streams::TRANSFORMATION,
    &debug_data::TRANSFORMATION,
];

pub use later_streams::one_stream_later;

/// One way to change a script that must not matter.
pub struct Transformation {
    /// Its name.
    pub name: &'static str,
    /// What it changes, in one sentence.
    pub about: &'static str,
    /// The clause of RFC 9113 by which it must not matter, in its words.
    pub rfc: &'static str,
    /// Makes it, in one of many ways that `choice` decides between; `None` where it cannot be made.
    pub apply: fn(script: &Script, choice: usize) -> Option<Transformed>,
}

/// A changed script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transformed {
    /// The script.
    pub script: Script,
    /// How many requests now stand before the first of the script, each on a stream of its own.
    pub earlier: usize,
}

impl Transformed {
    fn new(steps: Vec<Step>) -> Transformed {
        Transformed { script: Script::new(steps), earlier: 0 }
    }
}

/// The same script, in which the client writes each request and handles each frame before anything else happens.
pub fn settled(script: &Script) -> Script {
    let mut steps = Vec::with_capacity(2 * script.steps().len());
    for step in script.steps() {
        steps.push(step.clone());
        if matches!(step, Step::Request(_) | Step::Send(_) | Step::SendRaw(_)) {
            steps.push(Step::Pass(0));
        }
    }
    Script::new(steps)
}

/// The script with the step at `index` replaced by these.
fn replaced(script: &Script, index: usize, by: impl IntoIterator<Item = Step>) -> Transformed {
    let mut steps = script.steps().to_vec();
    steps.splice(index..=index, by);
    Transformed::new(steps)
}

/// One of the steps that send a frame for which `fits` holds, with its index.
fn choose(script: &Script, choice: usize, fits: impl Fn(&Frame) -> bool) -> Option<(usize, &Frame)> {
    let frames: Vec<_> = script.frames().filter(|(_, frame)| fits(frame)).collect();
    frames.get(choice.checked_rem(frames.len())?).copied()
}

/// Whether all that the peer sends are frames as they say they are: elsewhere a frame is not where it seems to be.
fn is_framed(script: &Script) -> bool {
    let lies = |step: &Step| match step {
        Step::Send(frame) => frame.length.is_some(),
        Step::SendRaw(_) => true,
        _ => false,
    };
    !script.steps().iter().any(lies)
}

/// Whether a write fails after so many frames: the client must not write more or fewer of them then.
fn counts_writes(script: &Script) -> bool {
    script.steps().iter().any(|step| matches!(step, Step::FailWrite { .. }))
}

/// Whether the frame carries a field block that is whole, and nothing beside it.
fn is_plain_head(frame: &Frame) -> bool {
    let plain = frame.has(flags::END_HEADERS) && !frame.has(flags::PADDED) && !frame.has(flags::PRIORITY);
    frame.kind == FrameType::HEADERS && plain && matches!(frame.view(), View::Headers(_))
}
