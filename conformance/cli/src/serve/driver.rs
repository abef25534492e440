//! A client behind a driver: a process that takes requests and tells what became of them, one JSON object on a line.

use super::{
    ServeArguments,
    driver_process::{DriverProcess, lock},
    messages::{Happened, HowEnded, Order, OrderedBody, Transport, Welcome, What},
    process::{TemporaryFile, words},
};
use crate::UsageError;
use conformance::{
    classifiers::Opinion,
    client_driver::{
        Afterwards, Client, ClientInstance, Clock, Endpoint, ErrorLabel, Failure, Reach, Received, ResponseFuture,
        Retries,
    },
    judge::{ClientJudge, ClientJudgement},
    oracles::clients::{Mistake, MistakeClass},
    rfc9113::Certainty,
    scenarios::parse,
    stacks::{BoxError, End, Head, IssuedRequest, Part},
    vocabulary::Phase,
};
use futures_util::stream;
use sha2::{Digest, Sha256};
use std::{
    collections::BTreeMap,
    future::Future,
    io,
    pin::Pin,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::sync::mpsc::UnboundedReceiver;

/// A client behind a driver.
pub(super) struct Driver {
    words: Vec<String>,
    certificate: Option<TemporaryFile>,
    welcome: Welcome,
    reach: Reach,
    promise: Retries,
    patience: Duration,
    /// The processes that wait for a script.
    idle: Arc<Mutex<Vec<DriverProcess>>>,
}

impl Driver {
    /// Starts the driver once, to learn what it is.
    pub(super) fn new(command: &str, wanted: Option<Reach>, arguments: &ServeArguments) -> Result<Driver, UsageError> {
        let words = words(command)?;
        let certificate = certificate()?;
        let process = DriverProcess::start(&words, certificate.as_ref())
            .map_err(|error| UsageError(format!("the driver `{command}` cannot be used: {error}")))?;
        let welcome = process.welcome().clone();
        let can = |reach: Reach| welcome.transport.iter().any(|transport| transport.reach() == Some(reach));
        let all = Transport::ALL.iter().filter_map(|transport| transport.reach());
        let reach = all.into_iter().find(|reach| can(*reach) && wanted.is_none_or(|wanted| wanted == *reach));
        let reach = reach.ok_or_else(|| {
            let client = &welcome.client;
            UsageError(format!("{client} cannot be reached as asked: its driver says {:?}", welcome.transport))
        })?;
        let promise = if welcome.retries { Retries::Automatic } else { arguments.promise() };
        let (patience, idle) = (arguments.patience(), Arc::new(Mutex::new(vec![process])));
        let driver = Driver { words, certificate, welcome, reach, promise, patience, idle };
        driver.control()?;
        Ok(driver)
    }

    /// Plays exchanges in which nothing goes wrong, so that a mistake of the driver is not taken for one of its client.
    fn control(&self) -> Result<(), UsageError> {
        let judge = ClientJudge::default();
        for control in parse("controls", include_str!("controls.toml"))? {
            let ClientJudgement { played, models, mistakes, .. } = judge.judge(self, &control.script)?;
            let is_open = played.observation.requests.iter().any(|request| matches!(request.end, End::Open));
            let counts = |mistake: &&Mistake| !control.expect.is_empty() && mistake.class != MistakeClass::Choice;
            let wrong = mistakes.iter().find(counts).map(ToString::to_string);
            let wrong = wrong.or_else(|| is_open.then(|| "a request does not end".into()));
            // In gRPC, an answer without a status of gRPC is none.
            let is_answered = |number: usize| {
                let on = played.requests[number].last_scripted();
                models[on].truths[number].complete == Certainty::Yes
            };
            let mut ended = played.observation.requests.iter().enumerate();
            let failed = ended.any(|(number, request)| is_answered(number) && !matches!(request.end, End::Complete));
            let wrong = wrong.or_else(|| failed.then(|| "a request that is answered does not get its response".into()));
            if let Some(wrong) = wrong.filter(|_| played.unplayable.is_empty()) {
                let (client, name, about) = (&self.welcome.client, control.name, control.about);
                return Err(UsageError(format!(
                    "the driver of {client} fails where nothing goes wrong, so it cannot be used: {name}: {wrong}. {about}"
                )));
            }
        }
        Ok(())
    }
}

impl Transport {
    /// In the order in which they are taken.
    const ALL: [Transport; 2] = [Transport::H2c, Transport::Tls];

    fn reach(self) -> Option<Reach> {
        match self {
            Transport::H2c => Some(Reach::PriorKnowledge),
            #[cfg(feature = "tls")]
            Transport::Tls => Some(Reach::Tls),
            #[cfg(not(feature = "tls"))]
            Transport::Tls => None,
        }
    }
}

/// The file with the certificate of the servers.
#[cfg(feature = "tls")]
fn certificate() -> io::Result<Option<TemporaryFile>> {
    let certificate = conformance::client_driver::loopback::own_certificate()?;
    TemporaryFile::new(certificate.as_bytes()).map(Some)
}

#[cfg(not(feature = "tls"))]
fn certificate() -> io::Result<Option<TemporaryFile>> {
    Ok(None)
}

impl Client for Driver {
    fn name(&self) -> &str {
        &self.welcome.client
    }

    fn promise(&self) -> Retries {
        self.promise
    }

    fn reach(&self) -> Reach {
        self.reach
    }

    fn speaks_grpc(&self) -> bool {
        self.welcome.grpc
    }

    fn is_led(&self) -> bool {
        false
    }

    fn cancels(&self) -> bool {
        self.welcome.cancels
    }

    fn clock(&self) -> Clock {
        Clock::Real { patience: self.patience }
    }

    fn instance(&self, endpoint: &Endpoint) -> Result<Box<dyn ClientInstance>, BoxError> {
        let idle = lock(&self.idle).pop();
        let process = idle.map_or_else(|| DriverProcess::start(&self.words, self.certificate.as_ref()), Ok)?;
        Ok(Box::new(Instance {
            process: Some(process),
            origin: endpoint.url().to_owned(),
            sent: Mutex::default(),
            received: Arc::default(),
            unplayable: Arc::default(),
            idle: self.idle.clone(),
        }))
    }
}

/// The client of one script. Its process waits for the next one if it has told the end of every request.
struct Instance {
    process: Option<DriverProcess>,
    origin: String,
    /// The numbers by which the driver knows the requests, by those of the script.
    sent: Mutex<BTreeMap<usize, u64>>,
    received: Arc<Mutex<BTreeMap<usize, Received>>>,
    unplayable: Arc<Mutex<Vec<usize>>>,
    idle: Arc<Mutex<Vec<DriverProcess>>>,
}

impl Drop for Instance {
    fn drop(&mut self) {
        let reset = Order::Reset { reset: true };
        let is_free = |process: &DriverProcess| process.owes_nothing() && process.order(&reset).is_ok();
        lock(&self.idle).extend(self.process.take().filter(is_free));
    }
}

impl ClientInstance for Instance {
    fn send(&self, request: &IssuedRequest) -> ResponseFuture {
        let number = request.number();
        let none = Received { size: 0, digest: digest(&[]), digest_of: digest, hides_fields: true };
        lock(&self.received).insert(number, none);
        let url = format!("{}/{number}", self.origin);
        let body = OrderedBody::new(number, request);
        let (method, headers) = (request.method().name(), request.headers());
        let sent = self
            .process
            .as_ref()
            .map(|process| process.request(|id| Order::Send { id, url, method, headers, body, trailers: &[] }));
        let sent = sent.map(|(id, events)| {
            lock(&self.sent).insert(number, id);
            events
        });
        let (received, unplayable) = (self.received.clone(), self.unplayable.clone());
        let mut events = Events { number, from: sent, received, unplayable };
        Box::pin(async move {
            let failed = |error: BoxError, label| Failure { phase: Phase::Head, error, label };
            let head = |status, headers| Head { status, headers, hint: None };
            match events.next().await.map_err(|died| failed(died.into(), None))? {
                What::Head { status, headers, .. } => {
                    let head = head(status, headers.unwrap_or_default());
                    Ok((Some(head), Box::pin(stream::unfold(Some(events), Events::part)) as _))
                }
                What::End { end: HowEnded::Complete, status, trailers, .. } => {
                    let trailers = (!trailers.is_empty()).then(|| Ok(Part::Trailers(trailers)));
                    Ok((status.map(|status| head(status, Vec::new())), Box::pin(stream::iter(trailers)) as _))
                }
                What::End { error, retryable, .. } => Err(failed(Told(error).into(), retryable.map(label))),
                What::Unplayable { .. } => Err(failed(Told("it cannot be sent".into()).into(), None)),
            }
        })
    }

    fn cancel(&self, number: usize) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        let id = lock(&self.sent).get(&number).copied();
        let happened = self.process.as_ref().zip(id).and_then(|(process, id)| process.cancel(id));
        Box::pin(async move {
            let Some(mut happened) = happened else { return };
            // Its application no longer cares for it, up to its end.
            while happened.recv().await.is_some() {}
        })
    }

    fn afterwards(&self) -> Afterwards {
        Afterwards {
            unplayable: lock(&self.unplayable).clone(),
            crashed: self.process.as_ref().and_then(DriverProcess::crash),
            received: lock(&self.received).clone(),
        }
    }
}

