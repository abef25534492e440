//! One script on both stacks, in full.

use super::{SCHEMA, play::RequestEnd, timeline};
use crate::{
    chain::Chain,
    http2::wire,
    judge::Judgement,
    ledger::{Divergence, Harm, Right},
    oracles::Violation,
    outcome::Side,
    peer::Record,
    rfc9113::{self, Breach, Certainty, ConnectionState, Fault, Ground, Model},
    scenarios::{Origin, Scenario},
    script::{
        Script,
        text::{inline, scenario_toml, to_hex},
    },
    stacks::{End, Profile},
    vocabulary::{PerStack, Processed},
};
use serde::{Deserialize, Serialize};
use std::{error::Error, iter};

/// One script on both stacks: the exchange, what each application saw, and which laws hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    /// [`SCHEMA`].
    pub schema: u32,
    /// The scenario's or file's name.
    pub name: String,
    /// What happens in a scenario.
    pub about: Option<String>,
    /// The clauses that a scenario is about.
    pub rfc: Vec<String>,
    /// The public issues that report a scenario.
    pub seen: Vec<String>,
    /// The settings of the stacks.
    pub profile: Profile,
    /// The keys `requests` and `steps` of the script as TOML, and before them those by which a scenario is judged:
    /// `expect`, `settings` and `but`.
    pub script: String,
    /// The command that plays it again.
    pub replay: String,
    /// Whether it is a scenario of the suite: the model agrees with what it expects.
    #[serde(default)]
    pub own: bool,
    /// What a scenario expects of each request; empty if only the laws are checked.
    pub expected: Vec<String>,
    /// The requests with an expectation that the model contradicts.
    #[serde(default)]
    pub disputed: Vec<usize>,
    /// The line `but` for the scenario, if a stack does not meet an expectation only because of the ledger entries that
    /// explain the case, and the scenario does not say so.
    #[serde(default)]
    pub but_to_state: Option<String>,
    /// The reasons that a scenario states for another outcome; empty if only the laws are checked.
    pub but: Vec<String>,
    /// Whether only the laws are checked, because the expectations of a scenario depend on other settings of the
    /// stacks.
    pub laws_only: bool,
    /// The outcome on each stack, by the stack's name.
    #[serde(flatten)]
    pub sides: PerStack<SideReport>,
    /// The laws that are broken, explained or not.
    pub violations: Vec<Violation>,
    /// The ledger entries that explain violations of laws 2 to 7.
    pub divergences: Vec<DivergenceReport>,
    /// Whether the stacks differ only with their own settings; always false with equal settings.
    pub configuration: bool,
    /// Whether there is a violation that nothing explains.
    pub unexplained: bool,
}

/// An entry of the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DivergenceReport {
    /// Its name.
    pub name: String,
    /// What differs.
    pub about: String,
    /// The clause of RFC 9113 that decides.
    pub rfc: String,
    /// The side that follows it.
    pub right: Right,
    /// The crate with the fault.
    #[serde(default)]
    pub project: String,
    /// What the fault does to an application, on each stack that has it.
    #[serde(default)]
    pub harm: PerStack<Option<Harm>>,
    /// The place in the upstream sources that makes the difference.
    pub cause: String,
    /// The release that introduced it.
    pub changed: String,
    /// The public issue or change that reports it, if one was found.
    pub reported: Option<String>,
    /// Its effect on an application.
    pub effect: String,
    /// What an application can do until the fault is fixed.
    pub meanwhile: Option<String>,
    /// The scenario that reproduces it; for servers, the file in `corpus/server`.
    pub scenario: String,
}

impl<Repair> From<&Divergence<Repair>> for DivergenceReport {
    fn from(entry: &Divergence<Repair>) -> DivergenceReport {
        DivergenceReport {
            name: entry.name.into(),
            about: entry.about.into(),
            rfc: entry.rfc.into(),
            right: entry.right(),
            project: entry.project.into(),
            harm: entry.harm,
            cause: entry.cause.into(),
            changed: entry.changed.into(),
            reported: entry.reported.map(Into::into),
            effect: entry.effect.into(),
            meanwhile: entry.meanwhile.map(Into::into),
            scenario: entry.scenario.into(),
        }
    }
}

