//! Checks somebody else's client against the laws, in one test.

mod result;
mod runner;

pub use result::{Because, ClientFailed, ClientFinding, ClientResult, ScenarioResult, SeenMistake, Shown, Tolerated};
pub use runner::Played;

use crate::{
    client_driver::{Client, ClientDriverError, ClientInstance, Clock, Endpoint, Function, Reach, Retries, Sends},
    oracles::clients::{MistakeClass, MistakeKind},
    peer::lock,
    scenarios::{self, Scenario},
    stacks::{BoxError, HttpRequest},
    vocabulary::StackName,
};
use runner::{Runner, Seen, Silence};
use std::{
    collections::BTreeMap,
    fmt,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

/// A check of the client with this name.
/// [The guide](crate::guide::clients) has examples.
pub fn client(name: impl Into<String>) -> ClientCheck {
    ClientCheck {
        name: name.into(),
        stack: None,
        promise: Retries::default(),
        reach: Reach::Memory,
        speaks_grpc: false,
        clock: Clock::Virtual,
        known: Vec::new(),
        only: None,
        time_limit: Duration::from_secs(60),
        progress: Progress(Arc::new(|_, _| true)),
    }
}

/// A check of a client: what is known of it.
#[derive(Clone, Debug)]
pub struct ClientCheck {
    name: String,
    stack: Option<StackName>,
    promise: Retries,
    reach: Reach,
    speaks_grpc: bool,
    clock: Clock,
    known: Vec<(String, String)>,
    only: Option<String>,
    time_limit: Duration,
    progress: Progress,
}

/// Called after each scenario, with the number of those that are done and of all. Says whether to go on.
#[derive(Clone)]
struct Progress(Arc<dyn Fn(usize, usize) -> bool + Send + Sync>);

impl Progress {
    fn played(&self, done: usize, all: usize) -> bool {
        (self.0)(done, all)
    }
}

impl fmt::Debug for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Progress")
    }
}

impl ClientCheck {
    /// Names the stack under the client. Mistakes that the bare stack makes too are listed as *of its stack*, and do not
    /// fail the check.
    pub fn on(self, stack: StackName) -> ClientCheck {
        ClientCheck { stack: Some(stack), ..self }
    }

    /// What it promises about requests that were not processed; nothing by default.
    pub fn retries(self, promise: Retries) -> ClientCheck {
        ClientCheck { promise, ..self }
    }

    /// It opens sockets to [`Endpoint::url`] and talks HTTP/2 at once. By default it opens its connections in memory, by
    /// [`Endpoint::connector`], which can play every scenario.
    pub fn http2_prior_knowledge(self) -> ClientCheck {
        ClientCheck { reach: Reach::PriorKnowledge, ..self }
    }

    /// It opens sockets to [`Endpoint::url`] with TLS, negotiates `h2`, and trusts [`Endpoint::certificate`].
    #[cfg(feature = "tls")]
    pub fn tls(self) -> ClientCheck {
        ClientCheck { reach: Reach::Tls, ..self }
    }

    /// It speaks gRPC: scripts are played to it as [`in_grpc`](crate::client_driver::grpc::in_grpc) translates them. A request
    /// is a call with one message, which is its content, without gRPC's prefix. A response is the answer to a call that
    /// went well: its content is that of the messages. A call that did not is an error.
    pub fn grpc(self) -> ClientCheck {
        ClientCheck { speaks_grpc: true, ..self }
    }

    /// The client makes mistakes in this scenario, for this reason. An entry without a mistake fails the check.
    pub fn knows(mut self, scenario: impl Into<String>, because: impl Into<String>) -> ClientCheck {
        self.known.push((scenario.into(), because.into()));
        self
    }

    /// Plays only this scenario.
    pub fn only(self, scenario: impl Into<String>) -> ClientCheck {
        ClientCheck { only: Some(scenario.into()), ..self }
    }

    /// The client has a runtime, threads or a process of its own, and runs in real time. The peer waits this long for what
    /// the client has to do, such as to connect, to retry, or to end a request; a client that takes longer is found wrong.
    pub fn real_time(self, patience: Duration) -> ClientCheck {
        ClientCheck { clock: Clock::Real { patience }, ..self }
    }

    /// Sets the real time that one play may take, 60 s by default. If a client keeps its thread longer, the program ends
    /// with exit status 101 and names the scenario on standard error.
    pub fn time_limit(self, time_limit: Duration) -> ClientCheck {
        ClientCheck { time_limit, ..self }
    }

    /// Calls `progress` after each scenario, with the number of those that are done and of all. If it returns `false`, the
    /// check ends with what it has.
    pub fn progress(self, progress: impl Fn(usize, usize) -> bool + Send + Sync + 'static) -> ClientCheck {
        ClientCheck { progress: Progress(Arc::new(progress)), ..self }
    }

