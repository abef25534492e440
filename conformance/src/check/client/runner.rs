//! Plays the scenarios to a client.

use super::{ClientFinding, ClientPassed, Tolerated};
use crate::{
    check::watch::TimeLimit,
    client_driver::{Client, ClientDriverError, Clock, unplayable},
    http2::wire::PREFACE,
    judge::{ClientJudge, ClientJudgement},
    minimize::minimize,
    oracles::clients::Mistake,
    report::timeline::lines,
    scenarios::Scenario,
    script::{Body, BodyEnd, Method, Request, Script, Step},
    stacks::End,
};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    error::Error,
    fmt,
    time::Duration,
};

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

/// Plays scenarios to a client, and keeps what it does wrong.
pub(super) struct Runner<'c> {
    client: &'c dyn Client,
    judge: ClientJudge,
    limit: TimeLimit,
}

/// What a check has seen so far.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) plays: usize,
    /// The scenarios of the plays in which the client did not begin an HTTP/2 connection.
    pub(super) silent: Vec<String>,
    pub(super) unplayable: BTreeSet<String>,
    pub(super) found: Vec<Found>,
}

/// How often a script waits for a client, at most.
const MOST_WAITS: u32 = 100;

/// A mistake in a play.
pub(super) struct Found {
    pub(super) scenario: Scenario,
    played: Played,
    pub(super) mistake: Mistake,
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

impl Runner<'_> {
    pub(super) fn new(client: &dyn Client, limit: Duration) -> Runner<'_> {
        // In real time each step of a script may take the client's patience, and nothing waits longer.
        let limit = match client.clock() {
            Clock::Virtual => limit,
            Clock::Real { patience } => limit.max(patience * MOST_WAITS),
        };
        let name = client.name().to_owned();
        let says = move |case: &str| {
            format!("hang: {name} kept its thread longer than {limit:?}, the time limit of the check.\n  again  {case}")
        };
        Runner { client, judge: ClientJudge::default(), limit: TimeLimit::new(limit, says) }
    }

    pub(super) fn scenario(&mut self, scenario: &Scenario) -> Result<Seen, ClientDriverError> {
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
    pub(super) fn finding(&self, found: &[&Found]) -> Option<ClientFinding> {
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
    pub(super) fn add(&mut self, seen: Seen) {
        self.plays += seen.plays;
        self.silent.extend(seen.silent);
        self.unplayable.extend(seen.unplayable);
        self.found.extend(seen.found);
    }

    pub(super) fn passed(self, client: String, known: Vec<(String, String)>) -> ClientPassed {
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
