//! The one driver: runs a script against any stack, on a runtime with a paused clock.
//!
//! The driver polls the stack's tasks itself, in the order in which they are woken, and advances the peer when no task
//! can make progress. There are no races and no waiting: the same script always gives the same observation, a hang
//! costs nothing, and time passes only where the script says so. A stack may panic, but the suite may not, so every
//! poll and every drop of a task is guarded (a panic poisons h2's locks, which panic again when they are dropped).

use super::{
    BoxError, End, Head, Observation, ObservedRequest, Part, Profile, Stack, Task, Unanswered,
    pace::{Pace, Paces},
    panics::{Guarded, give_up, guard},
    write_ahead::UnderPlay,
};
use crate::{
    peer::{Event, Pause, Peer, lock},
    script::{Request, Script, Step},
    vocabulary::Phase,
};
use futures_util::{
    Stream, StreamExt, TryFutureExt,
    stream::{self, FuturesUnordered},
};
use std::{
    future::{Future, pending, poll_fn},
    pin::{Pin, pin},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
    time::Duration,
};
use tokio::{
    runtime::{Builder, Runtime},
    time::{error::Elapsed, timeout},
};

/// Runs scripts against stacks, one after the other. Each thread needs its own driver.
pub struct Driver {
    runtime: Runtime,
    under_play: UnderPlay,
}

/// Collects the tasks that a stack spawns beside its connection.
#[derive(Clone, Default)]
pub struct Spawner {
    waiting: Arc<Mutex<Vec<Task>>>,
}

impl Spawner {
    /// Queues `task`, which the driver polls from its next round on.
    pub fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        lock(&self.waiting).push(Box::pin(task));
    }

    fn take(&self) -> Vec<Task> {
        std::mem::take(&mut *lock(&self.waiting))
    }
}

impl Default for Driver {
    fn default() -> Driver {
        Driver::new()
    }
}

impl Driver {
    /// The number of polls allowed for each step and each byte of a script: far more than any script needs. A stack
    /// that uses them all counts as spinning.
    const POLLS_PER_BYTE: usize = 100;

    /// Makes a driver with its own runtime.
    ///
    /// # Panics
    ///
    /// If the operating system lacks the thread-local resources for a runtime.
    pub fn new() -> Driver {
        let runtime = Builder::new_current_thread().enable_time().start_paused(true).build();
        Driver { runtime: runtime.expect("a runtime without I/O can be built"), under_play: UnderPlay::new() }
    }

    /// tokio's error of an expired timeout, which has no public constructor. No time passes.
    pub fn elapsed(&self) -> Option<Elapsed> {
        self.runtime.block_on(async { timeout(Duration::ZERO, pending::<()>()).await.err() })
    }

    /// Plays the script against the stack `S`.
    pub fn observe<S: Stack>(&self, script: &Script, profile: Profile) -> Observation {
        self.under_play.write(script);
        // Otherwise tokio's budget for one poll would cover the whole script, and its channels would stop midway.
        self.runtime.block_on(tokio::task::unconstrained(async {
            let waker = poll_fn(|cx| Poll::Ready(cx.waker().clone())).await;
            Drive::<S>::new(script, profile, waker).run().await
        }))
    }
}

/// A script that is running on a stack.
struct Drive<'script, S: Stack> {
    peer: Peer<'script>,
    spawner: Spawner,
    tasks: FuturesUnordered<Guarded>,
    woken: Arc<Woken>,
    polls_left: usize,
    connection: Arc<Mutex<Connection<S::Client>>>,
    /// Requests issued before there was a connection to send them on.
    waiting: Vec<usize>,
    requests: Vec<Request>,
    paces: Paces,
    observed: Arc<Mutex<Vec<ObservedRequest>>>,
    ended: Arc<Mutex<Vec<Event>>>,
    panics: Arc<Mutex<Vec<String>>>,
}

enum Connection<Client> {
    Pending,
    Ready(Client),
    /// The application has dropped its handle.
    Dropped,
    Failed(Arc<BoxError>),
}

