//! What a whole client does wrong, judged by what crossed the wire and by what its application got. A client's own view
//! counts only where it labels an error.
//!
//! A client may send a request on several connections of the script: what was handed over is judged by the last of them,
//! and whether it should have been sent again by the earlier ones. One that went beyond the script, to a server of the
//! suite, is judged by whether it should have gone there, and by whether that server's answer is what was handed over.

use super::{Law, chains::broken_opinion, completeness, conduct, integrity, liveness, safety};
use crate::{
    classifiers::{Advice, Both, ChainClassifier, Opinion, Reader, decide},
    client_driver::{Client, ClientOutcome, ClientRequestOutcome, answer},
    http2::{ErrorCode, Frame, FrameType, StreamId, View, wire},
    outcome::{Outcome, RequestOutcome},
    peer::{Event, Record},
    rfc9113::{Certainty, Clause, Fault, Ground, Model, Truth},
    script::{BodyEnd, Method, Request, Script, Step},
    stacks::End,
};
use serde::{Deserialize, Serialize};
use std::{fmt, iter, time::Duration};

/// Something that a client does wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mistake {
    /// What it is.
    pub kind: MistakeKind,
    /// How much it weighs.
    pub class: MistakeClass,
    /// The law that it breaks.
    pub law: Law,
    /// The number of the request; none if it concerns the connection.
    pub request: Option<usize>,
    /// What happened, and the clause.
    pub message: String,
    /// Whether the bare stack under the client breaks the same law in the same request.
    pub of_its_stack: bool,
}

/// The kinds of mistakes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MistakeKind {
    /// A request that is not idempotent was sent again, although the peer may have acted on it.
    RunTwice,
    /// A response was handed over as complete, and is not.
    Truncated,
    /// A malformed response was handed over (RFC 9113 §8.1.1: "Clients MUST NOT accept a malformed response").
    Malformed,
    /// Bytes of two responses were handed over as one body.
    Mixed,
    /// What was handed over is not what was sent, or what was sent is not what the application gave.
    Altered,
    /// A complete response was turned into an error.
    Discarded,
    /// By the frames the request has ended, and the call does not.
    Hang,
    /// A frame that RFC 9113 makes an error was taken as if it were right: the request stays open, or ends with the rest of
    /// its response.
    Lenient,
    /// The request provably was not processed, and was not sent again.
    NotRetried,
    /// The request was sent again more often than promised, or at once although the peer asked for less load.
    Storm,
    /// The client panicked.
    Crashed,
    /// The client's label for an error says something else than the error does.
    Mislabelled,
    /// The client sent what RFC 9113 forbids, or did not send what it has to.
    Misconduct,
}

/// How much a mistake weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MistakeClass {
    /// A specification forbids it.
    Fault,
    /// The client promises otherwise.
    BrokenPromise,
    /// No specification forbids it, and nobody promised otherwise.
    Choice,
}

/// The mistakes of a client in its outcome of a script, by the model of RFC 9113 for the same exchange on each connection
/// of the script. None if a step of the script could not be played to the client.
///
/// # Panics
///
/// If there are not as many models as connections.
pub fn judge(client: &dyn Client, script: &Script, played: &ClientOutcome, models: &[Model]) -> Vec<Mistake> {
    let mut mistakes: Vec<Mistake> = Vec::new();
    if !played.unplayable.is_empty() {
        return mistakes;
    }
    let seen = Outcome::new(&played.observation, &ChainClassifier { reader: &Both, decide });
    let crash = crash(played);
    let records: Vec<&Record> = played.records().collect();
    // Nothing is sent again if there is no other connection, or no client.
    let hinders = |step: &Step| matches!(step, Step::RefuseConnections | Step::DropClient);
    let can_retry = !script.steps().iter().any(hinders);
    for (number, request) in script.requests().enumerate() {
        let outcome = &played.requests[number];
        let last = outcome.last_scripted();
        let exchange = Exchange {
            request,
            number,
            outcome,
            truths: models.iter().map(|model| &model.truths[number]).collect(),
            truth: &models[last].truths[number],
            record: records[last],
            seen: &seen.requests[number],
            end: &played.observation.requests[number].end,
            has_company: others_are_open(played, number),
            can_retry,
        };
        mistakes.extend(exchange.run_twice());
        // A crash explains what else did not happen.
        if crash.is_none() && client.tells() {
            let found = [exchange.given_up(client), exchange.response(), exchange.hang()];
            mistakes.extend(found.into_iter().flatten());
        }
    }
    if crash.is_some() {
        mistakes.extend(crash);
        return mistakes;
    }
    let breaches = models
        .iter()
        .zip(1..)
        .flat_map(|(model, connection)| model.breaches.iter().map(move |breach| (breach, connection)));
    mistakes.extend(breaches.filter_map(|(breach, connection)| {
        let law = conduct::law_of(breach.fault);
        let (kind, class) = match (law, breach.fault) {
            (Law::Conduct, Fault::Code) => (MistakeKind::Misconduct, MistakeClass::Choice),
            (Law::Conduct, _) => (MistakeKind::Misconduct, MistakeClass::Fault),
            (Law::Integrity, _) if client.sends_as_given() && !client.speaks_grpc() => {
                (MistakeKind::Altered, MistakeClass::Fault)
            }
            _ => return None,
        };
        let place = if connection == 1 { String::new() } else { format!("on connection {connection}: ") };
        let message = format!("{place}{} ({})", breach.what, breach.clause);
        Some(Mistake::new(kind, class, law, breach.request, message))
    }));
    mistakes
}

