//! What the peer may have acted on is not called unprocessed.

use super::{ChainOracle, Examination};
use crate::{
    classifiers::{Opinion, Verdict},
    oracles::Law,
    vocabulary::Processed,
};

pub(super) struct Safety;

impl ChainOracle for Safety {
    fn law(&self) -> Law {
        Law::Safety
    }

    fn judge(&self, examination: &Examination<'_>) -> Option<String> {
        broken(examination.answer.as_ref().ok()?, &examination.expected)
    }
}

/// What is wrong with an opinion where this verdict is right.
pub(super) fn broken(said: &Opinion, expected: &Verdict) -> Option<String> {
    let unprocessed = matches!(said, Opinion::Unprocessed(true) | Opinion::Verdict(Processed::No, _));
    (unprocessed && expected.processed != Processed::No).then(|| {
        let how = if expected.processed == Processed::Yes { "has acted" } else { "may have acted" };
        format!("the peer {how} on the request, and it says: {said}")
    })
}
