//! The laws over third-party clients: a client is judged by its own labels for errors, and by what its application
//! gets.
//!
//! A request that went to a later connection, which leads to a healthy server, is judged only by whether it should have
//! gone there.

use super::{Law, Violation, chains::broken_opinion, completeness, integrity, liveness, safety};
use crate::{
    classifiers::{Advice, Both, Opinion, Reader, decide},
    client_driver::{Client, ClientOutcome, ClientRequestOutcome},
    rfc9113::{Certainty, Model, Truth},
    script::{Request, Script},
    stacks::End,
};

/// What breaks the laws in a client's outcome of a script, by the model of RFC 9113 for the same exchange. Nothing if a
/// step of the script could not be played to the client.
pub fn judge(client: &dyn Client, script: &Script, played: &ClientOutcome, model: &Model) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (number, request) in script.requests().enumerate().filter(|_| played.unplayable.is_empty()) {
        let (outcome, truth) = (&played.requests[number], &model.truths[number]);
        let end = &played.observation.requests[number].end;
        let handled = match client.retries() {
            true => sent_twice(request, outcome, truth)
                .or_else(|| given_up(outcome, truth).filter(|_| outcome.attempts() <= 1)),
            false => mislabelled(outcome, end).or_else(|| given_up(outcome, truth)),
        };
        let alone = outcome.met_the_script_alone();
        let cut = integrity::broken(alone && matches!(end, End::Complete), truth.complete == Certainty::No);
        let hangs = liveness::broken(alone && matches!(end, End::Open), truth.open == Certainty::No);
        let broken = handled.into_iter().chain(cut.map(|message| (Law::Integrity, message.into())));
        let broken = broken.chain(hangs.map(|message| (Law::Liveness, message.into())));
        let stack = Some(client.stack());
        violations.extend(broken.map(|(law, message)| Violation::new(law, stack, Some(number), message)));
    }
    violations
}

type Broken = Option<(Law, String)>;

/// The client's label for an error has to fit the error.
fn mislabelled(outcome: &ClientRequestOutcome, end: &End) -> Broken {
    let (End::Failed(phase, error), Some(label)) = (end, &outcome.label) else { return None };
    let chain = Both.read(error.as_ref().as_ref());
    let (law, message) = broken_opinion(&label.opinion, &decide(&chain, *phase), true)?;
    Some((law, format!("{} for {chain}: {message}", label.text)))
}

/// A client that sends a request with a side effect again acts as if the request was not processed.
fn sent_twice(request: &Request, outcome: &ClientRequestOutcome, truth: &Truth) -> Broken {
    let method = request.method();
    let again = outcome.attempts() > 1 && !method.is_idempotent();
    let fact = safety::broken(&Opinion::Unprocessed(true), &truth.processed).filter(|_| again)?;
    Some((Law::Safety, format!("{fact} ({}), but the client sent the {method} again", truth.because.clause)))
}

/// The application must not get an error if RFC 9113 proves that the request can be sent again.
fn given_up(outcome: &ClientRequestOutcome, truth: &Truth) -> Broken {
    let label = outcome.label.as_ref().filter(|_| truth.is_known && outcome.on_later == 0)?;
    let fact = completeness::missed(&label.opinion, &truth.processed, Advice::Retry)?;
    let because = truth.because.clause;
    Some((Law::Completeness, format!("{fact} ({because}), but the client does not send it again: {}", label.text)))
}
