//! The laws over a client that others wrote: it is held to what its own label for an error says, and to what its application
//! gets.
//!
//! What became of a request on a later connection, which led to a server in good health, is judged only where a law asks
//! whether the request should have gone there.

use super::{Law, Violation, chains::broken_opinion};
use crate::{
    classifiers::{Both, Opinion, Reader, decide},
    client_driver::{Client, ClientOutcome, ClientRequestOutcome},
    rfc9113::{Certainty, Model, Truth},
    script::{Request, Script},
    stacks::{End, ObservedRequest},
};

/// What breaks the laws in what a client made of a script, and in what a model of RFC 9113 made of it. Nothing does if a
/// step of the script could not be played to it.
pub fn judge(client: &dyn Client, script: &Script, played: &ClientOutcome, model: &Model) -> Vec<Violation> {
    if !played.unplayable.is_empty() {
        return Vec::new();
    }
    let mut violations = Vec::new();
    for (number, request) in script.requests().enumerate() {
        let case = Case {
            request,
            played: &played.requests[number],
            seen: &played.observation.requests[number],
            truth: &model.truths[number],
        };
        let broken = if client.retries() { case.of_a_client_that_retries() } else { case.of_a_client_alone() };
        let broken = broken.into_iter().chain(case.integrity()).chain(case.liveness());
        let stack = Some(client.stack());
        violations.extend(broken.map(|(law, message)| Violation { law, stack, request: Some(number), message }));
    }
    violations
}

/// One request of a client.
struct Case<'c> {
    request: &'c Request,
    played: &'c ClientRequestOutcome,
    seen: &'c ObservedRequest,
    truth: &'c Truth,
}

type Broken = Option<(Law, String)>;

impl Case<'_> {
    /// What the client calls the error has to fit what the error is, and what is true of the request.
    fn of_a_client_alone(&self) -> Broken {
        let (End::Failed(phase, error), Some(label)) = (&self.seen.end, &self.played.label) else { return None };
        let chain = Both.read(error.as_ref().as_ref());
        let broken = broken_opinion(&label.opinion, &decide(&chain, *phase));
        let broken = broken.map(|(law, message)| (law, format!("{} for {chain}: {message}", label.text)));
        broken.or_else(|| self.unprocessed_and_lost(&label.text))
    }

    /// The application must not get an error for what another attempt would have mended, and no request with a side effect
    /// may be sent again where the peer may have acted on it.
    fn of_a_client_that_retries(&self) -> Broken {
        if self.played.attempts() > 1 && !self.request.method().is_idempotent() && !self.truth.is_unprocessed() {
            let because = self.truth.because.clause;
            let text =
                format!("a {} went out again that the peer may have acted on ({because})", self.request.method());
            return Some((Law::Safety, text));
        }
        let label = self.played.label.as_ref()?;
        if self.played.attempts() > 1 { None } else { self.unprocessed_and_lost(&label.text) }
    }

    /// RFC 9113 proves that the peer did not act on it, and the client does not send it again.
    fn unprocessed_and_lost(&self, label: &str) -> Broken {
        let proven = self.truth.is_unprocessed() && self.truth.is_known && self.played.on_later == 0;
        let retried = self.played.label.as_ref().is_some_and(|label| label.opinion == Opinion::Retry(true));
        (proven && !retried).then(|| {
            let because = self.truth.because.clause;
            (Law::Completeness, format!("{label}, and the peer did not act on it ({because}): it is not sent again"))
        })
    }

    fn integrity(&self) -> Broken {
        let cut = self.played.met_the_script_alone()
            && matches!(self.seen.end, End::Complete)
            && self.truth.complete == Certainty::No;
        cut.then(|| (Law::Integrity, "its response is handed over as complete, and is not".into()))
    }

    fn liveness(&self) -> Broken {
        let hangs = self.played.met_the_script_alone()
            && matches!(self.seen.end, End::Open)
            && self.truth.open == Certainty::No;
        hangs.then(|| (Law::Liveness, "it hangs, and has ended by the frames".into()))
    }
}
