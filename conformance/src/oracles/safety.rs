//! Law 3: nothing that the peer may have acted on is called unprocessed.

use super::{Law, Oracle, Violation, each_request};
use crate::{
    comparison::Comparison,
    outcome::{RequestOutcome, Side},
    rfc9113::Truth,
    vocabulary::Processed,
};

/// The oracle of law 3.
pub struct Safety;

impl Oracle for Safety {
    fn law(&self) -> Law {
        Law::Safety
    }

    fn judge(&self, comparison: &Comparison) -> Vec<Violation> {
        each_request(Law::Safety, comparison, called_unprocessed)
    }
}

/// Holds against every member of the truth: it has to be No, and nothing else.
fn called_unprocessed(_: &Side, outcome: &RequestOutcome, truth: &Truth) -> Option<String> {
    let verdict = outcome.verdict().filter(|verdict| verdict.processed == Processed::No)?;
    (!truth.is_unprocessed()).then(|| {
        format!(
            "it is called unprocessed ({}), and the peer may have acted on it ({})",
            verdict.because, truth.because.clause
        )
    })
}
