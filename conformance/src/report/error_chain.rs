//! One error chain, from its layers to the verdict, and the table of the error catalogue.

use super::{
    BrokenErrorChain, STYLES,
    explain::heading,
    layout::{Text, WIDTH, hanging, paragraph, written_within},
    styled,
};
use crate::{
    chain::Link,
    classifiers::Verdict,
    error_catalog::{CatalogEntry, ERROR_CATALOG},
    error_chains::ErrorChain,
    vocabulary::{PerStack, StackName},
};
use serde::{Deserialize, Serialize};
use std::fmt::{self, Write};

/// An error chain, as the suite reads and judges it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorChainCase {
    /// [`SCHEMA`](super::SCHEMA).
    pub schema: u32,
    /// The error chain.
    pub error_chain: String,
    /// The error chain on each stack that has its entry.
    pub sides: Vec<ErrorChainSide>,
    /// The law that it breaks, if one is broken.
    pub broken: Option<BrokenErrorChain>,
}

/// An error chain on one stack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorChainSide {
    /// The stack.
    pub stack: StackName,
    /// The links that are read, with what each prints.
    pub links: Vec<(Link, String)>,
    /// The number of further links that were read, and whether the chain continues beyond them.
    pub more: (usize, bool),
    /// The link that decides.
    pub deciding: Option<usize>,
    /// The verdict.
    pub verdict: Verdict,
}

/// An entry of the error catalogue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CatalogEntryReport {
    /// Its name.
    pub name: String,
    /// Its links on each stack, or why it has none.
    #[serde(flatten)]
    pub links: PerStack<String>,
}

impl CatalogEntryReport {
    /// All entries.
    pub fn all() -> Vec<CatalogEntryReport> {
        ERROR_CATALOG.iter().map(CatalogEntryReport::new).collect()
    }

    /// This entry.
    pub fn new(entry: &CatalogEntry) -> CatalogEntryReport {
        let on = |stack| match entry.on(stack) {
            Ok(links) => links.iter().map(ToString::to_string).collect::<Vec<_>>().join(" > "),
            Err(why) => format!("none: {why}"),
        };
        let name = entry.name.clone();
        CatalogEntryReport { name, links: PerStack::of(on) }
    }
}

/// The catalogue as text: one line for each entry, or more if the stacks differ or the line is too long.
pub fn error_catalog_table(error_catalog: &[CatalogEntryReport]) -> String {
    let width = error_catalog.iter().map(|entry| entry.name.len()).max().unwrap_or_default();
    let mut text = String::new();
    for CatalogEntryReport { name, links } in error_catalog {
        let [first, others @ ..] = links.each();
        let alike = others.iter().all(|other| *other == first);
        if alike && width + 2 + first.len() <= WIDTH {
            text.push_str(&format!("{name:width$}  {first}\n"));
        } else if alike {
            text.push_str(&format!("{name}\n    {first}\n"));
        } else {
            text.push_str(&format!("{name}\n"));
            links.iter().for_each(|(stack, links)| text.push_str(&format!("    {stack}: {links}\n")));
        }
    }
    text
}

/// The command that plays an error chain again.
pub fn replay(error_chain: &ErrorChain) -> String {
    format!("cargo run --release -- explain \"chain:{error_chain}\"")
}

/// The error chain as text, styled for a terminal of this width; strip the styles for a file.
pub fn explain(case: &ErrorChainCase, width: usize) -> String {
    written_within(width, |out| write_case(case, out))
}

fn write_case(case: &ErrorChainCase, out: &mut Text) -> fmt::Result {
    writeln!(out, "{}", heading(&case.error_chain))?;
    for side in &case.sides {
        writeln!(out, "\n{}", heading(&format!("On the {} stack", side.stack)))?;
        let width = side.links.iter().map(|(link, _)| link.to_string().len()).max().unwrap_or_default();
        for (index, (link, text)) in side.links.iter().enumerate() {
            let mark = if side.deciding == Some(index) { "  <- decides" } else { "" };
            let line = format!("{:width$}  \"{text}\"", link.to_string());
            let fits = 8 + line.chars().count() + mark.len() <= out.width;
            let first = format!("  {index:>4}  ");
            hanging(out, &if fits { line + mark } else { line }, &first, "        ")?;
            if !fits && !mark.is_empty() {
                writeln!(out, "      {mark}")?;
            }
        }
        match side.more {
            (0, _) => {}
            (more, false) => writeln!(out, "        and {more} more")?,
            (more, true) => writeln!(out, "        and {more} more, without an end")?,
        }
        let again = side.verdict.advice.again(side.verdict.may_retry(false));
        paragraph(out, &format!("{}: {}; a POST {again}", side.verdict, side.verdict.because))?;
    }
    let Some(broken) = &case.broken else { return writeln!(out, "\nNo law is broken.") };
    let found = styled(STYLES.bad, &format!("{}: {}", broken.law, broken.message));
    writeln!(out, "\n{found} ({})\n  {}", broken.stack, broken.law.text())
}