fn crash(played: &ClientOutcome) -> Option<Mistake> {
    let message = liveness::panicked(played.observation.panics.first()?);
    Some(Mistake::new(MistakeKind::Crashed, MistakeClass::Fault, Law::Liveness, None, message))
}

/// Judges a client whose every further attempt was refused, or met the same script again: it must give up, and wait if
/// the peer asked for less load.
pub fn judge_storm(client: &dyn Client, refused: &ClientOutcome) -> Vec<Mistake> {
    let promise = client.promise();
    let most = promise.attempts();
    let class = if promise.is_promised() { MistakeClass::BrokenPromise } else { MistakeClass::Choice };
    let storms = refused.requests.iter().enumerate().filter(|(_, request)| request.attempts() > most);
    let storms = storms.map(|(number, request)| {
        let attempts = request.attempts();
        let message = match promise.is_promised() {
            true => format!("no attempt is answered, and it is sent {attempts} times; promised are at most {most}"),
            false => format!("no attempt is answered, and it is sent {attempts} times"),
        };
        Mistake::new(MistakeKind::Storm, class, Law::Advice, Some(number), message)
    });
    let hurries = refused.requests.iter().enumerate().filter(|(number, request)| {
        let has_no_pause = request.took.is_some_and(|took| took < LEAST_PAUSE);
        let was_asked = |record: &Record| record.stream_of(*number).is_some_and(|stream| asks_for_less(record, stream));
        has_no_pause && request.attempts() > 1 && refused.records().any(was_asked)
    });
    let hurries = hurries.map(|(number, _)| {
        let message = "the peer asks for less load (ENHANCE_YOUR_CALM, §7), and it is sent again without a pause";
        Mistake::new(MistakeKind::Storm, MistakeClass::Choice, Law::Advice, Some(number), message.into())
    });
    storms.chain(hurries).chain(crash(refused)).collect()
}

/// A request that has ended within this time, with all its attempts, was sent again without a pause.
const LEAST_PAUSE: Duration = Duration::from_millis(10);

/// Whether the peer asks for less load, on this stream or on the connection (§7).
fn asks_for_less(record: &Record, stream: StreamId) -> bool {
    peer_frames(record).any(|frame| match frame.view() {
        View::GoAway { code, .. } => code == ErrorCode::ENHANCE_YOUR_CALM,
        View::RstStream(code) => code == ErrorCode::ENHANCE_YOUR_CALM && frame.stream == stream,
        _ => false,
    })
}

/// The frames that the peer sent whole, up to the first that is not.
fn peer_frames(record: &Record) -> impl Iterator<Item = Frame> {
    let mut sent = record.sent.clone();
    iter::from_fn(move || wire::decode(&mut sent))
}

/// A request of a client, and what is known of it.
struct Exchange<'e> {
    request: &'e Request,
    number: usize,
    outcome: &'e ClientRequestOutcome,
    /// The truth about it on each connection of the script.
    truths: Vec<&'e Truth>,
    /// The truth about it, and the record, on the last of them that received it.
    truth: &'e Truth,
    record: &'e Record,
    seen: &'e RequestOutcome,
    end: &'e End,
    /// Whether another request is open.
    has_company: bool,
    /// Whether the client can send a request again.
    can_retry: bool,
}

