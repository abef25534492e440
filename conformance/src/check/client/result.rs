//! The result of a check, and its printed form.

use super::Played;
use crate::{
    check::failure::{hanging, labelled},
    oracles::clients::{Mistake, MistakeClass, MistakeKind},
};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    error::Error,
    fmt,
};

/// What a check has found about a client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientResult {
    /// Its name.
    pub client: String,
    /// The number of plays: each scenario as it is written, and with POST in place of GET, without and with content. To a
    /// gRPC client, each is played once.
    pub plays: usize,
    /// The smallest script of each kind of mistake that fails the check.
    pub findings: Vec<ClientFinding>,
    /// The scenarios that are known for mistakes and have none.
    pub stale: Vec<String>,
    /// The scenarios with known mistakes, each with its reason.
    pub known: Vec<(String, String)>,
    /// Each scenario.
    pub scenarios: Vec<ScenarioResult>,
}

/// What became of a scenario.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScenarioResult {
    /// Its name.
    pub scenario: String,
    /// The number of ways in which it was played.
    pub plays: usize,
    /// Whether it was not played, or not in every way: it needs a transport in memory, virtual time, or what the client
    /// does not have.
    pub is_left_out: bool,
    /// Whether the client did not connect in time at first, so that it was played again.
    pub is_repeated: bool,
    /// The mistakes.
    pub mistakes: Vec<SeenMistake>,
    /// The plays with a mistake; without one, the play as it is written.
    pub shown: Vec<Shown>,
}

/// A mistake, and how often it was seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenMistake {
    /// How its scenario was played.
    pub played: Played,
    /// The mistake.
    pub mistake: Mistake,
    /// The number of plays that showed it.
    pub seen: usize,
    /// The number of equal plays. In real time, a play with a mistake is repeated.
    pub of: usize,
}

/// A play in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// How the scenario was played.
    pub played: Played,
    /// The script, as TOML.
    pub script: String,
    /// What crossed the connections of the script.
    pub exchange: Vec<String>,
    /// What the application got of each request.
    pub application: Vec<String>,
    /// What RFC 9113 makes of each request.
    pub model: Vec<String>,
}

/// A kind of mistake that fails a check, and the smallest script that shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientFinding {
    /// The mistake in that script.
    pub mistake: Mistake,
    /// The scenario that the script was made from.
    pub scenario: String,
    /// Other scenarios with such a mistake.
    pub others: Vec<String>,
    /// The number of plays that showed it, and of all equal plays.
    pub seen: (usize, usize),
    /// The play.
    pub shown: Shown,
}

/// Mistakes of one kind that do not fail a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tolerated {
    /// Their class.
    pub class: MistakeClass,
    /// Their kind.
    pub kind: MistakeKind,
    /// Why they are tolerated.
    pub because: Because,
    /// The scenarios that show them.
    pub scenarios: Vec<String>,
}

/// Why a mistake does not fail a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Because {
    /// It is a choice.
    Choice,
    /// The bare stack makes it too.
    OfItsStack,
    /// Nothing happened in time once, and it did when the play was repeated.
    SeenOnce,
}

/// Why a client did not pass. `Debug` prints the same as `Display`, so that an error that a test returns or unwraps is
/// readable.
#[derive(Clone, PartialEq, Eq)]
pub enum ClientFailed {
    /// It made mistakes, or did not make known ones.
    Mistakes(Box<ClientResult>),
    /// Nothing was checked.
    Unplayed {
        /// The client.
        client: String,
        /// Why.
        why: String,
    },
}

impl ClientFailed {
    /// The kinds of mistakes.
    pub fn findings(&self) -> &[ClientFinding] {
        match self {
            ClientFailed::Mistakes(result) => &result.findings,
            ClientFailed::Unplayed { .. } => &[],
        }
    }
}

impl SeenMistake {
    /// Whether it fails a check that does not know it: it is the client's own, and more than a choice. Where nothing
    /// happened in time, it must also have been seen again.
    pub fn counts(&self) -> bool {
        self.tolerated().is_none()
    }

    /// Whether its play is worth a repetition: it counts, or nothing happened in time.
    pub(super) fn is_repeated(&self) -> bool {
        self.counts() || (self.mistake.kind.is_absence() && !self.mistake.of_its_stack)
    }

