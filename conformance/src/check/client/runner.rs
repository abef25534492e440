//! Plays the scenarios to a client.

use super::{ClientFinding, ScenarioResult, SeenMistake, Shown};
use crate::{
    check::watch::TimeLimit,
    client_driver::{Client, ClientDriverError, ClientOutcome, Clock, unplayable},
    http2::wire::PREFACE,
    judge::{ClientJudge, ClientJudgement},
    minimize::minimize,
    oracles::clients::Mistake,
    report::timeline::lines_of_connections,
    scenarios::Scenario,
    script::{Body, BodyEnd, Method, Request, Script, Step},
    stacks::{End, Observation, ObservedRequest},
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, error::Error, fmt, time::Duration};

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
    /// As calls of gRPC.
    InGrpc,
}

impl Played {
    /// The ways for this client.
    fn ways(client: &dyn Client) -> &'static [Played] {
        match client.speaks_grpc() {
            true => &[Played::InGrpc],
            false => &[Played::AsWritten, Played::WithPost, Played::WithContent],
        }
    }

    /// The scenario's script, played like this. `None` if it has no GET to replace.
    fn script(self, script: &Script) -> Option<Script> {
        /// The number of bytes of the content.
        const CONTENT: u32 = 100;
        let body = match self {
            Played::AsWritten | Played::InGrpc => return Some(script.clone()),
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
            Played::InGrpc => "as calls of gRPC",
        })
    }
}

/// Plays scenarios to a client, and keeps what it does wrong.
pub(super) struct Runner<'c> {
    client: &'c dyn Client,
    judge: ClientJudge,
    limit: TimeLimit,
}

/// How often a script waits for a client, at most.
const MOST_WAITS: u32 = 100;

/// How often a play with a mistake is repeated at most, if plays may differ. Once is enough if it shows again.
const REPETITIONS: usize = 3;

/// What is seen of a scenario.
pub(super) struct Seen {
    pub(super) result: ScenarioResult,
    /// Whether the client began an HTTP/2 connection in a play.
    pub(super) has_connected: bool,
    /// Why it did not in another; `None` if it always did.
    pub(super) silence: Option<Silence>,
}

/// Why a client did not begin an HTTP/2 connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Silence {
    /// It refuses to send such a request.
    Refuses,
    /// It opens no connection in time, or speaks another protocol on it.
    Late,
}

impl Silence {
    /// Why a play has no HTTP/2 connection; `None` if it has one, or the client crashed before.
    fn of(played: &ClientOutcome) -> Option<Silence> {
        let Observation { record, panics, requests, .. } = &played.observation;
        let failed = |request: &ObservedRequest| matches!(request.end, End::Failed(..));
        let refuses = played.connections == 0 && requests.iter().all(failed);
        let silence = if refuses { Silence::Refuses } else { Silence::Late };
        (!record.written.starts_with(PREFACE) && panics.is_empty()).then_some(silence)
    }
}

