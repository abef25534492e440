//! Checks somebody else's client against the laws, in one test.

use super::{
    failure::{hanging, labelled},
    watch::TimeLimit,
};
use crate::{
    client_driver::{
        Client, ClientDriverError, ClientInstance, Clock, Endpoint, Function, Reach, Retries, Sends, unplayable,
    },
    http2::wire::PREFACE,
    judge::{ClientJudge, ClientJudgement},
    minimize::minimize,
    oracles::clients::{Mistake, MistakeClass, MistakeKind},
    peer::lock,
    report::timeline::lines,
    scenarios::{self, Scenario},
    script::{Body, BodyEnd, Method, Request, Script, Step},
    stacks::{BoxError, End, HttpRequest},
    vocabulary::StackName,
};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    error::Error,
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
            let mut checking = Checking::new(client, self.time_limit);
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                let Some(scenario) = scenarios.get(number) else { break };
                // Before the lock, so that others can play meanwhile.
                let of_scenario = checking.scenario(scenario);
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
        let checking = Checking::new(client, self.time_limit);
        let findings = kinds.into_values().filter_map(|found| checking.finding(&found)).collect();
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

/// How a scenario is played.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Played {
    /// As it is written.
    AsWritten,
    /// With POST in place of GET.
    WithPost,
    /// With POST and content in place of GET.
    WithContent,
}

impl Played {
    const ALL: [Played; 3] = [Played::AsWritten, Played::WithPost, Played::WithContent];

    /// The scenario's script, played like this. `None` if it has no GET to replace.
    fn script(self, script: &Script) -> Option<Script> {
        /// The number of bytes of the content.
        const CONTENT: u32 = 100;
        let body = match self {
            Played::AsWritten => return Some(script.clone()),
            Played::WithPost => Body::EMPTY,
            Played::WithContent => Body::new(CONTENT, BodyEnd::Complete),
        };
        let is_get = |request: &Request| request.method() == Method::Get && request.body() == Body::EMPTY;
        let mut replaced = false;
        let steps = script.steps().iter().map(|step| match step {
            Step::Request(request) if is_get(request) => {
                replaced = true;
                Step::Request(request.as_post(body))
            }
            step => step.clone(),
        });
        let steps = steps.collect();
        replaced.then(|| Script::new(steps))
    }
}

impl fmt::Display for Played {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Played::AsWritten => "as written",
            Played::WithPost => "with POST in place of GET",
            Played::WithContent => "with POST and content in place of GET",
        })
    }
}

/// A check that is running.
struct Checking<'c> {
    client: &'c dyn Client,
    judge: ClientJudge,
    limit: TimeLimit,
}

/// What a check has seen so far.
#[derive(Default)]
struct Seen {
    plays: usize,
    /// The scenarios of the plays in which the client did not begin an HTTP/2 connection.
    silent: Vec<String>,
    unplayable: BTreeSet<String>,
    found: Vec<Found>,
}

/// How often a script waits for a client, at most.
const MOST_WAITS: u32 = 100;

/// A mistake in a play.
struct Found {
    scenario: Scenario,
    played: Played,
    mistake: Mistake,
    /// The play, if the mistake counts.
    shown: Shown,
}

/// What a finding shows of a play.
#[derive(Clone, Default)]
struct Shown {
    exchange: Vec<String>,
    application: Vec<String>,
    model: Vec<String>,
}

impl Shown {
    fn new(judgement: &ClientJudgement, script: &Script) -> Shown {
        let exchange = lines(&judgement.played.observation.record, script);
        Shown { exchange, application: application(judgement), model: model(judgement) }
    }
}