impl<'script, S: Stack> Drive<'script, S> {
    fn new(script: &'script Script, profile: Profile, outer: Waker) -> Drive<'script, S> {
        let (peer, transport) = if S::IS_SERVER { Peer::of_server(script) } else { Peer::new(script) };
        let requests: Vec<Request> = script.requests().cloned().collect();
        let observed = Arc::new(Mutex::new(vec![ObservedRequest::default(); requests.len()]));
        let spawner = Spawner::default();
        let connection = Arc::new(Mutex::new(Connection::Pending));
        let connect = S::connect(transport, profile, spawner.clone());
        let slot = connection.clone();
        spawner.spawn(async move {
            let result = connect.await;
            *lock(&slot) = match result {
                Ok(client) => Connection::Ready(client),
                Err(error) => Connection::Failed(Arc::new(error)),
            };
        });
        Drive {
            peer,
            spawner,
            tasks: FuturesUnordered::new(),
            woken: Arc::new(Woken { flag: AtomicBool::new(false), outer }),
            polls_left: polls_allowed(script),
            connection,
            waiting: Vec::new(),
            paces: Paces::of(&requests),
            requests,
            observed,
            ended: Arc::default(),
            panics: Arc::default(),
        }
    }

    async fn run(mut self) -> Observation {
        loop {
            match self.peer.advance() {
                // Every script has a request, but a server issues none.
                Pause::Issue(_) | Pause::Cancel(_) | Pause::Read(..) | Pause::Feed(..) | Pause::DropClient
                    if S::IS_SERVER => {}
                Pause::Issue(number) => {
                    self.waiting.push(number);
                    self.issue_waiting();
                }
                Pause::Cancel(number) => self.cancel(number),
                Pause::Read(number, bytes) => self.paces.read_more(number, bytes),
                Pause::Feed(number, bytes, end) => self.paces.feed(number, bytes, end),
                Pause::DropClient => self.drop_client(),
                // A bare stack opens one connection.
                Pause::RefuseConnections => {}
                Pause::Idle => self.run_until_idle(),
                Pause::Expect => {
                    self.run_until_idle();
                    self.peer.check_expected();
                }
                Pause::Pass(time) => self.pass(time).await,
                Pause::End => break self.run_until_idle(),
            }
        }
        let spinning = self.polls_left == 0;
        self.finish(spinning)
    }

    /// Lets `time` pass; the clock jumps to the next timer whenever no task can make progress.
    async fn pass(&mut self, time: Duration) {
        self.run_until_idle();
        if time.is_zero() {
            return;
        }
        let mut sleep = pin!(tokio::time::sleep(time));
        poll_fn(|cx| {
            self.run_until_idle();
            sleep.as_mut().poll(cx)
        })
        .await;
        self.run_until_idle();
    }

    /// Polls the woken tasks, and those that they wake, until none is left.
    fn run_until_idle(&mut self) {
        loop {
            self.poll_tasks();
            if self.waiting.is_empty() || !self.issue_waiting() {
                break;
            }
        }
        if self.polls_left > 0 {
            self.peer.rests();
        }
    }

    fn poll_tasks(&mut self) {
        let waker = Waker::from(self.woken.clone());
        let mut context = Context::from_waker(&waker);
        while self.polls_left > 0 {
            self.adopt_spawned();
            self.woken.flag.store(false, Ordering::Relaxed);
            self.polls_left -= 1;
            let polled = Pin::new(&mut self.tasks).poll_next(&mut context);
            for event in lock(&self.ended).drain(..) {
                self.peer.note(event);
            }
            let again = matches!(polled, Poll::Ready(Some(()))) || self.woken.flag.load(Ordering::Relaxed);
            if !again && lock(&self.spawner.waiting).is_empty() {
                return;
            }
        }
    }

    /// Takes over the spawned tasks. Tasks are polled in the order in which they were spawned or woken.
    fn adopt_spawned(&mut self) {
        for task in self.spawner.take() {
            self.tasks.push(Guarded { task: Some(task), request: None, panics: self.panics.clone() });
        }
    }

    /// Sends the waiting requests, or fails them if the connection failed. Returns false while it is pending.
    fn issue_waiting(&mut self) -> bool {
        let waiting = std::mem::take(&mut self.waiting);
        self.adopt_spawned();
        match &*lock(&self.connection) {
            Connection::Pending => {
                self.waiting = waiting;
                return false;
            }
            Connection::Ready(client) => {
                for number in waiting {
                    let (client, request) = (client.clone(), self.paces.issue(number, self.requests[number].clone()));
                    let response = S::send(client, request).map_ok(|(head, body)| (head, parts::<S>(body)));
                    let reader = self.paces.reader(number);
                    let exchange = exchange(number, response, reader, self.observed.clone(), self.ended.clone());
                    let (task, panics): (Task, _) = (Box::pin(exchange), self.panics.clone());
                    self.tasks.push(Guarded { task: Some(task), request: Some(number), panics });
                }
            }
            // The peer issues nothing more.
            Connection::Dropped => {}
            Connection::Failed(error) => {
                for number in waiting {
                    lock(&self.observed)[number].end = End::Failed(Phase::Connection, error.clone());
                    self.peer.note(Event::Ended(number));
                }
            }
        }
        true
    }

    /// Drops what the application holds of a request that it has issued: the future of the response, or the body.
    fn cancel(&mut self, number: usize) {
        let is_open = |request: &ObservedRequest| matches!(request.end, End::Open);
        let waits = self.waiting.iter().position(|waiting| *waiting == number);
        let task = Pin::new(&mut self.tasks).iter_pin_mut().find(|task| task.request == Some(number));
        let is_issued = waits.is_some() || task.is_some();
        if !is_issued || !lock(&self.observed).get(number).is_some_and(is_open) {
            return;
        }
        waits.map(|place| self.waiting.remove(place));
        self.peer.note(Event::Cancelled(number));
        lock(&self.observed)[number].end = End::Cancelled;
        if let Some(mut task) = task {
            task.give_up();
        }
    }

    /// Drops the application's handle. The connection is made by then.
    fn drop_client(&mut self) {
        if matches!(*lock(&self.connection), Connection::Pending) {
            self.run_until_idle();
        }
        let mut connection = lock(&self.connection);
        if matches!(*connection, Connection::Ready(_)) {
            guard(&self.panics, || *connection = Connection::Dropped);
        }
    }

    fn finish(self, spinning: bool) -> Observation {
        let record = self.peer.into_record();
        let requests = std::mem::take(&mut *lock(&self.observed));
        let connection = match &*lock(&self.connection) {
            Connection::Pending => End::Open,
            Connection::Ready(_) | Connection::Dropped => End::Complete,
            Connection::Failed(error) => End::Failed(Phase::Connection, error.clone()),
        };
        // While the stack is dropped, only its panics are observed.
        let handle = std::mem::replace(&mut *lock(&self.connection), Connection::Pending);
        give_up(&self.panics, handle);
        give_up(&self.panics, self.tasks);
        give_up(&self.panics, self.spawner.take());
        let panics = std::mem::take(&mut *lock(&self.panics));
        Observation { requests, connection, record, panics, spinning }
    }
}

/// The body of a response of the stack, part by part. Trailers end it.
fn parts<S: Stack>(body: S::Body) -> impl Stream<Item = Result<Part, BoxError>> + Send {
    stream::unfold(Some(body), |body| async {
        let mut body = body?;
        let part = S::next_part(&mut body).await?;
        let rest = Some(body).filter(|_| !matches!(part, Ok(Part::Trailers(_))));
        Some((part, rest))
    })
}

/// One request, from its issue to the end of its response.
pub(crate) async fn exchange<H: Into<Option<Head>>, B: Stream<Item = Result<Part, BoxError>>>(
    number: usize,
    response: impl Future<Output = Result<(H, B), impl Into<Unanswered>>>,
    reader: Option<Arc<Pace>>,
    observed: Arc<Mutex<Vec<ObservedRequest>>>,
    events: Arc<Mutex<Vec<Event>>>,
) {
    let end = match response.await {
        Err(failure) => {
            let Unanswered { phase, error, handed_back } = failure.into();
            lock(&observed)[number].handed_back = handed_back;
            End::Failed(phase, Arc::new(error))
        }
        Ok((head, body)) => {
            let head = head.into();
            lock(&events).extend(head.is_some().then_some(Event::Head(number)));
            lock(&observed)[number].head = head;
            let mut body = pin!(body);
            let mut read = 0;
            loop {
                if let Some(reader) = &reader {
                    poll_fn(|cx| reader.poll_more(read, cx)).await;
                }
                match body.next().await {
                    Some(Ok(Part::Data(data))) => {
                        read += data.len() as u64;
                        lock(&observed)[number].body.extend_from_slice(&data);
                    }
                    Some(Ok(Part::Trailers(trailers))) => lock(&observed)[number].trailers = Some(trailers),
                    Some(Err(error)) => break End::Failed(Phase::Body, Arc::new(error)),
                    None => break End::Complete,
                }
            }
        }
    };
    lock(&observed)[number].end = end;
    lock(&events).push(Event::Ended(number));
}

fn polls_allowed(script: &Script) -> usize {
    let bytes: usize = script.steps().iter().map(Step::sent_length).sum();
    let content = |step: &Step| match step {
        Step::Request(request) => request.body().size() as usize,
        Step::Feed { bytes, .. } => *bytes as usize,
        _ => 0,
    };
    let content: usize = script.steps().iter().map(content).sum();
    10_000 + Driver::POLLS_PER_BYTE * (script.steps().len() + bytes + content)
}

/// Records that a task was woken. Wakes the runtime too, because a timer may be the cause.
struct Woken {
    flag: AtomicBool,
    outer: Waker,
}

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.flag.store(true, Ordering::Relaxed);
        self.outer.wake_by_ref();
    }
}