impl Shown {
    fn new(judgement: &ClientJudgement, played: Played) -> Shown {
        Shown {
            played,
            script: judgement.script.to_toml(),
            exchange: lines_of_connections(judgement.played.records(), &judgement.script),
            application: application(judgement),
            model: model(judgement),
        }
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

    /// Plays a scenario in every way.
    pub(super) fn scenario(&self, scenario: &Scenario) -> Result<Seen, ClientDriverError> {
        let name = scenario.name.clone();
        let mut result = ScenarioResult {
            scenario: name,
            plays: 0,
            is_left_out: false,
            is_repeated: false,
            mistakes: Vec::new(),
            shown: Vec::new(),
        };
        let (mut has_connected, mut silence) = (false, None);
        for &played in Played::ways(self.client) {
            let Some(script) = played.script(&scenario.script) else { continue };
            let playable = unplayable(self.client, &script).is_empty();
            let judgement = if playable { Some(self.judge(scenario, &script)?) } else { None };
            let is_whole = |judgement: &ClientJudgement| {
                let ClientJudgement { played, mistakes, .. } = judgement;
                played.unplayable.is_empty() && !(played.lacks_stream && mistakes.is_empty())
            };
            let Some(judgement) = judgement.filter(is_whole) else {
                result.is_left_out = true;
                continue;
            };
            let silent = Silence::of(&judgement.played);
            has_connected |= silent.is_none();
            silence = silence.max(silent);
            if silent == Some(Silence::Refuses) {
                result.is_left_out = true;
                continue;
            }
            result.plays += 1;
            if matches!(played, Played::AsWritten | Played::InGrpc) || !judgement.mistakes.is_empty() {
                result.shown.push(Shown::new(&judgement, played));
            }
            let seen = |mistake| SeenMistake { played, mistake, seen: 1, of: 1 };
            result.mistakes.extend(judgement.mistakes.into_iter().map(seen));
        }
        let of_a_mistake = |shown: &Shown| result.mistakes.iter().any(|seen| seen.played == shown.played);
        if !result.mistakes.is_empty() {
            result.shown.retain(of_a_mistake);
        }
        Ok(Seen { result, has_connected, silence })
    }

    /// Repeats the plays with such a mistake, and says how often each shows.
    pub(super) fn confirm(&self, scenario: &Scenario, result: &mut ScenarioResult) -> Result<(), ClientDriverError> {
        for &played in Played::ways(self.client) {
            let shows = |seen: &SeenMistake| seen.played == played && seen.is_repeated();
            let Some(script) = played.script(&scenario.script).filter(|_| result.mistakes.iter().any(shows)) else {
                continue;
            };
            for _ in 0..REPETITIONS {
                let again = self.judge(scenario, &script)?.mistakes;
                for seen in result.mistakes.iter_mut().filter(|seen| seen.played == played) {
                    let key = |mistake: &Mistake| (mistake.kind, mistake.class, mistake.request);
                    seen.seen += usize::from(again.iter().any(|mistake| key(mistake) == key(&seen.mistake)));
                    seen.of += 1;
                }
                let mut of_the_play = result.mistakes.iter().filter(|seen| seen.played == played);
                if of_the_play.all(|seen| !seen.is_race()) {
                    break;
                }
            }
        }
        Ok(())
    }

    fn judge(&self, scenario: &Scenario, script: &Script) -> Result<ClientJudgement, ClientDriverError> {
        self.limit.is_about(format!(".only({:?})", scenario.name));
        self.limit.call(|| self.judge.judge(self.client, script))
    }

    /// The smallest script of these, made smaller, with what happens in it.
    pub(super) fn finding(&self, found: &[(&Scenario, &ScenarioResult, &SeenMistake)]) -> Option<ClientFinding> {
        let steps = |scenario: &Scenario| scenario.script.steps().len();
        let smallest = found.iter().min_by_key(|(scenario, _, seen)| (steps(scenario), seen.played))?;
        let (scenario, result, seen) = smallest;
        let mut shown = result.shown.iter().find(|shown| shown.played == seen.played)?.clone();
        let mut mistake = seen.mistake.clone();
        let alike = |judgement: &ClientJudgement| {
            let key = |mistake: &Mistake| (mistake.kind, mistake.class, without_digits(&mistake.message));
            let alike = |mistake: &&Mistake| mistake.counts() && key(mistake) == key(&seen.mistake);
            judgement.mistakes.iter().find(alike).cloned()
        };
        // In real time, hundreds of plays would take minutes, and another play may go otherwise.
        if self.client.clock() == Clock::Virtual {
            let script = seen.played.script(&scenario.script)?;
            let judge = |script: &Script| self.judge(scenario, script).ok();
            let shows = |script: &Script| judge(script).as_ref().and_then(alike).is_some();
            let script = minimize(&script, shows).script;
            let judgement = judge(&script)?;
            mistake = alike(&judgement).unwrap_or(mistake);
            shown = Shown::new(&judgement, seen.played);
        }
        let others: BTreeSet<&str> = found.iter().map(|(scenario, ..)| &*scenario.name).collect();
        Some(ClientFinding {
            mistake,
            scenario: scenario.name.clone(),
            others: others.into_iter().filter(|name| **name != scenario.name).map(str::to_owned).collect(),
            seen: (seen.seen, seen.of),
            shown,
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
            End::Cancelled => "no end, as it was cancelled".into(),
            End::Failed(_, error) => format!("the error {:?}", texts(error.as_ref().as_ref())),
        };
        let head = seen.head.as_ref().map(|head| format!("status {}, {} bytes, then ", head.status, seen.body.len()));
        let (first, later) = (outcome.on_first(), outcome.on_later());
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
    let several = judgement.models.len() > 1;
    let truths = judgement.models.iter().zip(1..).flat_map(|(model, connection)| {
        // On a later connection, only what was written there is of interest.
        let truths =
            model.truths.iter().enumerate().filter(move |(_, truth)| connection == 1 || truth.stream.is_some());
        truths.map(move |(number, truth)| (connection, number, truth))
    });
    let lines = truths.map(|(connection, number, truth)| {
        let place = if several { format!(" on connection {connection}") } else { String::new() };
        let processed: Vec<String> = truth.processed.iter().map(ToString::to_string).collect();
        let (because, complete) = (truth.because, truth.complete);
        format!(
            "request {number}{place}: processed {}, because {} ({}); complete {complete}",
            processed.join(" or "),
            because.what(),
            because.clause
        )
    });
    lines.collect()
}
