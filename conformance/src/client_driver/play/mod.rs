//! Plays scripts to clients, as `stacks::drive` does to a bare stack.
//!
//! A client has its own tasks and timers, and perhaps sockets, so it runs on a tokio runtime, whose clock stands still
//! until the script lets time pass. The driver advances the peer when nothing happens any more: it yields to all other
//! tasks and to the sockets until a number of rounds pass without activity. On the loopback interface, written bytes
//! have arrived when the write returns, so there is nothing to wait for.
//!
//! A client with threads or a process of its own runs in real time. There the driver waits for what it expects, such as
//! that a request is written, and then until nothing has happened for a while.

mod real_time;

use super::{
    Afterwards, Client, ClientInstance, ClientOutcome, ClientRequestOutcome, Clock, Connections, Endpoint, Failure,
    Later, Reach, loopback,
};
use crate::{
    http2::{ErrorCode, Frame, StreamId},
    peer::{Event, Pause, Peer, Record, lock},
    script::{BodyEnd, Method, Reads, Request, Script, Step},
    stacks::{
        BoxError, End, Observation, ObservedRequest,
        drive::exchange,
        modern::later_server::Answer,
        pace::Paces,
        panics::{catch, record_stack_panics, watch},
    },
};
use futures_util::TryFutureExt;
use std::{
    future::pending,
    io,
    iter::once,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{
    runtime::Builder,
    task::{AbortHandle, JoinSet, yield_now},
    time::{Instant, sleep, timeout},
};

/// Plays scripts to clients, one after the other.
#[derive(Clone, Copy, Debug, Default)]
pub struct ClientDriver {
    /// What a request meets that the client sends again.
    pub later: Later,
    /// Whether the later connections of the script only [repeat](Script::again) the first. In real time, all that is awaited
    /// there in vain together takes no longer than the client's patience.
    pub repeats: bool,
}

/// Why a client cannot be driven.
#[derive(Debug, thiserror::Error)]
pub enum ClientDriverError {
    /// The operating system provides no runtime or no socket.
    #[error("the client cannot be driven: {0}")]
    Io(#[from] io::Error),
    /// The client cannot be made.
    #[error("the client {0} cannot be made: {1}")]
    Client(String, BoxError),
}

impl ClientDriver {
    /// A driver with healthy servers behind the script's peer.
    pub const HEALTHY: ClientDriver = ClientDriver { later: Later::Healthy, repeats: false };
    /// A driver with servers behind the script's peer that refuse every request.
    pub const REFUSING: ClientDriver = ClientDriver { later: Later::Refusing, repeats: false };
    /// A driver for [repeated](Script::again) scripts, with healthy servers behind the script's peer.
    pub const REPEATING: ClientDriver = ClientDriver { later: Later::Healthy, repeats: true };

    /// Plays a script to a client.
    ///
    /// # Errors
    ///
    /// If no runtime or no socket is available, or the client cannot be made.
    pub fn play(self, client: &dyn Client, script: &Script) -> Result<ClientOutcome, ClientDriverError> {
        self.play_at(client, script, async |connections| match client.reach() {
            Reach::Memory => Ok(Endpoint::memory(connections)),
            Reach::PriorKnowledge => loopback::listen(connections).await,
            #[cfg(feature = "tls")]
            Reach::Tls => loopback::listen_with_tls(connections).await,
        })
    }

    /// Plays a script to a client at the endpoint that `endpoint` makes.
    ///
    /// # Errors
    ///
    /// As [`ClientDriver::play`].
    pub fn play_at(
        self,
        client: &dyn Client,
        script: &Script,
        endpoint: impl AsyncFnOnce(Arc<Connections>) -> io::Result<Endpoint>,
    ) -> Result<ClientOutcome, ClientDriverError> {
        record_stack_panics();
        // Every script has its own runtime, so that tasks which a client leaves behind end with it.
        let runtime = Builder::new_current_thread()
            .enable_all()
            .start_paused(client.clock() == Clock::Virtual)
            // All tasks run before the driver does again.
            .event_interval(u32::MAX)
            .build()?;
        let (mut endpoint, mut outcome) = (Some(endpoint), None);
        let (logged, panic) = watch(|| {
            let logged = client.record_log(&mut || {
                let playing = endpoint.take().map(|endpoint| play(client, script, endpoint, self));
                outcome = playing.map(|playing| runtime.block_on(playing));
            });
            // Tasks that are left behind may panic as they are dropped.
            drop(runtime);
            logged
        });
        let outcome = outcome.ok_or_else(|| io::Error::other("the client's log was recorded without a play"))?;
        let mut outcome = ClientOutcome { logged, ..outcome? };
        outcome.observation.panics.extend(panic);
        Ok(outcome)
    }
}

async fn play(
    client: &dyn Client,
    script: &Script,
    endpoint: impl AsyncFnOnce(Arc<Connections>) -> io::Result<Endpoint>,
    ClientDriver { later, repeats }: ClientDriver,
) -> Result<ClientOutcome, ClientDriverError> {
    let later = if later == Later::Healthy && client.speaks_grpc() { Later::HealthyInGrpc } else { later };
    let (mut peer, transports) = Peer::following(script);
    let connections = Connections::new(transports, later);
    let endpoint = endpoint(connections.clone()).await?;
    let instance = catch(|| client.instance(&endpoint)).unwrap_or_else(|panic| Err(panic.into()));
    let instance = instance.map_err(|error| ClientDriverError::Client(client.name().into(), error))?;
    let requests: Vec<&Request> = script.requests().collect();
    let mut play = Play {
        client: Some(instance),
        connections,
        later,
        repeats,
        waited_later: Duration::ZERO,
        spinning: false,
        given_up: usize::MAX,
        apart: Vec::new(),
        lacks_stream: false,
        clock: client.clock(),
        in_memory: endpoint.connections.is_some(),
        observed: Arc::new(Mutex::new(vec![ObservedRequest::default(); requests.len()])),
        outcomes: Arc::new(Mutex::new(vec![ClientRequestOutcome::default(); requests.len()])),
        ended: Arc::default(),
        tasks: JoinSet::new(),
        issued: Vec::new(),
        paces: Paces::of(requests.iter().copied()),
        afterwards: Afterwards::default(),
    };
    loop {
        match peer.advance() {
            // What is left is on connections that the client has no reason to open.
            Pause::Idle | Pause::Expect | Pause::Pass(_) if play.is_over(&peer) => break play.until_quiet(&peer).await,
            Pause::Issue(number) => {
                play.issue(number, requests[number].clone());
                play.wait_for_request(&mut peer, number).await;
                if number == 0 {
                    // The next steps are meant for the same connection. Until there is one, a pool would open more.
                    play.until_quiet(&peer).await;
                }
            }
            Pause::Cancel(number) => play.cancel(number, &peer).await,
            Pause::Read(number, bytes) => play.paces.read_more(number, bytes),
            Pause::Feed(number, bytes, end) => play.paces.feed(number, bytes, end),
            Pause::DropClient => play.drop_client(),
            Pause::RefuseConnections => play.connections.refuse(),
            Pause::Idle => play.until_quiet(&peer).await,
            Pause::Expect => {
                play.wait_for_awaited(&peer).await;
                play.until_quiet(&peer).await;
                play.let_come_back(&peer).await;
                if play.clock != Clock::Virtual && !peer.has_awaited() {
                    play.lacks_stream |= peer.leave_out_unopened() && !play.all_ended();
                }
                peer.check_expected();
            }
            Pause::Pass(time) => {
                play.until_quiet(&peer).await;
                sleep(time).await;
                play.until_quiet(&peer).await;
            }
            Pause::End => break play.until_quiet(&peer).await,
        }
    }
    if !play.may_rest(script, &peer) {
        play.let_retry(&mut peer).await;
    }
    let unplayable = unplayable(client, script);
    Ok(play.finish(peer, script, unplayable))
}

/// The virtual time for retries after the script: more than all pauses between a client's attempts.
const BACK_OFF: Duration = Duration::from_secs(60);

/// The number of rounds without activity after which no more is expected. A task that is woken runs in the same round.
const QUIET_IN_MEMORY: usize = 8;
/// The same on sockets: written bytes are read in the next round, and the system may be busy.
const QUIET_ON_SOCKETS: usize = 256;

/// The number of rounds with activity after which a client that does not rest is left alone.
const BUSY: usize = 100_000;

/// The number of further attempts on the script's connection that are answered.
const MOST_ATTEMPTS: usize = 100;

/// The indices of the steps that cannot be played to this client: those that need a transport in memory, or virtual
/// time, or that the driver leads the application or cancels a request, or are no calls of a gRPC client, and its own.
pub fn unplayable(client: &dyn Client, script: &Script) -> Vec<usize> {
    let steps = script.steps().iter().enumerate();
    let needs_more = |step: &Step| match step {
        Step::FailRead(_) | Step::FailWrite { .. } => client.reach() != Reach::Memory,
        Step::RefuseConnections => client.reach() != Reach::Memory,
        Step::Cancel(_) => !client.cancels(),
        Step::DropClient => !client.is_led(),
        Step::Feed { .. } => client.speaks_grpc() || !client.is_led(),
        Step::Request(request) if request.is_connect() => true,
        Step::Request(request) if request.read() != Reads::All => client.speaks_grpc() || !client.is_led(),
        Step::Request(request) if !request.trailers().is_empty() && !client.sends_trailers() => true,
        Step::Request(request) => {
            client.speaks_grpc() && (request.method() == Method::Head || request.body().end() == BodyEnd::Fails)
        }
        Step::Pass(time) => client.clock() != Clock::Virtual && Duration::from_millis((*time).into()) > Clock::LONGEST,
        _ => false,
    };
    let needs_more = steps.filter(|(_, step)| needs_more(step)).map(|(index, _)| index);
    needs_more.chain(client.unplayable(script)).collect()
}

/// How often the driver looks in real time.
const LOOK: Duration = Duration::from_millis(2);
/// In real time: the number of looks without activity after which no more is expected.
const QUIET_IN_REAL_TIME: usize = 10;

/// A running script.
struct Play {
    /// None once its application has dropped it.
    client: Option<Box<dyn ClientInstance>>,
    afterwards: Afterwards,
    connections: Arc<Connections>,
    later: Later,
    repeats: bool,
    /// How long it has waited on later connections.
    waited_later: Duration,
    clock: Clock,
    in_memory: bool,
    /// Whether the client has kept itself busy until the driver gave up.
    spinning: bool,
    /// The index of the first connection that the peer no longer waits for.
    given_up: usize,
    /// The numbers of the requests that the client does not send on the connection of the others.
    apart: Vec<usize>,
    /// Whether the script goes on with a stream that the client never opened, while a request is open.
    lacks_stream: bool,
    observed: Arc<Mutex<Vec<ObservedRequest>>>,
    outcomes: Arc<Mutex<Vec<ClientRequestOutcome>>>,
    ended: Arc<Mutex<Vec<Event>>>,
    tasks: JoinSet<()>,
    /// When each request was issued, and its task.
    issued: Vec<(Instant, AbortHandle)>,
    paces: Paces,
}

impl Play {
    fn issue(&mut self, number: usize, request: Request) {
        let Some(client) = &self.client else { return };
        let request = self.paces.issue(number, request);
        // The panic is recorded.
        let response = catch(|| client.send(&request)).unwrap_or_else(|_| Box::pin(pending()));
        let issued = Instant::now();
        let (failed, ended) = (self.outcomes.clone(), self.outcomes.clone());
        let response = response.map_err(move |Failure { phase, error, label }| {
            lock(&failed)[number].label = label;
            (phase, error)
        });
        let reader = self.paces.reader(number);
        let exchange = exchange(number, response, reader, self.observed.clone(), self.ended.clone());
        let task = self.tasks.spawn(async move {
            exchange.await;
            lock(&ended)[number].took = Some(issued.elapsed());
        });
        self.issued.push((issued, task));
    }

    /// Drops the client while its requests run.
    fn drop_client(&mut self) {
        if let Some(client) = self.client.take() {
            self.afterwards = client.afterwards();
            // The panic is recorded.
            let _ = catch(|| drop(client));
        }
    }

    /// Drops the future of an open request. In real time, waits until the client has cancelled it.
    async fn cancel(&mut self, number: usize, peer: &Peer<'_>) {
        let Some((issued, task)) = self.issued.get(number) else { return };
        self.note_ends(peer);
        if lock(&self.outcomes)[number].took.is_some() {
            return;
        }
        lock(&self.outcomes)[number].took = Some(issued.elapsed());
        task.abort();
        lock(&self.observed)[number].end = End::Cancelled;
        peer.note(Event::Cancelled(number));
        if let (Clock::Real { patience }, Some(client)) = (self.clock, &self.client) {
            // One that does not end is like one that takes its time.
            let _ = timeout(patience, client.cancel(number)).await;
            self.until_quiet(peer).await;
        }
    }

    /// Whether all requests have ended, and the script goes on where the client did not connect.
    fn is_over(&self, peer: &Peer<'_>) -> bool {
        let is_issued = self.issued.len() == lock(&self.outcomes).len();
        peer.connection() >= self.connections.count().max(1) && is_issued && self.all_ended()
    }

    /// Whether every request that was issued has ended.
    fn all_ended(&self) -> bool {
        lock(&self.outcomes)[..self.issued.len()].iter().all(|request| request.took.is_some())
    }

    /// Adds to the record what the application has seen.
    fn note_ends(&self, peer: &Peer<'_>) {
        for event in lock(&self.ended).drain(..) {
            peer.note(event);
        }
    }

    /// Waits until nothing happens any more.
    async fn until_quiet(&mut self, peer: &Peer<'_>) {
        let quiet = match self.clock {
            Clock::Virtual if self.in_memory => QUIET_IN_MEMORY,
            Clock::Virtual => QUIET_ON_SOCKETS,
            Clock::Real { .. } => QUIET_IN_REAL_TIME,
        };
        let (mut before, mut rounds, mut left) = (self.activity(peer), 0, BUSY);
        let begun = Instant::now();
        while rounds < quiet && !self.spinning {
            // A client that is never quiet is left to what comes next.
            if matches!(self.clock, Clock::Real { patience } if begun.elapsed() > patience) {
                break;
            }
            match self.clock {
                Clock::Virtual => yield_now().await,
                Clock::Real { .. } => sleep(LOOK).await,
            }
            left -= 1;
            self.spinning = left == 0;
            self.note_ends(peer);
            let now = self.activity(peer);
            rounds = if now == before { rounds + 1 } else { 0 };
            before = now;
        }
        // On sockets, the system may still have something for the client; in real time, its threads have.
        if self.in_memory && self.clock == Clock::Virtual && !self.spinning {
            peer.rests();
        }
    }

    /// Lets time pass until the client has written on a later connection what the peer awaits. It may pause before it
    /// opens one.
    async fn let_come_back(&mut self, peer: &Peer<'_>) {
        if peer.connection() == 0 || peer.has_awaited() || self.is_given_up(peer) {
            return;
        }
        let begun = Instant::now();
        let waits = |play: &Play| !peer.has_awaited() && !play.all_ended() && !play.spinning;
        while self.clock == Clock::Virtual && waits(self) && begun.elapsed() < BACK_OFF {
            sleep(Duration::from_secs(1)).await;
            self.until_quiet(peer).await;
        }
        if self.connections.count() <= peer.connection() {
            self.given_up = peer.connection();
        }
    }

    /// Whether the peer has waited in vain for this connection, or for an earlier one.
    fn is_given_up(&self, peer: &Peer<'_>) -> bool {
        peer.connection() >= self.given_up
    }

    /// Lets time pass for further attempts. An attempt on the script's connection meets there what it would meet on a
    /// later one.
    async fn let_retry(&mut self, peer: &mut Peer<'_>) {
        let (mut met, begun) = (Vec::new(), Instant::now());
        let (back_off, pause) = match self.clock {
            Clock::Virtual => (BACK_OFF, Duration::from_secs(1)),
            Clock::Real { patience } => (patience, LOOK),
        };
        while begun.elapsed() < back_off && !self.spinning && !self.all_ended() {
            sleep(pause).await;
            self.until_quiet(peer).await;
            // A client that is refused may come back at once.
            while met.len() < MOST_ATTEMPTS && self.meet(peer, &mut met) {
                self.until_quiet(peer).await;
            }
        }
    }

    /// Answers or refuses the further attempts on the script's connection, and adds their streams to `met`. Returns
    /// whether there was one.
    fn meet(&self, peer: &mut Peer<'_>, met: &mut Vec<(usize, StreamId)>) -> bool {
        let before = met.len();
        let mut again = Vec::new();
        for (connection, written) in peer.requests().enumerate() {
            let is_again = |index: &usize| written[..*index].iter().any(|(earlier, _)| *earlier == written[*index].0);
            again.extend((0..written.len()).filter(is_again).map(|index| (connection, written[index])));
        }
        for (connection, (number, stream)) in again {
            if met.contains(&(connection, stream)) {
                continue;
            }
            met.push((connection, stream));
            let mut send = |frame: &Frame| peer.send(connection, frame);
            let Some(answer) = self.later.answer() else {
                send(&Frame::rst_stream(stream, ErrorCode::REFUSED_STREAM));
                continue;
            };
            let Answer { fields, content, trailers } = answer(number);
            send(&Frame::headers(stream, once((":status", "200")).chain(fields.iter().copied())));
            let content = Frame::data(stream, content);
            if trailers.is_empty() {
                send(&content.end_stream());
            } else {
                send(&content);
                send(&Frame::headers(stream, trailers.iter().copied()).end_stream());
            }
        }
        met.len() > before
    }

    /// A number that grows whenever something happens.
    fn activity(&self, peer: &Peer<'_>) -> usize {
        peer.activity() + self.connections.activity()
    }

    fn finish(mut self, peer: Peer<'_>, script: &Script, mut unplayable: Vec<usize>) -> ClientOutcome {
        self.drop_client();
        let Afterwards { unplayable: unsent, crashed, received } = self.afterwards;
        let requests = script.steps().iter().enumerate().filter(|(_, step)| matches!(step, Step::Request(_)));
        let is_unsent = |number: &usize| unsent.contains(number) || self.apart.contains(number);
        let unsent_steps = requests.enumerate().filter(|(number, _)| is_unsent(number));
        unplayable.extend(unsent_steps.map(|(_, (index, _))| index));
        let mut records: Vec<Record> = peer.into_records().collect();
        records.truncate(self.connections.count().max(1));
        let observed = std::mem::take(&mut *lock(&self.observed));
        let mut requests = std::mem::take(&mut *lock(&self.outcomes));
        for (number, request) in requests.iter_mut().enumerate() {
            let on = |record: &Record| record.requests.iter().filter(|(written, _)| *written == number).count();
            request.on_scripted = records.iter().map(on).collect();
            request.beyond = self.connections.received(number);
        }
        let record = records.remove(0);
        ClientOutcome {
            requests,
            connections: self.connections.count(),
            observation: Observation {
                requests: observed,
                record,
                panics: crashed.into_iter().collect(),
                spinning: self.spinning,
                ..Observation::default()
            },
            later: records,
            unplayable,
            lacks_stream: self.lacks_stream,
            received,
            logged: Vec::new(),
        }
    }
}
