//! An error of the other stack tells nothing to who does not read it, and least of all that all is well.

use super::{ChainOracle, Examination};
use crate::{classifiers::Opinion, oracles::Law, vocabulary::Processed};

pub(super) struct Foreign;

impl ChainOracle for Foreign {
    fn law(&self) -> Law {
        Law::Foreign
    }

    fn judge(&self, examination: &Examination<'_>) -> Option<String> {
        if !examination.chain.is_foreign() || examination.expected.processed != Processed::Maybe {
            return None;
        }
        let said = examination.answer.as_ref().ok()?;
        let concludes = match said {
            Opinion::Retry(retry) => *retry,
            Opinion::Unprocessed(unprocessed) => *unprocessed,
            Opinion::Verdict(processed, _) => *processed != Processed::Maybe,
        };
        concludes.then(|| {
            let other = examination.stack.other();
            format!("the chain holds only errors of the {other} stack, and yet it says: {said}")
        })
    }
}
