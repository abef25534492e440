//! The answer to the text of an error.

use super::{
    SCHEMA, STYLES,
    error_chain::CatalogEntryReport,
    explain::heading,
    layout::{LABEL, Text, hanging, paragraph, written_within},
    styled,
};
use crate::{
    chain::Chain,
    error_texts::{self, Answer, AnswerCase, NotUnderstood},
    vocabulary::{PerStack, Phase},
};
use serde::{Deserialize, Serialize};
use std::fmt::{self, Write};

/// The answers to the text of an error, or of a log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorTextCase {
    /// [`SCHEMA`].
    pub schema: u32,
    /// The errors that were found, the first five that differ.
    pub errors: Vec<ErrorTextReport>,
}

/// An error that was found in a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorTextReport {
    /// The answer.
    #[serde(flatten)]
    pub answer: Answer,
    /// What happened, in a sentence.
    pub means: String,
    /// What to set or to do, where that is known.
    pub to_do: Option<String>,
    /// Scenarios in which a request ends like this.
    pub scenarios: Vec<String>,
}

impl ErrorTextCase {
    /// The answers to this text.
    ///
    /// # Errors
    ///
    /// If no known error is in it.
    pub fn of(text: &str) -> Result<ErrorTextCase, NotUnderstood> {
        let report = |answer: Answer| ErrorTextReport {
            means: answer.means(),
            to_do: answer.to_do().map(str::to_owned),
            scenarios: answer.scenarios(),
            answer,
        };
        Ok(ErrorTextCase { schema: SCHEMA, errors: error_texts::answers(text)?.into_iter().map(report).collect() })
    }
}

/// The answers as text, styled for a terminal of this width; strip the styles for a file.
pub fn explain(case: &ErrorTextCase, width: usize) -> String {
    written_within(width, |out| {
        for (index, error) in case.errors.iter().enumerate() {
            if index > 0 {
                writeln!(out)?;
            }
            write_error(error, out)?;
        }
        Ok(())
    })
}

fn write_error(error: &ErrorTextReport, out: &mut Text) -> fmt::Result {
    let text = error.answer.text.split_whitespace().collect::<Vec<_>>().join(" ");
    hanging(out, &styled(STYLES.heading, &text), "", "  ")?;
    paragraph(out, &error.means)?;
    for (index, case) in error.answer.cases.iter().enumerate() {
        writeln!(out)?;
        if index > 0 || error.answer.cases.len() > 1 {
            paragraph(out, &condition(case, &error.answer))?;
        }
        row(out, "processed", &format!("{}: {}", case.verdict.processed, case.clause))?;
        row(out, "a GET", &case.get.to_string())?;
        row(out, "a POST", &case.post.to_string())?;
        row(out, "verdict", &format!("{}: {}", case.verdict, case.verdict.because))?;
        row(out, "read as", &chains(&case.chains))?;
    }
    if !error.answer.not_said.is_empty() {
        writeln!(out, "\n{}", heading("The text does not say"))?;
    }
    error.answer.not_said.iter().try_for_each(|missing| paragraph(out, &missing.to_string()))?;
    if let Some(to_do) = &error.to_do {
        writeln!(out, "\n{}", heading("What to do"))?;
        paragraph(out, to_do)?;
    }
    if !error.scenarios.is_empty() {
        writeln!(out, "\n{}", heading("See it frame by frame"))?;
    }
    error.scenarios.iter().try_for_each(|name| writeln!(out, "  cargo run --release -- explain {name}"))
}

/// When a case holds, if another has another answer.
fn condition(case: &AnswerCase, answer: &Answer) -> String {
    let phase = |phase: &Phase| match phase {
        Phase::Connection => "while the connection was being made",
        Phase::Sending => "before the request was sent",
        Phase::Head => "while the request waited for its response",
        Phase::Body | Phase::Trailers => "while the body of its response was read",
    };
    let phases = case.phases.iter().map(phase).collect::<Vec<_>>().join(", or ");
    let shares_phase = |other: &&AnswerCase| other.phases.iter().any(|phase| case.phases.contains(phase));
    match answer.cases.iter().filter(shares_phase).count() {
        1 => format!("If it came {phases}:"),
        _ => format!("If it came {phases}, and is {}:", chains(&case.chains)),
    }
}

fn chains(chains: &[Chain]) -> String {
    chains.iter().map(ToString::to_string).collect::<Vec<_>>().join(", or ")
}

fn row(out: &mut Text, label: &str, text: &str) -> fmt::Result {
    hanging(out, text, &format!("  {label:LABEL$}"), &" ".repeat(2 + LABEL))
}

/// An entry of the error catalogue, with what its error prints.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrintedEntry {
    /// The entry.
    #[serde(flatten)]
    pub entry: CatalogEntryReport,
    /// What `Display` prints on each stack, with all sources, and what `Debug` prints.
    pub prints: PerStack<Option<[String; 2]>>,
}

impl PrintedEntry {
    /// The entries whose error prints this text.
    pub fn search(text: &str) -> Vec<PrintedEntry> {
        let found = error_texts::search(text).into_iter();
        found.map(|(entry, prints)| PrintedEntry { entry: CatalogEntryReport::new(entry), prints }).collect()
    }
}

/// The entries with what they print, as text.
pub fn printed_entries(entries: &[PrintedEntry], width: usize) -> String {
    written_within(width, |out| {
        for PrintedEntry { entry, prints } in entries {
            writeln!(out, "{}", heading(&entry.name))?;
            for (stack, printed) in prints.iter() {
                let Some(printed) = printed else { continue };
                row(out, stack.name(), &entry.links[stack])?;
                printed.iter().try_for_each(|text| row(out, "", text))?;
            }
        }
        Ok(())
    })
}