impl DivergenceReport {
    /// The parts of the entry, each with its label.
    pub fn parts(&self) -> [(&'static str, &str); 7] {
        let right = match self.right {
            Right::Legacy => "legacy",
            Right::Modern => "modern",
            Right::Neither => "neither",
            Right::Both => "both",
        };
        [
            ("differs", &self.about),
            ("RFC 9113", &self.rfc),
            ("right", right),
            ("cause", &self.cause),
            ("changed", &self.changed),
            ("reported", self.reported.as_deref().unwrap_or("nowhere, as far as is known")),
            ("effect", &self.effect),
        ]
    }
}

/// The outcome of a script on one stack.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SideReport {
    /// The exchange, one line per event: `<-` from the peer, `->` from the client, `*` application or failure.
    pub timeline: Vec<String>,
    /// How each request ended.
    pub requests: Vec<RequestReport>,
    /// The panics of the stack's tasks.
    pub panics: Vec<String>,
    /// The state of the connection by RFC 9113, as text.
    pub connection: String,
    /// What the client did, or failed to do, against the rules.
    #[serde(default)]
    pub breaches: Vec<BreachReport>,
}

/// Something that a client did, or failed to do, against the rules.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BreachReport {
    /// The kind.
    pub fault: Fault,
    /// The name of the clause.
    pub clause: String,
    /// Its document and section.
    pub rfc: String,
    /// The client's frame, counted from its first; none if a frame is missing.
    pub frame: Option<usize>,
    /// The last step that had begun.
    pub step: Option<usize>,
    /// The number of the request that it concerns; none if it concerns the connection.
    pub request: Option<usize>,
    /// What is wrong, in a few words.
    pub what: String,
    /// The number of lines of the timeline down to its frame, or to the end of its step if a frame is missing.
    pub line: usize,
    /// The entries of the ledger whose repairs together leave no law broken.
    pub explained_by: Vec<String>,
    /// Whether nothing explains it: no entries, and no settings of the stacks.
    pub unexplained: bool,
}

/// What RFC 9113 says about one request, from what crossed the transport.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TruthReport {
    /// Whether the peer acted on it; several where the RFC leaves a choice.
    pub processed: Vec<Processed>,
    /// The reason: the frame of the peer, if it is one, and the section.
    pub because: String,
    /// Whether the whole response arrived.
    pub complete: Certainty,
    /// Whether it may still be open.
    pub open: Certainty,
    /// What ended it: the frame, if it is one, and the section.
    pub ended_by: Option<String>,
}

/// How one request ended, and what RFC 9113 says about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestReport {
    /// How it ended.
    #[serde(flatten)]
    pub end: RequestEnd,
    /// The stream that it was written on.
    pub stream: Option<u32>,
    /// The text that each link of the error prints.
    pub messages: Vec<String>,
    /// Whether the verdict allows the request, with its method, to be sent again.
    pub may_retry: Option<bool>,
    /// What RFC 9113 says about it.
    pub truth: TruthReport,
}

impl Judgement {
    /// The case in the form that is reported.
    pub fn into_case(self, name: &str, script: &Script) -> Case {
        let sides = self.comparison.sides.map(|side| SideReport::new(side, script, &self));
        Case {
            schema: SCHEMA,
            name: name.into(),
            profile: self.profile,
            script: script.to_toml(),
            replay: command("explain", script, self.profile),
            sides,
            violations: self.violations,
            divergences: self.divergences.into_iter().map(Into::into).collect(),
            configuration: self.configuration,
            unexplained: self.unexplained,
            ..Case::default()
        }
    }

    /// A breach in the form that is reported, below this number of lines of the exchange.
    fn breach(&self, breach: &Breach, line: usize) -> BreachReport {
        BreachReport {
            fault: breach.fault,
            clause: breach.clause.name().into(),
            rfc: breach.clause.citation(),
            frame: breach.frame,
            step: breach.step,
            request: breach.request,
            what: breach.what.clone(),
            line,
            explained_by: self.explained_by().map(|entry| entry.name.into()).collect(),
            unexplained: !self.explains_laws(),
        }
    }

