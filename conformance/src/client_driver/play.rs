//! Plays scripts to clients: what `stacks::drive` is to a bare stack.
//!
//! A client brings tasks and timers of its own, and perhaps sockets, so it runs on a runtime of tokio, whose clock stands
//! still until the script lets time pass. The stage moves the peer on when nothing happens any more: it gives way to all
//! other tasks and to the sockets until so many rounds in a row have brought nothing new. A socket of the loopback interface
//! has what was written to it when the write returns, so there is nothing to wait for.

use super::{
    Client, ClientInstance, ClientOutcome, ClientRequestOutcome, Connections, Endpoint, ErrorLabel, Failure, Reach,
};
use crate::{
    http2::Frame,
    peer::{Event, Pause, Peer},
    script::{Request, Script, Step},
    stacks::{BoxError, End, Observation, Part, Seen, drive::record_stack_panics},
    vocabulary::Phase,
};
use futures_util::StreamExt;
use std::{
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{
    runtime::Builder,
    task::{JoinSet, yield_now},
    time::{Instant, sleep},
};

/// Plays scripts to clients, one after the other.
#[derive(Clone, Copy, Debug, Default)]
pub struct ClientDriver;

/// Why a client could not be played to.
#[derive(Debug, thiserror::Error)]
pub enum ClientDriverError {
    /// The operating system gives no runtime, or no socket.
    #[error("the client cannot be driven: {0}")]
    Io(#[from] io::Error),
    /// The client cannot be made.
    #[error("the client {0} cannot be made: {1}")]
    Client(&'static str, BoxError),
}

impl ClientDriver {
    /// Plays a script to a client.
    ///
    /// # Errors
    ///
    /// If there is no runtime or no socket to be had, or the client cannot be made.
    pub fn play(self, client: &dyn Client, script: &Script) -> Result<ClientOutcome, ClientDriverError> {
        self.play_at(client, script, async |connections| match client.reach() {
            Reach::Memory => Ok(Endpoint::memory(connections)),
            Reach::Loopback(open) => open(connections).await,
        })
    }

    /// The same at an endpoint that is made for these connections.
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
        // Every script has a runtime of its own: what a client leaves behind ends with it.
        let runtime = Builder::new_current_thread()
            .enable_all()
            .start_paused(true)
            // All tasks run before the stage does again.
            .event_interval(u32::MAX)
            .build()?;
        let (mut endpoint, mut played) = (Some(endpoint), None);
        let logged = client.record_log(&mut || {
            played = endpoint.take().map(|endpoint| runtime.block_on(play(client, script, endpoint)));
        });
        let played =
            played.unwrap_or_else(|| Err(io::Error::other("the client's log was recorded without a play").into()));
        Ok(ClientOutcome { logged, ..played? })
    }
}

async fn play(
    client: &dyn Client,
    script: &Script,
    endpoint: impl AsyncFnOnce(Arc<Connections>) -> io::Result<Endpoint>,
) -> Result<ClientOutcome, ClientDriverError> {
    let (mut peer, transport) = Peer::new(script);
    let connections = Connections::new(transport);
    let endpoint = endpoint(connections.clone()).await?;
    let instance = client.instance(&endpoint).map_err(|error| ClientDriverError::Client(client.name(), error))?;
    let requests: Vec<&Request> = script.requests().collect();
    let seen = Arc::new(Mutex::new(requests.iter().map(|_| Answered::default()).collect::<Vec<_>>()));
    let ended = Arc::default();
    let mut play = Play {
        client: instance,
        connections,
        quiet: if endpoint.connections.is_some() { QUIET_IN_MEMORY } else { QUIET_ON_SOCKETS },
        seen,
        ended,
        tasks: JoinSet::new(),
    };
    loop {
        match peer.advance() {
            Pause::Issue(number) => {
                play.issue(number, requests[number]);
                if number == 0 {
                    // What comes next is meant for the same connection: until there is one, a pool would open more.
                    play.until_quiet(&peer).await;
                }
            }
            Pause::Idle => play.until_quiet(&peer).await,
            Pause::Await => {
                play.until_quiet(&peer).await;
                peer.take_awaited();
            }
            Pause::Pass(time) => {
                play.until_quiet(&peer).await;
                sleep(time).await;
                play.until_quiet(&peer).await;
            }
            Pause::End => break play.until_quiet(&peer).await,
        }
    }
    if client.retries() {
        play.let_retry(&mut peer).await;
    }
    let unplayable = match client.reach() {
        Reach::Memory => Vec::new(),
        Reach::Loopback(_) => unplayable(script),
    };
    Ok(play.finish(peer, unplayable))
}

/// So many seconds a client that retries gets to do so after the script: more than all its pauses between attempts.
const BACK_OFF: usize = 60;

/// How many rounds in a row have to bring nothing before nothing more is to be expected. A task that was woken runs in the
/// same round.
const QUIET_IN_MEMORY: usize = 8;
/// The same on sockets: what is written to one is read in the next round, and the system may be busy with something else.
const QUIET_ON_SOCKETS: usize = 256;

/// The steps that need a transport in memory.
pub fn unplayable(script: &Script) -> Vec<usize> {
    let steps = script.steps().iter().enumerate();
    let in_memory = |step: &Step| matches!(step, Step::FailRead(_) | Step::FailWrite { .. });
    steps.filter(|(_, step)| in_memory(step)).map(|(index, _)| index).collect()
}

/// A script under way.
struct Play {
    client: Box<dyn ClientInstance>,
    connections: Arc<Connections>,
    quiet: usize,
    seen: Arc<Mutex<Vec<Answered>>>,
    ended: Arc<Mutex<Vec<Event>>>,
    tasks: JoinSet<()>,
}

/// What an application has of one request so far.
#[derive(Default)]
struct Answered {
    seen: Seen,
    label: Option<ErrorLabel>,
    took: Option<Duration>,
}

impl Play {
    fn issue(&mut self, number: usize, request: &Request) {
        let answering = self.client.send(number, request);
        let (seen, ended, issued) = (self.seen.clone(), self.ended.clone(), Instant::now());
        self.tasks.spawn(async move {
            let end = match answering.await {
                Err(Failure { phase, error, label }) => {
                    lock(&seen)[number].label = Some(label);
                    End::Failed(phase, Arc::new(error))
                }
                Ok((head, mut body)) => {
                    lock(&seen)[number].seen.head = Some(head);
                    lock(&ended).push(Event::Head(number));
                    loop {
                        match body.next().await {
                            Some(Ok(Part::Data(data))) => lock(&seen)[number].seen.body.extend_from_slice(&data),
                            Some(Ok(Part::Trailers(trailers))) => lock(&seen)[number].seen.trailers = Some(trailers),
                            Some(Err(error)) => break End::Failed(Phase::Body, Arc::new(error)),
                            None => break End::Complete,
                        }
                    }
                }
            };
            lock(&seen)[number].took = Some(issued.elapsed());
            lock(&seen)[number].seen.end = end;
            lock(&ended).push(Event::Ended(number));
        });
    }

    /// Gives way until nothing happens any more.
    async fn until_quiet(&mut self, peer: &Peer<'_>) {
        let (mut before, mut rounds) = (self.activity(peer), 0);
        while rounds < self.quiet {
            yield_now().await;
            for event in lock(&self.ended).drain(..) {
                peer.note(event);
            }
            let now = self.activity(peer);
            rounds = if now == before { rounds + 1 } else { 0 };
            before = now;
        }
    }

    /// Lets time pass for further attempts. One that comes over the connection of the script is answered there, because
    /// the peer is in good health again after the script.
    async fn let_retry(&mut self, peer: &mut Peer<'_>) {
        let mut answered = Vec::new();
        for _ in 0..BACK_OFF {
            if lock(&self.seen).iter().all(|answered| answered.took.is_some()) {
                return;
            }
            sleep(Duration::from_secs(1)).await;
            self.until_quiet(peer).await;
            let written = peer.requests();
            for (index, (number, stream)) in written.iter().enumerate() {
                let again = written[..index].iter().any(|(earlier, _)| earlier == number);
                if again && !answered.contains(stream) {
                    answered.push(*stream);
                    peer.send(&Frame::response(*stream, 200).end_stream());
                    self.until_quiet(peer).await;
                }
            }
        }
    }

    /// Grows with everything that happens.
    fn activity(&self, peer: &Peer<'_>) -> usize {
        peer.activity() + self.connections.activity()
    }

    fn finish(self, peer: Peer<'_>, unplayable: Vec<usize>) -> ClientOutcome {
        let record = peer.into_record();
        let mut observed = Vec::new();
        let mut requests = Vec::new();
        for (number, Answered { seen, label, took }) in std::mem::take(&mut *lock(&self.seen)).into_iter().enumerate() {
            observed.push(seen);
            requests.push(ClientRequestOutcome {
                label,
                took,
                on_first: record.requests.iter().filter(|(written, _)| *written == number).count(),
                on_later: self.connections.answered(number),
            });
        }
        ClientOutcome {
            requests,
            connections: self.connections.count(),
            observation: Observation { requests: observed, record, ..Observation::default() },
            unplayable,
            logged: Vec::new(),
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
