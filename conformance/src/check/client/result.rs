//! The result of a check, and its printed form.

use super::Played;
use crate::{
    check::failure::{hanging, labelled},
    oracles::clients::{Mistake, MistakeClass, MistakeKind},
    script::Script,
};
use serde::{Deserialize, Serialize};
use std::{error::Error, fmt};

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