    /// The case of a scenario in the form that is reported.
    pub fn into_scenario_case(self, scenario: &Scenario) -> Case {
        let (profile, disputed) = (self.profile, self.expectations.disputed.clone());
        let but_to_state = self.but_to_state(scenario).map(|but| format!("but = {}", inline(&but)));
        let mut case = self.into_case(&scenario.name, &scenario.script);
        case.script = scenario.to_toml();
        let is_held = !scenario.expect.is_empty() || !scenario.but.is_empty();
        case.replay = match &scenario.origin {
            Origin::Suite => command_on("explain", &scenario.name, profile),
            Origin::File(path) => command_on("explain", &quoted(&path.to_string_lossy()), profile),
            // Bytes alone would lose what it expects.
            Origin::Text if is_held => in_file("explain", "", SCENARIO, profile),
            _ => case.replay,
        };
        case.own = scenario.origin == Origin::Suite;
        (case.disputed, case.but_to_state) = (disputed, but_to_state);
        case.about = Some(scenario.about.clone()).filter(|about| !about.is_empty());
        case.rfc.clone_from(&scenario.rfc);
        case.seen.clone_from(&scenario.seen);
        case.laws_only = scenario.is_held_to_laws_only(profile);
        if !case.laws_only {
            case.expected = scenario.expect.iter().map(ToString::to_string).collect();
            case.but = scenario.but.iter().map(|but| format!("request {}: {}", but.request, but.because)).collect();
        }
        case
    }
}

impl Case {
    /// The script as a scenario with the name of the case, for a file of scenarios.
    pub fn to_scenario(&self) -> String {
        scenario_toml(&self.name, &self.script)
    }

    /// Whether something is wrong: with a stack or the suite, or with what the author of a scenario expects.
    pub fn fails(&self) -> bool {
        self.unexplained || !self.disputed.is_empty()
    }
}

/// What a file for `explain` contains.
const SCENARIO: &str = "the script as a [[scenario]]";

/// The command that does this with a script, with these settings of the stacks.
pub fn command(verb: &str, script: &Script, profile: Profile) -> String {
    command_with(verb, "", &script.encode(), SCENARIO, profile)
}

/// The command that does this with a case, from its bytes. The reader has to put too many bytes into a file.
pub(super) fn command_with(verb: &str, kind: &str, bytes: &[u8], content: &str, profile: Profile) -> String {
    /// The maximum number of bytes in a command.
    const LONGEST: usize = 1_000;
    if bytes.len() > LONGEST {
        return in_file(verb, kind, content, profile);
    }
    command_on(verb, &format!("{kind}hex:{}", to_hex(bytes)), profile)
}

/// The command that does this with a file, which the reader has to write.
fn in_file(verb: &str, kind: &str, content: &str, profile: Profile) -> String {
    format!("{}, with {content} in FILE", command_on(verb, &format!("{kind}FILE"), profile))
}