/// Whether a request other than this one is open.
fn others_are_open(played: &ClientOutcome, number: usize) -> bool {
    let mut requests = played.observation.requests.iter().enumerate();
    requests.any(|(other, request)| other != number && matches!(request.end, End::Open))
}

impl Exchange<'_> {
    fn mistake(&self, kind: MistakeKind, class: MistakeClass, law: Law, message: String) -> Option<Mistake> {
        Some(Mistake::new(kind, class, law, Some(self.number), message))
    }

    /// RFC 9110 §9.2.2: "A user agent SHOULD NOT automatically retry a request with a non-idempotent method unless it has
    /// some means to know that the request semantics are actually idempotent, regardless of the method, or some means to
    /// detect that the original request was never applied." RFC 9113 §8.7 gives those means. A peer that disowns what it
    /// has answered contradicts itself; then nothing is certain.
    fn run_twice(&self) -> Option<Mistake> {
        let (method, beyond) = (self.request.method(), self.outcome.beyond);
        if method.is_idempotent() || !self.outcome.may_have_run_twice(self.truths.iter().copied()) {
            return None;
        }
        let may_have_run = self.truths.iter().find(|truth| truth.stream.is_some() && !truth.is_unprocessed());
        let clause = may_have_run.unwrap_or(&self.truth).because.clause;
        let (class, fact) = match clause {
            _ if beyond > 1 => (MistakeClass::Fault, format!("a healthy server has received it {beyond} times")),
            Clause::Disowned => (MistakeClass::Choice, format!("the peer may have acted on the request ({clause})")),
            _ => (MistakeClass::Fault, format!("the peer may have acted on the request ({clause})")),
        };
        let message = format!("{fact}, but the {method} was sent again (RFC 9110 §9.2.2)");
        self.mistake(MistakeKind::RunTwice, class, Law::Safety, message)
    }

    /// A request whose error proves that it can be sent again, and a label that says something else than its error.
    fn given_up(&self, client: &dyn Client) -> Option<Mistake> {
        let (End::Failed(phase, error), promise) = (self.end, client.promise()) else { return None };
        if let Some(label) = self.outcome.label.as_ref().filter(|_| !promise.is_promised()) {
            let wrong = match client.stack() {
                Some(_) => {
                    let chain = Both.read(error.as_ref().as_ref());
                    let broken = broken_opinion(&label.opinion, &decide(&chain, *phase), None, true);
                    broken.map(|(law, message)| (law, format!("{} for {chain}: {message}", label.text)))
                }
                // Its errors have no types that can be read.
                None => safety::broken(&label.opinion, &self.truth.processed).map(|fact| {
                    (Law::Safety, format!("{fact} ({}), but it is {}", self.truth.because.clause, label.text))
                }),
            };
            if let Some((law, message)) = wrong {
                return self.mistake(MistakeKind::Mislabelled, MistakeClass::BrokenPromise, law, message);
            }
        }
        let gives_up = Opinion::Retry(false);
        // A call fails if there is no connection, unless it says that it waits for one (doc/wait-for-ready.md of grpc/grpc).
        let waits = !client.speaks_grpc() || !self.record.requests.is_empty();
        // Content that the application makes as it goes cannot be sent a second time.
        let can_be_repeated = self.request.body().end() == BodyEnd::Complete || self.outcome.attempts() == 0;
        let (said, kind, class) = match &self.outcome.label {
            Some(label) if !promise.is_promised() => {
                (&label.opinion, MistakeKind::Mislabelled, MistakeClass::BrokenPromise)
            }
            _ if promise.is_promised() && waits => (&gives_up, MistakeKind::NotRetried, MistakeClass::BrokenPromise),
            _ => (&gives_up, MistakeKind::NotRetried, MistakeClass::Choice),
        };
        let could_know = self.truth.is_known && self.outcome.attempts() <= 1;
        let is_judged = could_know && (self.can_retry && can_be_repeated || kind != MistakeKind::NotRetried);
        let fact = completeness::missed(said, &self.truth.processed, Advice::Retry).filter(|_| is_judged)?;
        let label = self.outcome.label.as_ref().map(|label| format!(": {}", label.text)).unwrap_or_default();
        let message = format!("{fact} ({}), but it is not sent again{label}", self.truth.because.clause);
        self.mistake(kind, class, Law::Completeness, message)
    }

    /// What is handed over.
    fn response(&self) -> Option<Mistake> {
        let (complete, failed) = (matches!(self.end, End::Complete), matches!(self.end, End::Failed(..)));
        if !self.outcome.met_the_script_alone() {
            return self.later_response().filter(|_| complete);
        }
        if failed && self.truth.complete == Certainty::Yes {
            let forbidden = self.was_told_to_stop();
            let class = if forbidden { MistakeClass::Fault } else { MistakeClass::Choice };
            let message = if forbidden {
                "its complete response is discarded because of RST_STREAM(NO_ERROR), and is an error (§8.1)"
            } else {
                "its response was complete, and is an error (§8.1)"
            };
            return self.mistake(MistakeKind::Discarded, class, Law::Liveness, message.into());
        }
        let (wrong, message) = integrity::wrong(self.seen, self.truth)?;
        if let Some(malformed) = self.malformed().filter(|_| wrong != integrity::Wrong::Hint) {
            let (what, clause) = (malformed.what(), malformed.clause);
            let message = format!("its response is malformed by {what} ({clause}), and is handed over (§8.1.1)");
            return self.mistake(MistakeKind::Malformed, MistakeClass::Fault, Law::Integrity, message);
        }
        if let Some(fault) = self.passed_over().filter(|_| wrong == integrity::Wrong::Cut) {
            return self.mistake(MistakeKind::Lenient, MistakeClass::Fault, Law::Integrity, taken_for_right(fault));
        }
        let (kind, class) = match wrong {
            integrity::Wrong::Cut => (MistakeKind::Truncated, MistakeClass::Fault),
            // RFC 9110 §6.5.1: "Trailer fields ought to be processed and stored separately", or can be discarded.
            integrity::Wrong::NoTrailers | integrity::Wrong::Hint => (MistakeKind::Altered, MistakeClass::Choice),
            integrity::Wrong::Other => (MistakeKind::Altered, MistakeClass::Fault),
        };
        self.mistake(kind, class, Law::Integrity, message)
    }

    /// What makes its response malformed, unless that is a lack of content.
    fn malformed(&self) -> Option<Ground> {
        let response = &self.truth.response;
        let is_short = response.announced.is_some_and(|announced| response.length() < announced as usize);
        self.truth.ended_by.filter(|ground| !is_short && ground.clause.makes_malformed() && ground.frame.is_some())
    }

    /// The fault that ended the request, if the peer has ended the response all the same, so that nothing is missing, and the
    /// client does not show that it has seen the fault.
    fn passed_over(&self) -> Option<Ground> {
        let ends = |frame: Frame| Some(frame.stream) == self.truth.stream && frame.ends_stream();
        let is_passed_over = |ground: &Ground| ground.is_fault() && !ground.clause.makes_malformed();
        self.truth
            .ended_by
            .filter(|ground| is_passed_over(ground) && !self.reacts() && peer_frames(self.record).any(ends))
    }

    /// A response that comes from a later attempt is that server's answer.
    fn later_response(&self) -> Option<Mistake> {
        let (answer, body) = (answer(self.number), &self.seen.body);
        if body == answer.as_bytes() || self.request.method() == Method::Head {
            return None;
        }
        let mixed = body.len() > answer.len() && body.ends_with(answer.as_bytes());
        let (kind, message) = if mixed {
            let first = body.len() - answer.len();
            (MistakeKind::Mixed, format!("{first} bytes of its first response stand before those of the second"))
        } else {
            (MistakeKind::Altered, format!("{} bytes are handed over, but {} were sent", body.len(), answer.len()))
        };
        self.mistake(kind, MistakeClass::Fault, Law::Integrity, message + " (§8.1)")
    }

    /// Whether the peer has reset its stream with NO_ERROR, which asks to stop the request and not to discard the
    /// response.
    fn was_told_to_stop(&self) -> bool {
        let is_it = |frame: Frame| {
            Some(frame.stream) == self.truth.stream && frame.view() == View::RstStream(ErrorCode::NO_ERROR)
        };
        peer_frames(self.record).any(is_it)
    }

    /// Whether the client has ended the connection or the request's stream.
    fn reacts(&self) -> bool {
        let ends = |frame: Frame| match frame.kind {
            FrameType::GOAWAY => true,
            FrameType::RST_STREAM => Some(frame.stream) == self.truth.stream,
            _ => false,
        };
        self.record.events.contains(&Event::ClientClosed) || self.record.client_frames().any(ends)
    }

    /// Whether the client has refused a promised stream. That may have been before it handled the next frame on it.
    fn refuses(&self) -> bool {
        let mut resets = self.record.client_frames().filter(|frame| frame.kind == FrameType::RST_STREAM);
        resets.any(|frame| !frame.stream.is_client_initiated())
    }

    /// Whether its complete response came before the end of the request, and neither side has reset the stream.
    fn still_uploads(&self) -> bool {
        let on_it = |frame: &Frame| Some(frame.stream) == self.truth.stream;
        let resets = |frame: Frame| on_it(&frame) && frame.kind == FrameType::RST_STREAM;
        let is_sent = self.record.client_frames().any(|frame| on_it(&frame) && frame.ends_stream());
        let is_reset = self.record.client_frames().any(resets) || peer_frames(self.record).any(resets);
        self.truth.complete == Certainty::Yes && !is_sent && !is_reset
    }

    /// A request that has ended by the frames, and one that a later server has answered.
    fn hang(&self) -> Option<Mistake> {
        let (open, alone) = (matches!(self.end, End::Open), self.outcome.met_the_script_alone());
        if self.truth.ended_by.is_some_and(|ground| ground.clause == Clause::FrameOnReservedStream) && self.refuses() {
            return None;
        }
        if let Some(fault) = self.truth.ended_by.filter(|ground| open && alone && ground.is_fault() && !self.reacts()) {
            return self.mistake(MistakeKind::Lenient, MistakeClass::Fault, Law::Liveness, taken_for_right(fault));
        }
        // No rule says that a client sends a request while another one is open.
        let waits = self.truth.stream.is_none() && self.truth.ended_by.is_none() && self.has_company;
        if alone && waits {
            return None;
        }
        let answered = !alone && self.request.body().end() == BodyEnd::Complete;
        let ended = (alone && self.truth.open == Certainty::No) || answered;
        let message = liveness::broken(open, ended)?;
        // A server may answer before it has the whole request (§8.1). No rule says that a client then gives up the rest.
        if ended && alone && self.still_uploads() {
            let message = format!("{message}: its response is complete, but its content is not sent");
            return self.mistake(MistakeKind::Hang, MistakeClass::Choice, Law::Liveness, message);
        }
        let why = match self.truth.ended_by {
            _ if !alone => ": its second attempt was answered".into(),
            Some(ground) => format!(": {} ({}) has ended it", ground.what(), ground.clause),
            None => String::new(),
        };
        self.mistake(MistakeKind::Hang, MistakeClass::Fault, Law::Liveness, format!("{message}{why}"))
    }
}

