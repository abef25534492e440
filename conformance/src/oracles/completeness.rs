//! Law 4: what was provably not processed is called so.

use super::{Law, Oracle, Violation, each_request};
use crate::{
    comparison::Comparison,
    outcome::{RequestOutcome, Side},
    rfc9113::Truth,
    vocabulary::Processed,
};

/// The oracle of law 4.
pub struct Completeness;

impl Oracle for Completeness {
    fn law(&self) -> Law {
        Law::Completeness
    }

    fn judge(&self, comparison: &Comparison) -> Vec<Violation> {
        each_request(Law::Completeness, comparison, not_called_unprocessed)
    }
}

fn not_called_unprocessed(_: &Side, outcome: &RequestOutcome, truth: &Truth) -> Option<String> {
    let verdict = outcome.verdict().filter(|verdict| verdict.processed != Processed::No)?;
    if !truth.is_unprocessed() || !truth.is_known {
        return None;
    }
    Some(match truth.stream {
        None => format!("it was never written, and is called processed {} ({})", verdict.processed, verdict.because),
        Some(_) => format!(
            "the peer guarantees that it did not process it ({}), and it is called processed {} ({})",
            truth.because.clause, verdict.processed, verdict.because
        ),
    })
}
