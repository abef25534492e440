//! Law 5, integrity: a response that was cut short is never handed over as complete. Nor is one that is malformed
//! (§8.1.1), or that arrives on a connection that an earlier frame has ended.

use crate::{
    outcome::{OutcomeEnd, RequestOutcome},
    rfc9113::{Certainty, Truth},
};

/// The fault in a response that is handed over as complete but was cut short.
pub(super) fn broken(as_complete: bool, cut: bool) -> Option<&'static str> {
    (as_complete && cut).then_some("its response is handed over as complete, but is not")
}

/// Judges the end of a request by the model's truth.
pub(super) fn of_request(outcome: &RequestOutcome, truth: &Truth) -> Option<String> {
    let broken = broken(outcome.end == OutcomeEnd::Complete, truth.complete == Certainty::No)?;
    Some(match truth.ended_by {
        Some(ground) => format!("{broken}: {} ({}) ended it before", ground.what(), ground.clause),
        None => format!("{broken}: no frame has ended it (§8.1)"),
    })
}
