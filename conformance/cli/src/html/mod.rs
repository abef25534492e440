//! A run as one page of HTML, to be opened in a browser, sent to others, or printed.
//!
//! The page holds everything: its style, its script and every scenario in full. It loads nothing, and a policy in its
//! head forbids it to. The script only filters, opens and moves what is written here, so everything can be read without
//! it too, one scenario below the other.
//!
//! Names and texts can hold any bytes that a fuzzer found. The templates escape everything except the style and the
//! script, which are files beside this one.

mod case;
mod clients;
mod lists;
mod matrix;
mod overview;
mod page;
mod served;

pub(crate) use page::document;
pub use page::page;
pub use served::served_page;

use conformance::report::{Found, Run, ScenarioReport};
use indicatif::HumanCount;
use maud::{Markup, html};
use std::{collections::HashSet, fmt::Display};

/// A run with the fragment that links to each part of the page.
struct Linked<'run> {
    run: &'run Run,
    rows: Vec<Row<'run>>,
    findings: Vec<LinkedFinding<'run>>,
}

/// A scenario, a row of the matrix.
struct Row<'run> {
    id: String,
    theme: &'run str,
    scenario: &'run ScenarioReport,
}

/// An unexplained finding, and where it is shown in full: a scenario is shown once, with the other scenarios.
struct LinkedFinding<'run> {
    id: String,
    found: &'run Found,
    is_scenario: bool,
    is_new: bool,
}

impl<'run> Linked<'run> {
    fn new(run: &'run Run) -> Linked<'run> {
        let mut ids = Ids::default();
        let mut rows = Vec::new();
        for theme in &run.themes {
            rows.extend(theme.scenarios.iter().map(|scenario| {
                let id = ids.take("scenario", &scenario.name);
                Row { id, theme: &theme.name, scenario }
            }));
        }
        let findings = run.violations.iter().map(|found| {
            let row = rows.iter().find(|row| row.scenario.violations > 0 && row.is(found));
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
        Linked { run, rows, findings }
    }

    /// The rows of the matrix, theme by theme.
    fn themes(&self) -> impl Iterator<Item = &[Row<'run>]> {
        self.rows.chunk_by(|one, next| one.theme == next.theme)
    }

    /// The name of a scenario, with a link if it was played.
    fn scenario(&self, name: &str) -> Markup {
        let row = self.rows.iter().find(|row| row.scenario.name == name);
        row.map_or_else(|| html! { (name) }, |row| link(&row.id, name))
    }
}

impl Row<'_> {
    /// Whether this scenario is the smallest case of a finding. Cases with the same name can have different scripts.
    fn is(&self, found: &Found) -> bool {
        let (case, smallest) = (&self.scenario.case, &found.smallest);
        case.name == smallest.name && case.script == smallest.script
    }
}

/// The fragments in use. A name can be any text, a fragment cannot.
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

/// A number with separators: 100,000.
fn number(number: u64) -> String {
    HumanCount(number).to_string()
}

/// A number and what is counted, whose plural ends in an s.
fn count(counted: u64, noun: &str) -> String {
    format!("{} {noun}{}", number(counted), if counted == 1 { "" } else { "s" })
}

/// A section of the page.
fn section(id: &str, title: &str, content: Markup) -> Markup {
    html! { section id=(id) { h2 { (title) } (content) } }
}

/// A link to a part of the page.
fn link(id: &str, text: &str) -> Markup {
    html! { a href={ "#" (id) } { (text) } }
}

/// The parts, with a separator between them.
fn joined(separator: &str, parts: impl IntoIterator<Item = Markup>) -> Markup {
    html! { @for (index, part) in parts.into_iter().enumerate() { @if index > 0 { (separator) } (part) } }
}

/// A table that scrolls by itself where it is wider than the page.
fn table(name: &str, heads: Markup, bodies: impl IntoIterator<Item = Markup>) -> Markup {
    html! {
        div.wide tabindex="0" role="region" aria-label=(name) {
            table.list { thead { tr { (heads) } } @for body in bodies { tbody { (body) } } }
        }
    }
}

/// The heads of columns: of texts, or of numbers with the class `n`.
pub(crate) fn heads(class: Option<&str>, heads: impl IntoIterator<Item = impl Display>) -> Markup {
    html! { @for head in heads { th class=[class] scope="col" { (head) } } }
}
