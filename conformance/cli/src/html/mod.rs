//! A run as one page of HTML, to be opened in a browser, sent on, or printed.
//!
//! The page holds everything: its style, its script and every scenario in full. It loads nothing, and a policy in its
//! head keeps it from that. All that it shows is written here; its script only filters, opens and moves, so that without
//! it the same is there to be read, one below the other.
//!
//! Names and texts can hold any bytes that a fuzzer found. The templates escape everything that they are given; the
//! style and the script, which are files beside this one, are all that is put in as it is.

mod case;
mod clients;
mod lists;
mod matrix;
mod overview;
mod page;

pub use page::page;

use clients::Clients;
use conformance::report::{Found, Run, ScenarioReport, Theme};
use std::collections::HashSet;

/// A run with the fragment by which each part of the page is linked.
struct Linked<'run> {
    run: &'run Run,
    themes: Vec<LinkedTheme<'run>>,
    findings: Vec<LinkedFinding<'run>>,
    clients: Clients<'run>,
}

struct LinkedTheme<'run> {
    theme: &'run Theme,
    rows: Vec<Row<'run>>,
}

/// A scenario, a row of the matrix.
struct Row<'run> {
    id: String,
    scenario: &'run ScenarioReport,
}

/// Something that nothing explains, and where it is told in full: a scenario is told once, with the others.
struct LinkedFinding<'run> {
    id: String,
    found: &'run Found,
    is_scenario: bool,
    is_new: bool,
}

impl<'run> Linked<'run> {
    fn new(run: &'run Run) -> Linked<'run> {
        let mut ids = Ids::default();
        let themes: Vec<_> = run
            .themes
            .iter()
            .map(|theme| LinkedTheme {
                theme,
                rows: theme
                    .scenarios
                    .iter()
                    .map(|scenario| Row { id: ids.take("scenario", &scenario.name), scenario })
                    .collect(),
            })
            .collect();
        let findings = run.violations.iter().map(|found| {
            let mut rows = themes.iter().flat_map(|theme| &theme.rows);
            let row = rows.find(|row| row.scenario.violations > 0 && row.is(found));
            LinkedFinding {
                id: row.map_or_else(|| ids.take("finding", &found.smallest.name), |row| row.id.clone()),
                found,
                is_scenario: row.is_some(),
                is_new: run
                    .baseline
                    .as_ref()
                    .is_some_and(|baseline| baseline.found.contains(&found.known_by.to_string())),
            }
        });
        let findings = findings.collect();
        Linked { run, themes, findings, clients: Clients::of(run) }
    }

    fn rows(&self) -> impl Iterator<Item = &Row<'run>> {
        self.themes.iter().flat_map(|theme| &theme.rows)
    }

    /// Where the scenario of this name is told, if it was played.
    fn scenario(&self, name: &str) -> Option<&str> {
        self.rows().find(|row| row.scenario.name == name).map(|row| &*row.id)
    }
}

impl Row<'_> {
    /// Whether this scenario is the smallest case of what was found. Two cases of one name can be two scripts.
    fn is(&self, found: &Found) -> bool {
        let (case, smallest) = (&self.scenario.case, &found.smallest);
        case.name == smallest.name && case.script == smallest.script
    }
}

/// The fragments that are taken. A name can be anything, a fragment cannot.
#[derive(Default)]
struct Ids(HashSet<String>);

impl Ids {
    fn take(&mut self, what: &str, name: &str) -> String {
        const LONGEST: usize = 100;
        let plain = |c: char| if c.is_ascii_alphanumeric() || c == '-' || c == '_' { c } else { '-' };
        let name: String = name.chars().take(LONGEST).map(plain).collect();
        let first = format!("{what}-{name}");
        let others = (2..).map(|number: u64| format!("{first}-{number}"));
        let free = std::iter::once(first.clone()).chain(others).find(|id| !self.0.contains(id)).unwrap_or_default();
        self.0.insert(free.clone());
        free
    }
}

/// A number as people read it: 100,000.
fn number(number: u64) -> String {
    let digits = number.to_string();
    let mut shown = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown
}

/// A number and what is counted, whose plural ends in an s.
fn count(counted: u64, noun: &str) -> String {
    format!("{} {noun}{}", number(counted), if counted == 1 { "" } else { "s" })
}
