//! An error of the other stack supports no conclusion for a classifier that does not read that stack's types.

use super::chains::Examination;
use crate::{classifiers::Opinion, vocabulary::Processed};

pub(super) fn of_chain(examination: &Examination<'_>) -> Option<String> {
    if !examination.chain.is_foreign() || examination.expected.processed != Processed::Maybe {
        return None;
    }
    let said = examination.answer.as_ref().ok()?;
    let concludes = match said {
        // To repeat an idempotent request concludes nothing.
        Opinion::Retry(_) => false,
        Opinion::Unprocessed(unprocessed) => *unprocessed,
        Opinion::Verdict(processed, _) => *processed != Processed::Maybe,
    };
    concludes
        .then(|| format!("the chain has only errors of the {} stack, but it says: {said}", examination.stack.other()))
}
