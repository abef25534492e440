//! Law 6, liveness: every request ends, unless the script legitimately leaves it open; and nothing panics.

use super::{Law, Violation, conduct};
use crate::{
    comparison::Comparison,
    outcome::{OutcomeEnd, RequestOutcome, Side},
    rfc9113::{Certainty, Truth},
};

/// The fault in a request that is open but must have ended.
pub(super) fn broken(open: bool, ended: bool) -> Option<&'static str> {
    (open && ended).then_some("it hangs, but should have ended")
}

/// The fault in code that panicked with this message.
pub(crate) fn panicked(message: &str) -> String {
    format!("it panics: {message}")
}

/// Judges both sides of a comparison, and each of their requests.
pub(super) fn judge(comparison: &Comparison) -> Vec<Violation> {
    let mut violations: Vec<Violation> = comparison.sides.each().into_iter().filter_map(never_rests).collect();
    violations.extend(Law::Liveness.judge_requests(comparison, of_request));
    violations.extend(conduct::breaches(comparison, Law::Liveness));
    violations
}

fn never_rests(side: &Side) -> Option<Violation> {
    let message = match side.observation.panics.first() {
        Some(panic) => panicked(panic),
        None if side.observation.spinning => "it keeps itself busy and never rests".into(),
        None => return None,
    };
    Some(Violation::new(Law::Liveness, Some(side.stack), None, message))
}

/// Judges the end of a request by the model's truth.
fn of_request(outcome: &RequestOutcome, truth: &Truth) -> Option<String> {
    if matches!(outcome.end, OutcomeEnd::Failed(..)) && !truth.may_fail {
        let whole = if truth.complete == Certainty::Yes { ", and its whole response has arrived" } else { "" };
        return Some(format!("it fails, although nothing gives it a reason{whole}"));
    }
    if outcome.end == OutcomeEnd::Open && !truth.may_fail {
        let wanted = truth.wanted.map_or(usize::MAX, |wanted| usize::try_from(wanted).unwrap_or(usize::MAX));
        let (arrived, handed) = (truth.response.length().min(wanted), outcome.body.len());
        if handed < arrived || (truth.response.head.is_some() && outcome.status.is_none()) {
            return Some(format!("{arrived} bytes of its content have arrived, but only {handed} are handed over"));
        }
    }
    let broken = broken(outcome.end == OutcomeEnd::Open, truth.open == Certainty::No)?;
    Some(match truth.ended_by {
        Some(ground) => format!("{broken}: {} ({}) has ended it", ground.what(), ground.clause),
        None => format!("{broken}: it is unwritten, and nothing keeps it from being written"),
    })
}
