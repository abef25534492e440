//! The same bytes in other pieces, down to single bytes.

use super::{Transformation, Transformed, is_framed};
use crate::script::Step;

/// The number of bytes from which single ones would take longer than all other cases together.
const MANY: usize = 5_000;

pub(super) const TRANSFORMATION: Transformation = Transformation {
    name: "pieces",
    about: "The peer's bytes arrive in pieces of 1, 2, 9 or 100 bytes; more than 5,000 bytes in pieces of 100.",
    rfc: "§4.1: \"All frames begin with a fixed 9-octet header followed by a variable-length frame payload.\" The \
          number of reads does not matter.",
    apply: |script, choice| {
        // With wrong lengths, a step does not end where a frame ends, and the client would run at other points.
        if !is_framed(script) || script.steps().iter().any(|step| matches!(step, Step::Split(_))) {
            return None;
        }
        let bytes: usize = script.steps().iter().map(Step::sent_length).sum();
        let size = if bytes > MANY { 100 } else { [1, 2, 9, 100][choice % 4] };
        let steps = [Step::Split(size)].into_iter().chain(script.steps().iter().cloned());
        Some(Transformed::new(steps.collect()))
    },
};
