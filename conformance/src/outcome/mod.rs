//! The outcome of a script on one stack, without the versions of the stack's types. The laws compare outcomes.

mod digest;
mod side_result;

pub use digest::digest;
pub use side_result::SideResult;

use crate::{
    chain::{Chain, H2Link, Origin, Scope},
    classifiers::{ChainClassifier, Verdict},
    http2::{ErrorCode, StreamId, View, hpack::Field},
    peer::Record,
    rfc9113::Model,
    stacks::{BodyHint, End, Observation, ObservedRequest},
    vocabulary::{Phase, StackName},
};
use std::fmt;

/// The outcome of one script on one stack.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Outcome {
    /// The outcome of each request.
    pub requests: Vec<RequestOutcome>,
    /// The streams that the client reset, with their error codes, in order.
    pub resets: Vec<(StreamId, ErrorCode)>,
    /// The error codes of the GOAWAY frames that the client sent, in order.
    pub goaways: Vec<ErrorCode>,
}

/// The outcome of one request.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RequestOutcome {
    /// The phase that the request reached.
    pub phase: Phase,
    /// The status of the response.
    pub status: Option<u16>,
    /// The header fields of the response.
    pub headers: Vec<Field>,
    /// What the body said about itself when the head was handed over.
    pub hint: Option<BodyHint>,
    /// The content that the application received.
    pub body: Vec<u8>,
    /// The trailers that the application received.
    pub trailers: Option<Vec<Field>>,
    /// Whether the client wrote the request's whole field block.
    pub written: bool,
    /// How the request ended.
    pub end: OutcomeEnd,
}

/// How a request ended.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum OutcomeEnd {
    /// The request did not end.
    Open,
    /// The application received a response and was told that it is complete.
    Complete,
    /// The application cancelled the request before it had ended.
    Cancelled,
    /// The request failed, with this error chain and verdict.
    Failed(Chain, Verdict),
}

impl Outcome {
    /// The outcome of an observation. The classifier reads its errors.
    pub fn new(observation: &Observation, classifier: &ChainClassifier) -> Outcome {
        let record = &observation.record;
        let requests = observation.requests.iter().enumerate();
        let (resets, goaways) = shutdowns(record);
        Outcome {
            requests: requests
                .map(|(number, observed)| RequestOutcome::new(observed, record.stream_of(number).is_some(), classifier))
                .collect(),
            resets,
            goaways,
        }
    }
}

fn shutdowns(record: &Record) -> (Vec<(StreamId, ErrorCode)>, Vec<ErrorCode>) {
    let (mut resets, mut goaways) = (Vec::new(), Vec::new());
    for frame in record.client_frames() {
        match frame.view() {
            View::RstStream(code) => resets.push((frame.stream, code)),
            View::GoAway { code, .. } => goaways.push(code),
            _ => {}
        }
    }
    (resets, goaways)
}

impl RequestOutcome {
    fn new(observed: &ObservedRequest, written: bool, classifier: &ChainClassifier) -> RequestOutcome {
        let reached = match (&observed.trailers, &observed.head) {
            (Some(_), _) => Phase::Trailers,
            (None, Some(_)) => Phase::Body,
            (None, None) => Phase::Head,
        };
        let (phase, end) = match &observed.end {
            End::Open => (reached, OutcomeEnd::Open),
            End::Complete => (reached, OutcomeEnd::Complete),
            End::Cancelled => (reached, OutcomeEnd::Cancelled),
            End::Failed(phase, error) => {
                let chain = classifier.reader.read(error.as_ref().as_ref());
                let verdict = (classifier.decide)(&chain, *phase);
                (*phase, OutcomeEnd::Failed(chain, verdict))
            }
        };
        RequestOutcome {
            phase,
            status: observed.head.as_ref().map(|head| head.status),
            headers: observed.head.as_ref().map(|head| head.headers.clone()).unwrap_or_default(),
            hint: observed.head.as_ref().and_then(|head| head.hint),
            body: observed.body.clone(),
            trailers: observed.trailers.clone(),
            written,
            end,
        }
    }

    /// The kind of this outcome. A run counts how often the generators reach each kind.
    pub fn kind(&self) -> Kind {
        let chain = match &self.end {
            OutcomeEnd::Open => return Kind::Open,
            OutcomeEnd::Complete => return Kind::Complete,
            OutcomeEnd::Cancelled => return Kind::Dropped,
            OutcomeEnd::Failed(..) if !self.written => return Kind::NeverWritten,
            OutcomeEnd::Failed(chain, _) => chain,
        };
        match chain.h2() {
            Some(H2Link { origin: Origin::Remote, scope: Scope::Connection, .. }) => Kind::RemoteGoaway,
            Some(H2Link { origin: Origin::Remote, .. }) => Kind::RemoteReset,
            Some(H2Link { origin: Origin::Library, scope: Scope::Connection, .. }) => Kind::LocalConnectionError,
            Some(H2Link { origin: Origin::Library, .. }) => Kind::LocalStreamError,
            Some(H2Link { scope: Scope::Transport, .. }) => Kind::Io,
            Some(_) => Kind::Canceled,
            None if chain.io().is_some() || chain.hyper().is_some_and(|hyper| hyper.timeout) => Kind::Io,
            None => Kind::Canceled,
        }
    }

    /// The error chain, if the request failed.
    pub fn chain(&self) -> Option<&Chain> {
        match &self.end {
            OutcomeEnd::Failed(chain, _) => Some(chain),
            _ => None,
        }
    }

    /// The verdict, if the request failed.
    pub fn verdict(&self) -> Option<&Verdict> {
        match &self.end {
            OutcomeEnd::Failed(_, verdict) => Some(verdict),
            _ => None,
        }
    }
}

/// The kind of a request's outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// The request failed before its whole field block was written.
    NeverWritten,
    /// The response is complete.
    Complete,
    /// The peer's GOAWAY ended the request.
    RemoteGoaway,
    /// The peer's RST_STREAM ended the request.
    RemoteReset,
    /// The client ended the connection because of a fault of the peer.
    LocalConnectionError,
    /// The client ended the stream because of a fault of the peer.
    LocalStreamError,
    /// The transport failed, or the peer stopped answering.
    Io,
    /// The client's own side cancelled the request.
    Canceled,
    /// The application cancelled the request.
    Dropped,
    /// The request did not end.
    Open,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Kind::NeverWritten => "never written",
            Kind::Complete => "complete",
            Kind::RemoteGoaway => "remote GOAWAY",
            Kind::RemoteReset => "remote RST_STREAM",
            Kind::LocalConnectionError => "local connection error",
            Kind::LocalStreamError => "local stream error",
            Kind::Io => "io",
            Kind::Canceled => "canceled",
            Kind::Dropped => "dropped",
            Kind::Open => "open",
        })
    }
}

/// One side of a comparison: the observation, and the outcome and model derived from it.
#[derive(Debug)]
pub struct Side {
    /// The stack.
    pub stack: StackName,
    /// What the application saw.
    pub observation: Observation,
    /// The observation without the versions of the stack's types.
    pub outcome: Outcome,
    /// What RFC 9113 says about the bytes that crossed the transport.
    pub model: Model,
}