    /// Checks a client that is a function. For each scenario `make` makes a client without a connection, and returns what
    /// sends a request with it: `http::Request<Content>` of the crate `http`, 0.2 or 1. The response may have any body of
    /// the crate `http-body`.
    ///
    /// # Errors
    ///
    /// If the client makes a mistake, if a known scenario has none, or if nothing could be checked.
    ///
    /// # Panics
    ///
    /// If no thread can be started to watch the time.
    pub fn check<R, S>(self, make: impl Fn(&Endpoint) -> S + Sync) -> Result<ClientResult, ClientFailed>
    where
        R: HttpRequest,
        S: Sends<R>,
    {
        let instance = |endpoint: &Endpoint| -> Result<Box<dyn ClientInstance>, BoxError> {
            Ok(Box::new(Function::new(endpoint.url(), make(endpoint))))
        };
        self.clone().check_client(&Made { check: &self, instance })
    }

    /// Checks a client with a type of its own. What this check says of its stack, its promise, and how it is reached is
    /// ignored: the type says it.
    ///
    /// # Errors
    ///
    /// As [`ClientCheck::check`].
    ///
    /// # Panics
    ///
    /// As [`ClientCheck::check`].
    pub fn check_client(self, client: &dyn Client) -> Result<ClientResult, ClientFailed> {
        let failed = |why| ClientFailed::Unplayed { client: self.name.clone(), why };
        let scenarios = scenarios::built_in().map_err(|invalid| failed(invalid.to_string()))?;
        let wanted = |scenario: &&Scenario| self.only.as_ref().is_none_or(|only| *only == scenario.name);
        let mut named = self.known.iter().map(|(name, _)| name).chain(&self.only);
        if let Some(name) = named.find(|name| !scenarios.iter().any(|scenario| scenario.name == **name)) {
            let why = format!("there is no scenario {name:?}; `conformance::scenarios::built_in()` has their names");
            return Err(failed(why));
        }
        let scenarios: Vec<Scenario> = scenarios.iter().filter(wanted).cloned().collect();
        let unplayed = |error: ClientDriverError| failed(error.to_string());
        let (probed, rest) = scenarios.split_at(if scenarios.len() > PROBED { PROBED } else { 0 });
        let play = |runner: &Runner<'_>, scenario: &Scenario| runner.scenario(scenario);
        let probe = self.at_once(client, probed, BUSY, play).into_iter().collect::<Result<Vec<Seen>, _>>();
        let mut seen = probe.map_err(unplayed)?;
        // Whoever connects nowhere is told so at once.
        if !seen.is_empty() && seen.iter().all(|seen| seen.silence == Some(Silence::Late)) {
            self.refuse_empty(client, &seen).map_or(Ok(()), |why| Err(failed(why)))?;
        }
        let rest = self.at_once(client, rest, BUSY, play).into_iter().collect::<Result<Vec<Seen>, _>>();
        seen.extend(rest.map_err(unplayed)?);
        self.repeat_silent(client, &scenarios, &mut seen).map_err(unplayed)?;
        self.refuse_empty(client, &seen).map_or(Ok(()), |why| Err(failed(why)))?;
        self.confirm(client, &scenarios, &mut seen).map_err(unplayed)?;
        self.conclude(client, &scenarios, seen)
    }

    /// Why what was seen is not enough for a result.
    fn refuse_empty(&self, client: &dyn Client, seen: &[Seen]) -> Option<String> {
        let names = |of: fn(&Seen) -> bool| -> Vec<&str> {
            seen.iter().filter(|seen| of(seen)).map(|seen| &*seen.result.scenario).collect()
        };
        let late = names(|seen| seen.silence == Some(Silence::Late));
        let has_connected = seen.iter().any(|seen| seen.has_connected);
        if !has_connected && seen.iter().any(|seen| seen.silence.is_some()) {
            let why = "the client opened no connection with HTTP/2: a client in memory has to use \
                       `endpoint.connector()`, any other the URL; and it has to know that the server talks HTTP/2";
            Some(why.into())
        } else if seen.iter().all(|seen| seen.result.plays == 0) {
            Some(format!("none of these can be played to it: {}", names(|_| true).join(", ")))
        } else if client.clock() != Clock::Virtual && !late.is_empty() {
            let (number, names) = (late.len(), late.join(", "));
            Some(format!("in {number} scenarios it did not connect in time, so it needs more patience: {names}"))
        } else {
            None
        }
    }

    /// Does this with each of these scenarios. In real time a play mostly waits, so `at_once` run on each processor.
    fn at_once<T: Send>(
        &self,
        client: &dyn Client,
        scenarios: &[Scenario],
        at_once: usize,
        work: impl Fn(&Runner<'_>, &Scenario) -> T + Sync,
    ) -> Vec<T> {
        let at_once = at_once * thread::available_parallelism().map_or(1, usize::from);
        let (next, done) = (AtomicUsize::new(0), Mutex::new(BTreeMap::new()));
        let work = || {
            let runner = Runner::new(client, self.time_limit);
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                let Some(scenario) = scenarios.get(number) else { break };
                // Before the lock, so that others can play meanwhile.
                let result = work(&runner, scenario);
                let mut done = lock(&done);
                done.insert(number, result);
                if !self.progress.played(done.len(), scenarios.len()) {
                    break;
                }
            }
        };
        match client.clock() {
            Clock::Virtual => work(),
            Clock::Real { .. } => thread::scope(|scope| {
                (0..at_once.min(scenarios.len())).for_each(|_| drop(scope.spawn(work)));
            }),
        }
        std::mem::take(&mut *lock(&done)).into_values().collect()
    }

