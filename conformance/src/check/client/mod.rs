//! Checks somebody else's client against the laws, in one test.

mod result;
mod runner;

pub use result::{ClientFailed, ClientFinding, ClientPassed, Tolerated, Why};
pub use runner::Played;

use crate::{
    client_driver::{Client, ClientDriverError, ClientInstance, Clock, Endpoint, Function, Reach, Retries, Sends},
    oracles::clients::{MistakeClass, MistakeKind},
    peer::lock,
    scenarios::{self, Scenario},
    stacks::{BoxError, HttpRequest},
    vocabulary::StackName,
};
use runner::{Found, Runner, Seen};
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
    pub fn check<R, S>(self, make: impl Fn(&Endpoint) -> S + Sync) -> Result<ClientPassed, ClientFailed>
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
    pub fn check_client(self, client: &dyn Client) -> Result<ClientPassed, ClientFailed> {
        let failed = |why| ClientFailed { client: self.name.clone(), why: Box::new(why) };
        let scenarios = scenarios::built_in().map_err(|invalid| failed(Why::Unplayed(invalid.to_string())))?;
        let wanted = |scenario: &&Scenario| self.only.as_ref().is_none_or(|only| *only == scenario.name);
        let mut named = self.known.iter().map(|(name, _)| name).chain(&self.only);
        if let Some(name) = named.find(|name| !scenarios.iter().any(|scenario| scenario.name == **name)) {
            let why = format!("there is no scenario {name:?}; `conformance::scenarios::built_in()` has their names");
            return Err(failed(Why::Unplayed(why)));
        }
        let scenarios: Vec<Scenario> = scenarios.iter().filter(wanted).cloned().collect();
        let seen = self.play(client, &scenarios).map_err(|error| failed(Why::Unplayed(error.to_string())))?;
        if seen.plays == 0 {
            let unplayable: Vec<String> = seen.unplayable.into_iter().collect();
            let why = format!("none of these can be played to it: {}", unplayable.join(", "));
            return Err(failed(Why::Unplayed(why)));
        }
        if seen.silent.len() == seen.plays {
            let why = "the client opened no connection with HTTP/2: a client in memory has to use \
                       `endpoint.connector()`, any other the URL; and it has to know that the server talks HTTP/2";
            return Err(failed(Why::Unplayed(why.into())));
        }
        if client.clock() != Clock::Virtual && !seen.silent.is_empty() {
            let (number, names) = (seen.silent.len(), seen.silent.join(", "));
            let why = format!("in {number} plays it did not connect in time, so it needs more patience: {names}");
            return Err(failed(Why::Unplayed(why)));
        }
        self.conclude(client, seen)
    }

    /// Plays these scenarios. In real time a play mostly waits, so many run at once.
    fn play(&self, client: &dyn Client, scenarios: &[Scenario]) -> Result<Seen, ClientDriverError> {
        let at_once = 4 * thread::available_parallelism().map_or(1, usize::from);
        let (next, seen) = (AtomicUsize::new(0), Mutex::new(BTreeMap::new()));
        let work = || {
            let mut runner = Runner::new(client, self.time_limit);
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                let Some(scenario) = scenarios.get(number) else { break };
                // Before the lock, so that others can play meanwhile.
                let of_scenario = runner.scenario(scenario);
                let mut seen = lock(&seen);
                seen.insert(number, of_scenario);
                if !self.progress.played(seen.len(), scenarios.len()) {
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
        let mut all = Seen::default();
        let seen = std::mem::take(&mut *lock(&seen));
        for seen in seen.into_values() {
            all.add(seen?);
        }
        Ok(all)
    }

    fn conclude(self, client: &dyn Client, seen: Seen) -> Result<ClientPassed, ClientFailed> {
        let is_known = |name: &str| self.known.iter().any(|(known, _)| known == name);
        let counted: Vec<&Found> = seen.found.iter().filter(|found| found.mistake.counts()).collect();
        let is_stale = |(name, _): &&(String, String)| {
            !seen.unplayable.contains(name) && !counted.iter().any(|found| found.scenario.name == *name)
        };
        let stale: Vec<String> = match self.only {
            Some(_) => Vec::new(),
            None => self.known.iter().filter(is_stale).map(|(name, _)| name.clone()).collect(),
        };
        let mut kinds: BTreeMap<(MistakeClass, MistakeKind), Vec<&Found>> = BTreeMap::new();
        for found in counted.iter().filter(|found| !is_known(&found.scenario.name)) {
            kinds.entry((found.mistake.class, found.mistake.kind)).or_default().push(found);
        }
        if kinds.is_empty() && stale.is_empty() {
            return Ok(seen.passed(self.name, self.known));
        }
        let (plays, unplayable) = (seen.plays, seen.unplayable.iter().cloned().collect());
        let runner = Runner::new(client, self.time_limit);
        let findings = kinds.into_values().filter_map(|found| runner.finding(&found)).collect();
        let tolerated = seen.passed(self.name.clone(), self.known).tolerated;
        let why = Why::Mistakes { findings, stale, plays, unplayable, tolerated };
        Err(ClientFailed { client: self.name, why: Box::new(why) })
    }
}

/// A client that is a function.
struct Made<'c, I> {
    check: &'c ClientCheck,
    instance: I,
}

impl<I: Fn(&Endpoint) -> Result<Box<dyn ClientInstance>, BoxError> + Sync> Client for Made<'_, I> {
    fn name(&self) -> &str {
        &self.check.name
    }

    fn about(&self) -> &str {
        ""
    }

    fn version(&self) -> String {
        String::new()
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

    fn instance(&self, endpoint: &Endpoint) -> Result<Box<dyn ClientInstance>, BoxError> {
        (self.instance)(endpoint)
    }
}
