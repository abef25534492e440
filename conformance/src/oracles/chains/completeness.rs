//! What was provably not processed is called so.

use super::{ChainOracle, Examination};
use crate::{
    classifiers::{Advice, Opinion, Verdict},
    oracles::Law,
    vocabulary::Processed,
};

pub(super) struct Completeness;

impl ChainOracle for Completeness {
    fn law(&self) -> Law {
        Law::Completeness
    }

    fn judge(&self, examination: &Examination<'_>) -> Option<String> {
        // Behind a layer that skips what it wraps, less certainty is all that can be asked.
        if examination.skips() {
            return None;
        }
        broken(examination.answer.as_ref().ok()?, &examination.expected)
    }
}

/// What is wrong with an opinion where this verdict is right.
pub(super) fn broken(said: &Opinion, expected: &Verdict) -> Option<String> {
    let not_processed = expected.processed == Processed::No;
    let misses = match said {
        Opinion::Retry(retry) => not_processed && expected.advice == Advice::Retry && !retry,
        Opinion::Unprocessed(unprocessed) => not_processed && !unprocessed,
        Opinion::Verdict(processed, _) => not_processed && *processed != Processed::No,
    };
    if misses {
        return Some(format!("the request was provably not processed, and it says: {said}"));
    }
    let unfounded = matches!(said, Opinion::Verdict(Processed::Yes, _)) && expected.processed != Processed::Yes;
    unfounded.then(|| format!("nothing shows that the peer acted on the request, and it says: {said}"))
}
