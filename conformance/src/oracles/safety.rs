//! Law 3, safety: no request that the peer may have acted on is called unprocessed, or sent again as if it were.

use crate::{
    classifiers::{Opinion, Verdict},
    outcome::RequestOutcome,
    rfc9113::Truth,
    script::Method,
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

/// Judges an opinion on an error by the right verdict. To retry a request that is not idempotent is to call it
/// unprocessed: RFC 9110 §9.2.2 has no other ground that an error could give.
pub(super) fn of_opinion(said: &Opinion, expected: &Verdict, method: Option<Method>) -> Option<String> {
    let repeated = method.filter(|method| *said == Opinion::Retry(true) && !method.is_idempotent());
    let claim = if repeated.is_some() { &Opinion::Unprocessed(true) } else { said };
    let fact = broken(claim, &[expected.processed])?;
    let fact = if expected.processed == Processed::Yes { "the peer has acted on the request" } else { fact };
    Some(match repeated {
        Some(method) => format!("{fact}, but it says of a {method}: {said}. {REPEATED}"),
        None => format!("{fact}, but it says: {said}"),
    })
}

/// The clause that forbids to repeat what is not idempotent.
const REPEATED: &str = "RFC 9110 §9.2.2: \"A user agent SHOULD NOT automatically retry a request with a non-idempotent \
    method unless it has some means to know that the request semantics are actually idempotent, regardless of the \
    method, or some means to detect that the original request was never applied.\"";