/// The client's own word on a failed request.
fn label(retryable: bool) -> ErrorLabel {
    let text = if retryable { "called retryable" } else { "called not retryable" };
    ErrorLabel { text: text.into(), opinion: Opinion::Unprocessed(retryable) }
}

/// What happens to a request, event by event.
struct Events {
    number: usize,
    from: Option<UnboundedReceiver<Happened>>,
    received: Arc<Mutex<BTreeMap<usize, Received>>>,
    unplayable: Arc<Mutex<Vec<usize>>>,
}

impl Events {
    async fn next(&mut self) -> Result<What, Told> {
        let happened = match &mut self.from {
            Some(from) => from.recv().await,
            None => None,
        };
        let happened = happened.ok_or_else(|| Told("the driver has ended".into()))?;
        match &happened.what {
            What::Head { headers, .. } => self.note(|received| received.hides_fields = headers.is_none()),
            What::End { .. } => self.note(|received| {
                received.size = happened.body_size;
                received.digest = happened.body_digest.as_deref().map_or_else(|| digest(&[]), from_hexadecimal);
            }),
            What::Unplayable { .. } => lock(&self.unplayable).push(self.number),
        }
        Ok(happened.what)
    }

    fn note(&self, change: impl FnOnce(&mut Received)) {
        if let Some(received) = lock(&self.received).get_mut(&self.number) {
            change(received);
        }
    }

    /// The next part of the response behind its head. The content itself is not told.
    async fn part(events: Option<Events>) -> Option<(Result<Part, BoxError>, Option<Events>)> {
        let mut events = events?;
        match events.next().await {
            Ok(What::End { end: HowEnded::Complete, trailers, .. }) => {
                (!trailers.is_empty()).then(|| (Ok(Part::Trailers(trailers)), None))
            }
            Ok(What::End { error, .. }) => Some((Err(Told(error).into()), None)),
            Ok(What::Head { .. } | What::Unplayable { .. }) => Some((Err(Told("a second head".into()).into()), None)),
            Err(died) => Some((Err(died.into()), None)),
        }
    }
}

/// An error of a client, in its own words.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Told(String);

fn digest(content: &[u8]) -> Vec<u8> {
    Sha256::digest(content).to_vec()
}

/// The bytes that these digits stand for; none if they are no digits.
fn from_hexadecimal(digits: &str) -> Vec<u8> {
    let pair = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    digits.as_bytes().chunks(2).map(pair).collect::<Option<_>>().unwrap_or_default()
}