    /// Why it does not fail a check.
    fn tolerated(&self) -> Option<Because> {
        match &self.mistake {
            mistake if mistake.of_its_stack => Some(Because::OfItsStack),
            mistake if mistake.class == MistakeClass::Choice => Some(Because::Choice),
            mistake if mistake.kind.is_absence() => (self.seen == 1 && self.of > 1).then_some(Because::SeenOnce),
            _ => None,
        }
    }

    /// Whether equal plays differ in it.
    pub fn is_race(&self) -> bool {
        self.seen < self.of
    }
}

impl ClientResult {
    /// Whether nothing fails the check.
    pub fn passes(&self) -> bool {
        self.findings.is_empty() && self.stale.is_empty()
    }

    /// The scenarios that were not played, or not in every way.
    pub fn left_out(&self) -> impl Iterator<Item = &str> {
        self.scenarios.iter().filter(|scenario| scenario.is_left_out).map(|scenario| &*scenario.scenario)
    }

    /// The mistakes that do not fail the check, though nobody knows them.
    pub fn tolerated(&self) -> Vec<Tolerated> {
        let mut kinds: BTreeMap<_, BTreeSet<&str>> = BTreeMap::new();
        for ScenarioResult { scenario, mistakes, .. } in &self.scenarios {
            for seen in mistakes {
                if let Some(because) = seen.tolerated() {
                    kinds.entry((because, seen.mistake.class, seen.mistake.kind)).or_default().insert(scenario);
                }
            }
        }
        let tolerated = |((because, class, kind), scenarios): (_, BTreeSet<&str>)| {
            let scenarios = scenarios.into_iter().map(str::to_owned).collect();
            Tolerated { class, kind, because, scenarios }
        };
        kinds.into_iter().map(tolerated).collect()
    }
}

impl fmt::Display for Because {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Because::Choice => "",
            Because::OfItsStack => " of its stack",
            Because::SeenOnce => ", seen once and not again",
        })
    }
}

impl fmt::Display for ClientResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ClientResult { client, plays, findings, stale, known, .. } = self;
        if self.passes() {
            writeln!(f, "{client} keeps the laws: {plays} plays")?;
        } else {
            let kinds = if findings.len() == 1 { "one kind".into() } else { format!("{} kinds", findings.len()) };
            writeln!(f, "{client} makes mistakes of {kinds} in {plays} plays:")?;
            findings.iter().try_for_each(|finding| write!(f, "\n{finding}"))?;
            stale
                .iter()
                .try_for_each(|name| writeln!(f, "\n{name} is known for mistakes, and has none: take the entry out"))?;
            writeln!(f)?;
        }
        let mut line = |text: String| writeln!(f, "{}", hanging(&text));
        for (scenario, because) in known {
            line(format!("known: {scenario}: {because}"))?;
        }
        for Tolerated { class, kind, because, scenarios } in self.tolerated() {
            line(format!("{class}{because}: {kind}: {}", scenarios.join(", ")))?;
        }
        let repeated = self.scenarios.iter().filter(|scenario| scenario.is_repeated);
        let repeated: Vec<&str> = repeated.map(|scenario| &*scenario.scenario).collect();
        if !repeated.is_empty() {
            line(format!("played again, because it did not connect in time: {}", repeated.join(", ")))?;
        }
        let left_out: Vec<&str> = self.left_out().collect();
        if !left_out.is_empty() {
            let why = "not played in every way, for want of memory, virtual time, or what the client takes";
            line(format!("{why}: {}", left_out.join(", ")))?;
        }
        Ok(())
    }
}

impl fmt::Display for ClientFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ClientFailed::Mistakes(result) => result.fmt(f),
            ClientFailed::Unplayed { client, why } => writeln!(f, "{client} was not checked: {why}"),
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
        labelled(f, "  scenario", &format!("{}, {}{others}", self.scenario, self.shown.played))?;
        let (seen, of) = self.seen;
        if seen < of {
            labelled(f, "  a race", &format!("{seen} of {of} equal plays show it"))?;
        }
        block(f, "the script", &self.shown.script)?;
        block(f, "the exchange", &self.shown.exchange.join("\n"))?;
        block(f, "what the application got", &self.shown.application.join("\n"))?;
        block(f, "what RFC 9113 makes of it", &self.shown.model.join("\n"))?;
        labelled(f, "  again", &format!(".only({:?})", self.scenario))
    }
}

fn block(f: &mut fmt::Formatter<'_>, title: &str, text: &str) -> fmt::Result {
    writeln!(f, "  {title}")?;
    text.lines().try_for_each(|line| writeln!(f, "    {line}"))
}
