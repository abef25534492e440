//! Law 3, safety: no request that the peer may have acted on is called unprocessed, or sent again as if it were.

use crate::{
    classifiers::{Opinion, Verdict},
    outcome::RequestOutcome,
    rfc9113::Truth,
    vocabulary::Processed,
};

/// The truth, if an opinion calls a request unprocessed that may not be. `processed` has every value that may be true.
pub(super) fn broken(said: &Opinion, processed: &[Processed]) -> Option<&'static str> {
    let unprocessed = matches!(said, Opinion::Unprocessed(true) | Opinion::Verdict(Processed::No, _));
    (unprocessed && processed != [Processed::No]).then_some("the peer may have acted on the request")
}

/// Judges the verdict on a request by the model's truth.
pub(super) fn of_request(outcome: &RequestOutcome, truth: &Truth) -> Option<String> {
    let verdict = outcome.verdict()?;
    let fact = broken(&verdict.clone().into(), &truth.processed)?;
    Some(format!("{fact} ({}), but it is called unprocessed ({})", truth.because.clause, verdict.because))
}

/// Judges an opinion on an error by the right verdict.
pub(super) fn of_opinion(said: &Opinion, expected: &Verdict) -> Option<String> {
    let fact = broken(said, &[expected.processed])?;
    let fact = if expected.processed == Processed::Yes { "the peer has acted on the request" } else { fact };
    Some(format!("{fact}, but it says: {said}"))
}
