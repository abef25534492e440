//! Error plans and specimens: one plan told from its layers to the verdict, and the table of all specimens.

use super::{BrokenPlan, STYLES, layout::WIDTH};
use crate::{
    chain::{Link, StackName},
    classifiers::Verdict,
    plans::ErrorPlan,
    specimens::{SPECIMENS, Specimen},
};
use serde::Serialize;
use std::fmt::{self, Write};

/// An error plan, and what the suite makes of it.
#[derive(Debug, Serialize)]
pub struct PlanCase {
    /// [`SCHEMA`](super::SCHEMA).
    pub schema: u32,
    /// The plan.
    pub plan: String,
    /// What it is on each stack that has its specimen.
    pub sides: Vec<PlanSide>,
    /// The law that it breaks, if one is broken.
    pub broken: Option<BrokenPlan>,
}

/// An error plan on one stack.
#[derive(Debug, Serialize)]
pub struct PlanSide {
    /// The stack.
    pub stack: StackName,
    /// The links that are read, with what each prints.
    pub links: Vec<(Link, String)>,
    /// How many links more there are, and whether they come to no end.
    pub more: (usize, bool),
    /// The link that decides.
    pub deciding: Option<usize>,
    /// What is decided.
    pub verdict: Verdict,
}

/// A specimen, and what it is on each stack.
#[derive(Debug, Serialize)]
pub struct SpecimenReport {
    /// Its name.
    pub name: String,
    /// What it is on hyper 0.14 and h2 0.3, or why there is none.
    pub legacy: String,
    /// What it is on hyper 1 and h2 0.4, or why there is none.
    pub modern: String,
}

impl SpecimenReport {
    /// The table of all specimens.
    pub fn all() -> Vec<SpecimenReport> {
        SPECIMENS.iter().map(SpecimenReport::new).collect()
    }

    fn new(specimen: &Specimen) -> SpecimenReport {
        let on = |stack| match specimen.on(stack) {
            Ok(links) => links.iter().map(ToString::to_string).collect::<Vec<_>>().join(" > "),
            Err(why) => format!("none: {why}"),
        };
        let name = specimen.name.clone();
        SpecimenReport { name, legacy: on(StackName::Legacy), modern: on(StackName::Modern) }
    }
}

/// The table of specimens as text: one line for each, and more where the stacks differ or one has none.
pub fn specimen_table(specimens: &[SpecimenReport]) -> String {
    let width = specimens.iter().map(|specimen| specimen.name.len()).max().unwrap_or_default();
    let mut text = String::new();
    for SpecimenReport { name, legacy, modern } in specimens {
        let same = format!("{name:width$}  {legacy}");
        if legacy == modern && same.len() <= WIDTH {
            text.push_str(&format!("{same}\n"));
        } else if legacy == modern {
            text.push_str(&format!("{name}\n    {legacy}\n"));
        } else {
            text.push_str(&format!("{name}\n    legacy: {legacy}\n    modern: {modern}\n"));
        }
    }
    text
}

/// The command that plays a plan again.
pub fn replay(plan: &ErrorPlan) -> String {
    format!("cargo run --release -- explain \"plan:{plan}\"")
}

/// The plan as text, styled for a terminal; strip the styles for a file.
pub fn explain(case: &PlanCase) -> String {
    let mut text = String::new();
    // Writing to a string does not fail.
    let _ = write_case(case, &mut text);
    text
}

fn write_case(case: &PlanCase, out: &mut String) -> fmt::Result {
    let heading = STYLES.heading;
    writeln!(out, "{heading}{}{heading:#}", case.plan)?;
    for side in &case.sides {
        writeln!(out, "\n{heading}On the {} stack{heading:#}", side.stack)?;
        let width = side.links.iter().map(|(link, _)| link.to_string().len()).max().unwrap_or_default();
        for (index, (link, text)) in side.links.iter().enumerate() {
            let mark = if side.deciding == Some(index) { "  <- decides" } else { "" };
            writeln!(out, "  {index:>4}  {:width$}  \"{text}\"{mark}", link.to_string())?;
        }
        match side.more {
            (0, _) => {}
            (more, false) => writeln!(out, "        and {more} more")?,
            (more, true) => writeln!(out, "        and {more} more, and on without an end")?,
        }
        let again = if side.verdict.may_retry(false) { "may" } else { "may not" };
        writeln!(out, "  {}: {}; a POST {again} be sent again", side.verdict, side.verdict.because)?;
    }
    match &case.broken {
        None => writeln!(out, "\nNo law is broken."),
        Some(broken) => {
            let bad = STYLES.bad;
            writeln!(
                out,
                "\n{bad}{}: {}{bad:#} ({})\n  {}",
                broken.law,
                broken.message,
                broken.stack,
                broken.law.text()
            )
        }
    }
}