fn taken_for_right(fault: Ground) -> String {
    format!("{} ({}) is an error, and the client takes it for right", fault.what(), fault.clause)
}

impl Mistake {
    fn new(kind: MistakeKind, class: MistakeClass, law: Law, request: Option<usize>, message: String) -> Mistake {
        Mistake { kind, class, law, request, message, of_its_stack: false }
    }

    /// Whether it is the client's own, and more than a choice.
    pub fn counts(&self) -> bool {
        !self.of_its_stack && self.class != MistakeClass::Choice
    }
}

impl MistakeKind {
    /// Whether it is that something did not happen in time, as it also does not on a busy machine.
    pub fn is_absence(self) -> bool {
        matches!(self, MistakeKind::Hang | MistakeKind::Lenient | MistakeKind::NotRetried)
    }

    /// The name in words.
    pub fn name(self) -> &'static str {
        match self {
            MistakeKind::RunTwice => "run twice",
            MistakeKind::Truncated => "truncated",
            MistakeKind::Malformed => "malformed",
            MistakeKind::Mixed => "mixed",
            MistakeKind::Altered => "altered",
            MistakeKind::Discarded => "discarded",
            MistakeKind::Hang => "hang",
            MistakeKind::Lenient => "lenient",
            MistakeKind::NotRetried => "not retried",
            MistakeKind::Storm => "storm",
            MistakeKind::Crashed => "crashed",
            MistakeKind::Mislabelled => "mislabelled",
            MistakeKind::Misconduct => "misconduct",
        }
    }
}

impl fmt::Display for MistakeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl fmt::Display for MistakeClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            MistakeClass::Fault => "fault",
            MistakeClass::BrokenPromise => "broken promise",
            MistakeClass::Choice => "choice",
        })
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whose = self.request.map_or_else(|| "the connection".into(), |number| format!("request {number}"));
        write!(f, "{whose}: {}: {}", self.kind, self.message)
    }
}
