//! Law 5: a response cut short is never handed over as complete. Nor is one that is malformed (§8.1.1), or that comes on
//! a connection which a frame before it has ended.

use super::{Law, Oracle, Violation, each_request};
use crate::{
    comparison::Comparison,
    outcome::{OutcomeEnd, RequestOutcome, Side},
    rfc9113::{Certainty, Truth},
};

/// The oracle of law 5.
pub struct Integrity;

impl Oracle for Integrity {
    fn law(&self) -> Law {
        Law::Integrity
    }

    fn judge(&self, comparison: &Comparison) -> Vec<Violation> {
        each_request(Law::Integrity, comparison, cut_short)
    }
}

fn cut_short(_: &Side, outcome: &RequestOutcome, truth: &Truth) -> Option<String> {
    if outcome.end != OutcomeEnd::Complete || truth.complete != Certainty::No {
        return None;
    }
    Some(match truth.ended_by {
        Some(ground) => {
            format!(
                "its response is handed over as complete, and {} ({}) ended it before",
                ground.what(),
                ground.clause
            )
        }
        None => "its response is handed over as complete, and no frame has ended it (§8.1)".into(),
    })
}
