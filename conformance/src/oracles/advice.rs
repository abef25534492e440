//! Advice: a verdict has the advice of the table. Whether to repeat an idempotent request is the choice of a retry
//! policy (RFC 9110 §9.2.2), so a policy that repeats what would probably fail again breaks no law.

use crate::{
    classifiers::{Advice, Opinion, Verdict},
    vocabulary::Processed,
};

/// The fault in an opinion whose advice differs from that of the right verdict.
pub(super) fn broken(said: &Opinion, expected: &Verdict) -> Option<String> {
    match said {
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

/// Whether a retry is allowed, but expected to fail again.
pub(crate) fn is_unwise(said: &Opinion, expected: &Verdict) -> bool {
    let fails_again = matches!(expected.advice, Advice::GiveUp | Advice::UseHttp1);
    *said == Opinion::Retry(true) && fails_again && expected.processed != Processed::No
}