    /// In real time: plays again the scenarios in which the client did not connect in time.
    fn repeat_silent(
        &self,
        client: &dyn Client,
        scenarios: &[Scenario],
        seen: &mut [Seen],
    ) -> Result<(), ClientDriverError> {
        let is_late = |seen: &Seen| seen.silence == Some(Silence::Late);
        let silent = |name: &String| seen.iter().any(|seen| is_late(seen) && seen.result.scenario == *name);
        let silent: Vec<Scenario> = scenarios.iter().filter(|scenario| silent(&scenario.name)).cloned().collect();
        if client.clock() == Clock::Virtual {
            return Ok(());
        }
        for again in self.at_once(client, &silent, ALONE, |runner, scenario| runner.scenario(scenario)) {
            let mut again = again?;
            again.result.is_repeated = true;
            if let Some(before) = seen.iter_mut().find(|seen| seen.result.scenario == again.result.scenario) {
                *before = again;
            }
        }
        Ok(())
    }

    /// Repeats the plays with a mistake where that may not show again.
    fn confirm(&self, client: &dyn Client, scenarios: &[Scenario], seen: &mut [Seen]) -> Result<(), ClientDriverError> {
        if client.reach() == Reach::Memory && client.clock() == Clock::Virtual {
            return Ok(());
        }
        let has_mistakes = |seen: &Seen| seen.result.mistakes.iter().any(SeenMistake::is_repeated);
        let wrong = seen.iter_mut().filter(|seen| has_mistakes(seen));
        let results: BTreeMap<String, Mutex<&mut ScenarioResult>> =
            wrong.map(|seen| (seen.result.scenario.clone(), Mutex::new(&mut seen.result))).collect();
        let scenarios: Vec<Scenario> =
            scenarios.iter().filter(|scenario| results.contains_key(&scenario.name)).cloned().collect();
        let confirm = |runner: &Runner<'_>, scenario: &Scenario| match results.get(&scenario.name) {
            Some(result) => runner.confirm(scenario, &mut lock(result)),
            None => Ok(()),
        };
        self.at_once(client, &scenarios, ALONE, confirm).into_iter().collect()
    }

    fn conclude(
        self,
        client: &dyn Client,
        scenarios: &[Scenario],
        seen: Vec<Seen>,
    ) -> Result<ClientResult, ClientFailed> {
        let results: Vec<ScenarioResult> = seen.into_iter().map(|seen| seen.result).collect();
        let is_known = |name: &str| self.known.iter().any(|(known, _)| known == name);
        let mut kinds: BTreeMap<(MistakeClass, MistakeKind), Vec<_>> = BTreeMap::new();
        for result in results.iter().filter(|result| !is_known(&result.scenario)) {
            let Some(scenario) = scenarios.iter().find(|scenario| scenario.name == result.scenario) else { continue };
            for seen in result.mistakes.iter().filter(|seen| seen.counts()) {
                kinds.entry((seen.mistake.class, seen.mistake.kind)).or_default().push((scenario, result, seen));
            }
        }
        let runner = Runner::new(client, self.time_limit);
        let findings = kinds.into_values().filter_map(|found| runner.finding(&found)).collect();
        let is_clean =
            |result: &&ScenarioResult| !result.is_left_out && !result.mistakes.iter().any(SeenMistake::counts);
        let stale = results.iter().filter(|result| self.only.is_none() && is_known(&result.scenario)).filter(is_clean);
        let stale = stale.map(|result| result.scenario.clone()).collect();
        let plays = results.iter().map(|result| result.plays).sum();
        let result = ClientResult { client: self.name, plays, findings, stale, known: self.known, scenarios: results };
        if result.passes() { Ok(result) } else { Err(ClientFailed::Mistakes(Box::new(result))) }
    }
}

/// The number of scenarios that show whether a client connects.
const PROBED: usize = 2;
/// The number of plays that run at once on a processor.
const BUSY: usize = 8;
/// The same for a play that is repeated, so that no other one slows it down.
const ALONE: usize = 4;

/// A client that is a function.
struct Made<'c, I> {
    check: &'c ClientCheck,
    instance: I,
}

impl<I: Fn(&Endpoint) -> Result<Box<dyn ClientInstance>, BoxError> + Sync> Client for Made<'_, I> {
    fn name(&self) -> &str {
        &self.check.name
    }

    fn stack(&self) -> Option<StackName> {
        self.check.stack
    }

    fn promise(&self) -> Retries {
        self.check.promise
    }

    fn reach(&self) -> Reach {
        self.check.reach
    }

    fn clock(&self) -> Clock {
        self.check.clock
    }

    fn speaks_grpc(&self) -> bool {
        self.check.speaks_grpc
    }

    fn instance(&self, endpoint: &Endpoint) -> Result<Box<dyn ClientInstance>, BoxError> {
        (self.instance)(endpoint)
    }
}
