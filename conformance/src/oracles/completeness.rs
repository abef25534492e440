//! Law 4, completeness: a request that was provably not processed is called so. Nor is one called processed without
//! any ground.

use crate::{
    classifiers::{Advice, Opinion, Verdict},
    outcome::RequestOutcome,
    rfc9113::Truth,
    vocabulary::Processed,
};

/// The truth, if an opinion misses that a request was not processed. `processed` has every value that may be true.
/// Only a request to which `advice` is [`Advice::Retry`] has to be retried.
pub(super) fn missed(said: &Opinion, processed: &[Processed], advice: Advice) -> Option<&'static str> {
    let misses = match said {
        Opinion::Retry(retry) => !retry && advice == Advice::Retry,
        Opinion::Unprocessed(unprocessed) => !unprocessed,
        Opinion::Verdict(said, _) => *said != Processed::No,
    };
    (misses && processed == [Processed::No]).then_some("the request was provably not processed")
}

/// The truth, if an opinion calls a request processed that cannot be.
pub(super) fn unfounded(said: &Opinion, processed: &[Processed]) -> Option<&'static str> {
    let unfounded = matches!(said, Opinion::Verdict(Processed::Yes, _)) && !processed.contains(&Processed::Yes);
    unfounded.then_some("nothing shows that the peer acted on the request")
}

/// Judges the verdict on a request by the model's truth, as far as the client had to know it.
pub(super) fn of_request(outcome: &RequestOutcome, truth: &Truth) -> Option<String> {
    let verdict = outcome.verdict().filter(|_| truth.is_known)?;
    let fact = missed(&verdict.clone().into(), &truth.processed, verdict.advice)?;
    let ground = truth.stream.map_or("it was never written".into(), |_| truth.because.clause.to_string());
    Some(format!("{fact} ({ground}), but it is called processed {} ({})", verdict.processed, verdict.because))
}

/// Judges an opinion on an error by the right verdict. A retry policy need not send again what it does not promise to.
pub(super) fn of_opinion(said: &Opinion, expected: &Verdict, promised: bool) -> Option<String> {
    if *said == Opinion::Retry(false) && !promised {
        return None;
    }
    let processed = [expected.processed];
    let fact = missed(said, &processed, expected.advice).or_else(|| unfounded(said, &processed))?;
    Some(format!("{fact}, but it says: {said}"))
}