/// A word for a shell, and no option.
fn quoted(word: &str) -> String {
    if word.starts_with('-') && word != "-" {
        return quoted(&format!("./{word}"));
    }
    match word.chars().all(|c| c.is_ascii_alphanumeric() || "/._-+".contains(c)) {
        true => word.into(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    }
}

fn command_on(verb: &str, what: &str, profile: Profile) -> String {
    let settings = match profile {
        Profile::Equal => String::new(),
        other => format!(" --profile {}", other.name()),
    };
    format!("cargo run --release -- {verb} {what}{settings}")
}

impl SideReport {
    fn new(side: &Side, script: &Script, judgement: &Judgement) -> SideReport {
        let (record, breaches) = (&side.observation.record, &side.model.breaches);
        let (timeline, places) = timeline::lines_with_breaches(record, script, breaches);
        let requests = side.observation.requests.iter().zip(&side.outcome.requests);
        let methods = script.requests().map(|request| request.method());
        SideReport {
            timeline,
            requests: requests
                .zip(methods)
                .enumerate()
                .map(|(number, ((seen, outcome), method))| RequestReport {
                    end: RequestEnd::new(outcome),
                    stream: side.observation.record.stream_of(number).map(|stream| stream.get()),
                    messages: messages(&seen.end),
                    may_retry: outcome.verdict().map(|verdict| verdict.may_retry(method.is_idempotent())),
                    truth: TruthReport::new(&side.model, &side.observation.record, number),
                })
                .collect(),
            panics: side.observation.panics.clone(),
            connection: connection(side),
            breaches: breaches.iter().zip(places).map(|(breach, line)| judgement.breach(breach, line)).collect(),
        }
    }

    /// The lines of the timeline, with each breach below what it is about.
    pub fn exchange(&self) -> Vec<String> {
        let below = |line: usize| self.breaches.iter().filter(move |breach| breach.line == line);
        let lines = self
            .timeline
            .iter()
            .zip(1..)
            .flat_map(|(line, number)| iter::once(line.clone()).chain(below(number).map(BreachReport::to_line)));
        below(0).map(BreachReport::to_line).chain(lines).collect()
    }
}

impl BreachReport {
    /// A line of an exchange, with the mark ` !`.
    fn to_line(&self) -> String {
        let BreachReport { rfc, what, .. } = self;
        let owed = if self.fault == Fault::Owed { "a duty not kept: " } else { "" };
        let explanation = match (self.unexplained, &self.explained_by[..]) {
            (true, _) => "unexplained".into(),
            (_, []) => "known: settings".into(),
            (_, entries) => format!("known: {}", entries.join(", ")),
        };
        format!(" ! {rfc}: {owed}{what} ({explanation})")
    }
}

impl TruthReport {
    /// What the model of this record says about the request with this number.
    pub(crate) fn new(model: &Model, record: &Record, number: usize) -> TruthReport {
        let truth = &model.truths[number];
        TruthReport {
            processed: truth.processed.clone(),
            because: ground(model, record, truth.because),
            complete: truth.complete,
            open: truth.open,
            ended_by: truth.ended_by.map(|by| ground(model, record, by)),
        }
    }
}

/// A frame of the peer, and the section that makes it decisive.
fn ground(model: &Model, record: &Record, ground: Ground) -> String {
    match ground.frame {
        Some(frame) => format!("{} (§{})", peer_frame(model, record, frame), ground.clause.section()),
        None => format!("{} (§{})", ground.what(), ground.clause.section()),
    }
}

/// A frame of the peer as one line.
fn peer_frame(model: &Model, record: &Record, index: usize) -> String {
    let start = model.frames.get(index).map(|frame| frame.start);
    let frame = start.and_then(|start| wire::decode(&mut record.sent.slice(start..)));
    frame.map_or_else(|| "a frame that is not whole".into(), |frame| frame.to_string())
}

fn connection(side: &Side) -> String {
    match side.model.connection {
        ConnectionState::Alive => "alive".into(),
        ConnectionState::Draining { frame, last_stream_id } => {
            format!(
                "draining since {}: nothing above stream {last_stream_id} (§6.8)",
                peer_frame(&side.model, &side.observation.record, frame)
            )
        }
        ConnectionState::Ended(rfc9113::End::Broken { frame, clause }) => {
            format!(
                "broken by {} (§{}): the peer's fault",
                peer_frame(&side.model, &side.observation.record, frame),
                clause.section()
            )
        }
        ConnectionState::Ended(rfc9113::End::Client) => "ended by the client (§5.4.1)".into(),
        ConnectionState::Ended(rfc9113::End::Transport) => "closed with its transport (§5.4.3)".into(),
    }
}

/// The text that each link of an error prints.
pub(super) fn messages(end: &End) -> Vec<String> {
    let End::Failed(_, error) = end else { return Vec::new() };
    let links = iter::successors(Some(error.as_ref().as_ref() as &(dyn Error + 'static)), |error| (*error).source());
    links.take(Chain::READING_LIMIT).map(ToString::to_string).collect()
}
