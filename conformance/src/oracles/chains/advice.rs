//! What would end the same way again is not sent again; and a whole verdict has the advice of the table.

use super::{ChainOracle, Examination};
use crate::{
    classifiers::{Advice as Advised, Opinion, Verdict},
    oracles::Law,
    vocabulary::Processed,
};

pub(super) struct Advice;

impl ChainOracle for Advice {
    fn law(&self) -> Law {
        Law::Advice
    }

    fn judge(&self, examination: &Examination<'_>) -> Option<String> {
        if examination.skips() {
            return None;
        }
        broken(examination.answer.as_ref().ok()?, &examination.expected)
    }
}

/// What is wrong with an opinion where this verdict is right.
pub(super) fn broken(said: &Opinion, expected: &Verdict) -> Option<String> {
    let because = &expected.because;
    match said {
        Opinion::Retry(true) if expected.advice == Advised::GiveUp && expected.processed != Processed::No => {
            Some(format!("it says: {said}; but it should give up: {because}"))
        }
        Opinion::Verdict(_, advice) if *advice != expected.advice => {
            Some(format!("its advice is {advice}, and should be {}: {because}", expected.advice))
        }
        _ => None,
    }
}
