//! The names that can be explained: scenarios and known divergences.

use conformance::{
    ledger,
    report::{
        SCHEMA, STYLES,
        case::DivergenceReport,
        layout::{Text, indented, paragraph, written_within},
    },
    scenarios::Scenario,
    servers,
};
use serde::{Deserialize, Serialize};
use std::fmt::{self, Write};

/// The names of scenarios, and of all known divergences.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listing {
    /// [`SCHEMA`].
    pub schema: u32,
    /// The scenarios, theme by theme.
    pub scenarios: Vec<ListedScenario>,
    /// The entries of the ledger.
    pub divergences: Vec<DivergenceReport>,
    /// The entries of the servers' ledger.
    pub server_divergences: Vec<DivergenceReport>,
}

/// A scenario by its name.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedScenario {
    /// The theme that it belongs to.
    pub theme: String,
    /// Its name.
    pub name: String,
    /// What it is about.
    pub about: String,
    /// The clauses of RFC 9113 that it tests.
    pub rfc: Vec<String>,
}

impl Listing {
    /// These scenarios, and both ledgers.
    pub fn new(scenarios: Vec<Scenario>) -> Listing {
        let listed = |Scenario { theme, name, about, rfc, .. }: Scenario| ListedScenario { theme, name, about, rfc };
        Listing {
            schema: SCHEMA,
            scenarios: scenarios.into_iter().map(listed).collect(),
            divergences: ledger::entries().map(Into::into).collect(),
            server_divergences: servers::ledger::LEDGER.iter().map(|entry| (*entry).into()).collect(),
        }
    }
}

/// The names with what each is about, styled for a terminal of this width; strip the styles for a file.
pub fn listing(listing: &Listing, width: usize) -> String {
    let heading = STYLES.heading;
    written_within(width, |out| {
        for theme in listing.scenarios.chunk_by(|one, next| one.theme == next.theme) {
            writeln!(out, "{heading}{}{heading:#}", theme[0].theme)?;
            for scenario in theme {
                write_entry(out, &scenario.name, &scenario.about)?;
            }
            writeln!(out)?;
        }
        writeln!(out, "{heading}known divergences{heading:#}")?;
        for entry in &listing.divergences {
            write_entry(out, &entry.name, &entry.about)?;
        }
        writeln!(out, "\n{heading}known divergences of the servers{heading:#}")?;
        for entry in &listing.server_divergences {
            write_entry(out, &format!("server:{}", entry.name), &entry.about)?;
        }
        Ok(())
    })
}

fn write_entry(out: &mut Text, name: &str, about: &str) -> fmt::Result {
    paragraph(out, name)?;
    indented(out, about, "      ")
}
