//! Law 6: every request ends, unless the script leaves it legitimately open; and nothing panics.

use super::{Law, Oracle, Violation, each_request};
use crate::{
    comparison::Comparison,
    outcome::{OutcomeEnd, RequestOutcome, Side},
    rfc9113::{Certainty, Truth},
};

/// The oracle of law 6.
pub struct Liveness;

impl Oracle for Liveness {
    fn law(&self) -> Law {
        Law::Liveness
    }

    fn judge(&self, comparison: &Comparison) -> Vec<Violation> {
        let mut violations: Vec<Violation> = comparison.sides.each().into_iter().filter_map(does_not_rest).collect();
        violations.extend(each_request(Law::Liveness, comparison, hangs));
        violations
    }
}

fn does_not_rest(side: &Side) -> Option<Violation> {
    let observation = &side.observation;
    let message = match observation.panics.first() {
        Some(panic) => format!("it panics: {panic}"),
        None if observation.spinning => "it keeps itself busy and never rests".into(),
        None => return None,
    };
    Some(Violation { law: Law::Liveness, stack: Some(side.stack), request: None, message })
}

fn hangs(_: &Side, outcome: &RequestOutcome, truth: &Truth) -> Option<String> {
    if outcome.end != OutcomeEnd::Open || truth.open != Certainty::No {
        return None;
    }
    Some(match truth.ended_by {
        Some(ground) => format!("it hangs, and {} ({}) has ended it", ground.what(), ground.clause),
        None => "it hangs, unwritten, and nothing keeps it from being written".into(),
    })
}
