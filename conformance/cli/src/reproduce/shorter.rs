//! Scripts that show the same and are shorter to write.

use conformance::{
    http2::{Frame, FrameType, flags},
    script::{Script, Step},
};

/// The longest content of a DATA frame that is written out.
const LONGEST_SHOWN: usize = 24;

/// The same script, with dots in the place of long content, which is easier to write.
pub(super) fn plain(script: &Script) -> Script {
    let plain = |step: &Step| match step {
        Step::Send(frame) if frame.kind == FrameType::DATA && frame.payload.len() > LONGEST_SHOWN => {
            let mut payload = frame.payload.to_vec();
            let (from, padding) = match frame.has(flags::PADDED) {
                true => (1, usize::from(payload[0])),
                false => (0, 0),
            };
            let to = payload.len().saturating_sub(padding).max(from);
            payload[from..to].fill(b'.');
            Step::Send(Frame { payload: payload.into(), ..frame.clone() })
        }
        other => other.clone(),
    };
    Script::new(script.steps().iter().map(plain).collect())
}

/// What a bare client meets of a script with several connections: the steps of the first one and of the application.
pub(super) fn of_first_connection(script: &Script) -> Script {
    let mut is_first = true;
    let meets = |step: &&Step| match step {
        Step::Connection(number) => {
            is_first = *number == 1;
            false
        }
        Step::RefuseConnections => false,
        step => is_first || step.is_of_application(),
    };
    Script::new(script.steps().iter().filter(meets).cloned().collect())
}