impl Checking<'_> {
    fn new(client: &dyn Client, limit: Duration) -> Checking<'_> {
        // In real time each step of a script may take the client's patience, and nothing waits longer.
        let limit = match client.clock() {
            Clock::Virtual => limit,
            Clock::Real { patience } => limit.max(patience * MOST_WAITS),
        };
        let name = client.name().to_owned();
        let says = move |case: &str| {
            format!("hang: {name} kept its thread longer than {limit:?}, the time limit of the check.\n  again  {case}")
        };
        Checking { client, judge: ClientJudge::default(), limit: TimeLimit::new(limit, says) }
    }

    fn scenario(&mut self, scenario: &Scenario) -> Result<Seen, ClientDriverError> {
        let mut seen = Seen::default();
        self.limit.is_about(format!(".only({:?})", scenario.name));
        for played in Played::ALL {
            let Some(script) = played.script(&scenario.script) else { continue };
            if !unplayable(self.client, &script).is_empty() {
                seen.unplayable.insert(scenario.name.clone());
                continue;
            }
            let judgement = self.limit.call(|| self.judge.judge(self.client, &script))?;
            if !judgement.played.observation.record.written.starts_with(PREFACE) {
                seen.silent.push(scenario.name.clone());
            }
            seen.plays += 1;
            let counts = judgement.mistakes.iter().any(Mistake::counts);
            let shown = if counts { Shown::new(&judgement, &script) } else { Shown::default() };
            let found = |mistake| Found { scenario: scenario.clone(), played, mistake, shown: shown.clone() };
            seen.found.extend(judgement.mistakes.into_iter().map(found));
        }
        Ok(seen)
    }

    /// The smallest script of these, made smaller, with what happens in it.
    fn finding(&self, found: &[&Found]) -> Option<ClientFinding> {
        let smallest = found.iter().min_by_key(|found| (found.scenario.script.steps().len(), found.played))?;
        let script = smallest.played.script(&smallest.scenario.script)?;
        let alike = |judgement: &ClientJudgement| {
            let alike = |mistake: &&Mistake| {
                let key = |mistake: &Mistake| (mistake.kind, mistake.class, without_digits(&mistake.message));
                mistake.counts() && key(mistake) == key(&smallest.mistake)
            };
            judgement.mistakes.iter().find(alike).cloned()
        };
        self.limit.is_about(format!(".only({:?})", smallest.scenario.name));
        let is_alike = |judgement: &ClientJudgement| alike(judgement).is_some();
        let judge = |script: &Script| self.limit.call(|| self.judge.judge(self.client, script)).ok();
        // In real time, hundreds of plays would take minutes, and another play may go otherwise.
        let (mut script, mut mistake, mut shown) = (script, smallest.mistake.clone(), smallest.shown.clone());
        if self.client.clock() == Clock::Virtual {
            script = minimize(&script, |script| judge(script).as_ref().is_some_and(is_alike)).script;
            let judgement = judge(&script)?;
            mistake = alike(&judgement).unwrap_or(mistake);
            shown = Shown::new(&judgement, &script);
        }
        let Shown { exchange, application, model } = shown;
        let others: BTreeSet<&str> = found.iter().map(|found| found.scenario.name.as_str()).collect();
        Some(ClientFinding {
            mistake,
            scenario: smallest.scenario.name.clone(),
            played: smallest.played,
            others: others.into_iter().filter(|name| **name != smallest.scenario.name).map(str::to_owned).collect(),
            exchange,
            application,
            model,
            script,
        })
    }
}

/// A message without its numbers of streams and bytes, which change as a script gets smaller.
fn without_digits(message: &str) -> String {
    message.chars().filter(|letter| !letter.is_ascii_digit()).collect()
}

/// What the application got of each request.
fn application(judgement: &ClientJudgement) -> Vec<String> {
    let requests = judgement.played.observation.requests.iter().zip(&judgement.played.requests).enumerate();
    let lines = requests.map(|(number, (seen, outcome))| {
        let ended = match &seen.end {
            End::Open => "no end".into(),
            End::Complete => "its end".into(),
            End::Failed(_, error) => format!("the error {:?}", texts(error.as_ref().as_ref())),
        };
        let head = seen.head.as_ref().map(|head| format!("status {}, {} bytes, then ", head.status, seen.body.len()));
        let (first, later) = (outcome.on_first, outcome.on_later);
        format!(
            "request {number}: {}{ended}; sent {first} on the first connection, {later} on later ones",
            head.unwrap_or_default()
        )
    });
    lines.collect()
}

/// An error and its sources, at most eight.
fn texts(error: &(dyn Error + 'static)) -> String {
    let errors = std::iter::successors(Some(error), |error| (*error).source());
    errors.take(8).map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// What RFC 9113 makes of each request.
fn model(judgement: &ClientJudgement) -> Vec<String> {
    let truths = judgement.model.truths.iter().enumerate();
    let lines = truths.map(|(number, truth)| {
        let processed: Vec<String> = truth.processed.iter().map(ToString::to_string).collect();
        let (because, complete) = (truth.because, truth.complete);
        format!(
            "request {number}: processed {}, because {} ({}); complete {complete}",
            processed.join(" or "),
            because.what(),
            because.clause
        )
    });
    lines.collect()
}

impl Seen {
    fn add(&mut self, seen: Seen) {
        self.plays += seen.plays;
        self.silent.extend(seen.silent);
        self.unplayable.extend(seen.unplayable);
        self.found.extend(seen.found);
    }

    fn passed(self, client: String, known: Vec<(String, String)>) -> ClientPassed {
        let mut left: BTreeMap<_, BTreeSet<String>> = BTreeMap::new();
        for Found { scenario, mistake, .. } in self.found {
            if !mistake.counts() {
                let key = (mistake.of_its_stack, mistake.class, mistake.kind);
                left.entry(key).or_default().insert(scenario.name);
            }
        }
        let group = |((of_its_stack, class, kind), scenarios): (_, BTreeSet<String>)| Tolerated {
            class,
            kind,
            of_its_stack,
            scenarios: scenarios.into_iter().collect(),
        };
        ClientPassed {
            client,
            plays: self.plays,
            unplayable: self.unplayable.into_iter().collect(),
            tolerated: left.into_iter().map(group).collect(),
            known,
        }
    }
}

/// A client that passed, and what did not fail it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientPassed {
    /// Its name.
    pub client: String,
    /// The number of plays: each scenario as it is written, and with POST in place of GET, without and with content.
    pub plays: usize,
    /// The scenarios that were not played, or not in every way: they need a transport in memory, virtual time, or what the
    /// client does not have.
    pub unplayable: Vec<String>,
    /// Choices, and what the bare stack under the client does as well.
    pub tolerated: Vec<Tolerated>,
    /// The scenarios with known mistakes, each with its reason.
    pub known: Vec<(String, String)>,
}

/// Mistakes of one kind that do not fail a check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tolerated {
    /// Their class.
    pub class: MistakeClass,
    /// Their kind.
    pub kind: MistakeKind,
    /// Whether the bare stack makes them too.
    pub of_its_stack: bool,
    /// The scenarios that show them.
    pub scenarios: Vec<String>,
}

