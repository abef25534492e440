//! The same bytes in other pieces, down to single ones.

use super::{Transformation, Transformed, is_framed};
use crate::script::Step;

pub(super) const TRANSFORMATION: Transformation = Transformation {
    name: "pieces",
    about: "What the peer sends arrives in pieces of 1, 2, 9 or 100 bytes.",
    rfc: "§4.1: \"All frames begin with a fixed 9-octet header followed by a variable-length frame payload.\" How many \
          reads bring them is no part of it.",
    apply: |script, choice| {
        // Where lengths lie, the end of a step is not that of a frame, and the client does not run where it did.
        if !is_framed(script) || script.steps().iter().any(|step| matches!(step, Step::Split(_))) {
            return None;
        }
        let size = [1, 2, 9, 100][choice % 4];
        let steps = [Step::Split(size)].into_iter().chain(script.steps().iter().cloned());
        Some(Transformed::new(steps.collect()))
    },
};
