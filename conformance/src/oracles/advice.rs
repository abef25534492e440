//! Advice: what would end the same way again is not sent again, and a verdict has the advice of the table.

use crate::{
    classifiers::{Advice, Opinion, Verdict},
    vocabulary::Processed,
};

/// The fault in an opinion whose advice differs from that of the right verdict.
pub(super) fn broken(said: &Opinion, expected: &Verdict) -> Option<String> {
    match said {
        Opinion::Retry(true) if expected.advice == Advice::GiveUp && expected.processed != Processed::No => {
            Some("it retries, but should give up".into())
        }
        Opinion::Verdict(_, advice) if *advice != expected.advice => {
            Some(format!("its advice is {advice}, but should be {}", expected.advice))
        }
        _ => None,
    }
}

/// The same, with the reason for the right advice.
pub(super) fn of_opinion(said: &Opinion, expected: &Verdict) -> Option<String> {
    Some(format!("{}: {}", broken(said, expected)?, expected.because))
}