/// Why a client did not pass. `Debug` prints the same as `Display`, so that an error that a test returns or unwraps is
/// readable.
#[derive(Clone, PartialEq, Eq)]
pub struct ClientFailed {
    /// The client.
    pub client: String,
    /// Why.
    pub why: Box<Why>,
}

/// Why a client did not pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// It made mistakes, or did not make known ones.
    Mistakes {
        /// The smallest script of each kind of mistake.
        findings: Vec<ClientFinding>,
        /// The scenarios that are known for mistakes and have none.
        stale: Vec<String>,
        /// The number of plays.
        plays: usize,
        /// The scenarios that were not played, or not in every way.
        unplayable: Vec<String>,
        /// Choices, and what the bare stack under the client does as well.
        tolerated: Vec<Tolerated>,
    },
    /// Nothing was checked, for this reason.
    Unplayed(String),
}

/// A kind of mistake, and the smallest script that shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientFinding {
    /// The mistake in that script.
    pub mistake: Mistake,
    /// The scenario that the script was made from.
    pub scenario: String,
    /// How that was played.
    pub played: Played,
    /// Other scenarios with such a mistake.
    pub others: Vec<String>,
    /// The script.
    pub script: Script,
    /// What crossed the first connection.
    pub exchange: Vec<String>,
    /// What the application got of each request.
    pub application: Vec<String>,
    /// What RFC 9113 makes of each request.
    pub model: Vec<String>,
}

impl fmt::Display for ClientPassed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} keeps the laws: {} plays", self.client, self.plays)?;
        let mut line = |text: String| write!(f, "\n{}", hanging(&text));
        for (scenario, because) in &self.known {
            line(format!("known: {scenario}: {because}"))?;
        }
        for Tolerated { class, kind, of_its_stack, scenarios } in &self.tolerated {
            let whose = if *of_its_stack { " of its stack" } else { "" };
            line(format!("{class}{whose}: {kind}: {}", scenarios.join(", ")))?;
        }
        if !self.unplayable.is_empty() {
            line(not_played(&self.unplayable))?;
        }
        Ok(())
    }
}

impl fmt::Display for ClientFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.why {
            Why::Unplayed(why) => writeln!(f, "{} was not checked: {why}", self.client),
            Why::Mistakes { findings, stale, plays, unplayable, .. } => {
                let kinds = if findings.len() == 1 { "one kind".into() } else { format!("{} kinds", findings.len()) };
                writeln!(f, "{} makes mistakes of {kinds} in {plays} plays:", self.client)?;
                findings.iter().try_for_each(|finding| write!(f, "\n{finding}"))?;
                stale.iter().try_for_each(|name| {
                    writeln!(f, "\n{name} is known for mistakes, and has none: take the entry out")
                })?;
                if unplayable.is_empty() { Ok(()) } else { writeln!(f, "\n{}", hanging(&not_played(unplayable))) }
            }
        }
    }
}

impl fmt::Debug for ClientFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\n")?;
        fmt::Display::fmt(self, f)
    }
}

impl Error for ClientFailed {}

impl fmt::Display for ClientFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Mistake { kind, class, law, .. } = &self.mistake;
        labelled(f, &kind.to_string(), &self.mistake.to_string())?;
        labelled(f, "  class", &class.to_string())?;
        labelled(f, "  the law", law.text())?;
        /// The number of other scenarios that are named.
        const NAMED: usize = 8;
        let named = self.others.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
        let others = match self.others.len() {
            0 => String::new(),
            number if number > NAMED => format!("; also in {number} others, such as {named}"),
            _ => format!("; also in {named}"),
        };
        labelled(f, "  scenario", &format!("{}, {}{others}", self.scenario, self.played))?;
        block(f, "the script", &self.script.to_toml())?;
        block(f, "the exchange on the first connection", &self.exchange.join("\n"))?;
        block(f, "what the application got", &self.application.join("\n"))?;
        block(f, "what RFC 9113 makes of it", &self.model.join("\n"))?;
        labelled(f, "  again", &format!(".only({:?})", self.scenario))
    }
}

fn not_played(scenarios: &[String]) -> String {
    let names = scenarios.join(", ");
    format!("not played in every way, for want of memory, virtual time, or what the client takes: {names}")
}

fn block(f: &mut fmt::Formatter<'_>, title: &str, text: &str) -> fmt::Result {
    writeln!(f, "  {title}")?;
    text.lines().try_for_each(|line| writeln!(f, "    {line}"))
}
