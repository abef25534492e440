//! One case, from the first frame to the verdict.

use super::{
    Case, RequestReport, STYLES, SideReport,
    alike::{self, Shown},
    case::{DivergenceReport, TruthReport},
    layout::{LABEL, Text, count, hanging, indented, paragraph, wrap, written, written_within},
    plain, styled, timeline,
};
use crate::{
    oracles::{Law, Violation},
    rfc9113::Certainty,
    stacks::Profile,
    vocabulary::{PerStack, StackName},
};
use std::fmt::{self, Write};

/// The case as text, styled for a terminal of this width; strip the styles for a file.
pub fn explain(case: &Case, width: usize) -> String {
    written_within(width, |out| write_case(case, out))
}

/// The content of a snapshot: the exchange and what each application saw, without styles and judgement.
pub fn observed(case: &Case) -> String {
    plain(&written(|out| {
        write_exchange(case.sides.each().map(|side| &*side.timeline), out)?;
        write_sides(case, out)
    }))
}

fn write_case(case: &Case, out: &mut Text) -> fmt::Result {
    writeln!(out, "{}", heading(&case.name))?;
    if let Some(about) = &case.about {
        paragraph(out, about)?;
    }
    if !case.rfc.is_empty() {
        let by = if case.own { "By" } else { "Its author names" };
        paragraph(out, &format!("{by} {}.", clauses(&case.rfc)))?;
    }
    if !case.seen.is_empty() {
        paragraph(out, &format!("Seen in {}.", case.seen.join(", ")))?;
    }
    if case.profile != Profile::Equal {
        paragraph(out, "Played with the settings that each stack comes with.")?;
    }
    let disputed = case.violations.iter().filter(|violation| violation.law == Law::Expectation);
    let disputed = disputed.filter(|violation| violation.request.is_some_and(|number| case.disputed.contains(&number)));
    for violation in disputed {
        let request = violation.request.unwrap_or_default();
        writeln!(out)?;
        let text = format!("Request {request}: {}.", violation.message);
        let text = format!("{text} Correct the expectation, or report a fault of the model.");
        paragraph(out, &styled(STYLES.bad, &text))?;
    }
    let [legacy, modern] = case.sides.each().map(SideReport::exchange);
    write_exchange([&legacy, &modern], out)?;
    write_sides(case, out)?;
    write_truth(case, out)?;
    write_judgement(case, out)?;
    write_script(case, out)?;
    writeln!(out, "\n{}\n  {}", heading("Play it again"), case.replay)
}

/// The clauses as text: a bare number is a section of RFC 9113.
pub fn clauses(rfc: &[String]) -> String {
    let clause = |clause: &String| {
        if clause.starts_with("RFC") { clause.clone() } else { format!("RFC 9113 §{clause}") }
    };
    rfc.iter().map(clause).collect::<Vec<_>>().join(", ")
}

/// Both exchanges as one: a line that only one stack has is marked with its name.
pub fn write_exchange([legacy, modern]: [&[String]; 2], out: &mut Text) -> fmt::Result {
    writeln!(out, "\n{}", heading("The exchange"))?;
    for shown in alike::exchange(timeline::merged(legacy, modern)) {
        match shown {
            Shown::Line((stack, line)) => {
                let mark = stack.map_or_else(String::new, |stack| stack.to_string());
                hanging(out, line, &format!("  {mark:6} "), "              ")?;
            }
            Shown::LeftOut(lines) => {
                hanging(out, &format!("… {lines} more lines like these, up to:"), "         ", "           ")?;
            }
        }
    }
    Ok(())
}

fn write_sides(case: &Case, out: &mut Text) -> fmt::Result {
    for alike in alike::requests(case) {
        let [legacy, modern] = alike.sides;
        writeln!(out, "\n{}", heading(&format!("What the application saw of {}", alike.name())))?;
        write_stacks(out)?;
        row(out, "ended", &legacy.end.ended(), &modern.end.ended())?;
        row(out, "response", &response(legacy), &response(modern))?;
        rows(out, ["error", "from"], [legacy, modern].map(|side| &side.messages[..]))?;
        let links = [legacy, modern].map(|side| side.end.chain.as_ref().map_or(&[][..], |chain| &chain.links));
        rows(out, ["read as", "then"], links)?;
        row(out, "verdict", &verdict(legacy), &verdict(modern))?;
        if let Some(expected) = case.expected.get(alike.numbers[0]) {
            row(out, if case.own { "by the RFC" } else { "author says" }, expected, expected)?;
        }
    }
    write_panics(&case.sides, |side| &side.panics, out)
}

/// The headings of both columns.
pub fn write_stacks(out: &mut Text) -> fmt::Result {
    let [legacy, modern] = StackName::ALL.map(|stack| format!("{stack}: {}", stack.crates()));
    row(out, "", &legacy, &modern)
}

/// The panics of each stack's tasks.
pub fn write_panics<S>(sides: &PerStack<S>, panics: fn(&S) -> &[String], out: &mut Text) -> fmt::Result {
    for (stack, side) in sides.iter() {
        for panic in panics(side) {
            writeln!(out, "\n  {stack} panicked: {panic}")?;
        }
    }
    Ok(())
}

/// What the model says about each request, and about the connection.
fn write_truth(case: &Case, out: &mut Text) -> fmt::Result {
    for alike in alike::requests(case) {
        writeln!(out, "\n{}", heading(&format!("What RFC 9113 makes of {}", alike.name())))?;
        let [legacy, modern] = alike.sides.map(|side| &side.truth);
        either(out, "processed", &processed(legacy), &processed(modern))?;
        either(out, "complete", &legacy.complete.to_string(), &modern.complete.to_string())?;
        either(out, "ended", &truly_ended(legacy), &truly_ended(modern))?;
    }
    let [legacy, modern] = case.sides.each().map(|side| &side.connection);
    either(out, "connection", legacy, modern)
}

/// Whether the peer acted on the request, with the reason.
pub fn processed(truth: &TruthReport) -> String {
    let processed: Vec<_> = truth.processed.iter().map(ToString::to_string).collect();
    format!("{}: {}", processed.join(" or "), truth.because)
}

/// How the request ended, from the frames alone.
pub fn truly_ended(truth: &TruthReport) -> String {
    match (&truth.ended_by, truth.open) {
        (Some(by), _) => format!("by {by}"),
        (None, Certainty::No) => "nothing keeps it from being written".into(),
        (None, _) => "no, it may be open".into(),
    }
}

/// One line if both sides are equal; otherwise a row of two.
fn either(out: &mut Text, label: &str, legacy: &str, modern: &str) -> fmt::Result {
    if legacy != modern {
        return row(out, label, legacy, modern);
    }
    hanging(out, legacy, &format!("  {label:LABEL$}"), &" ".repeat(2 + LABEL))
}

/// The response that the application received.
pub fn response(request: &RequestReport) -> String {
    request.end.response().unwrap_or_else(|| "none".into())
}

/// The verdict on the error, with its reason.
pub fn verdict(request: &RequestReport) -> String {
    let Some(verdict) = &request.end.verdict else { return "none: there is no error".into() };
    format!("{verdict}: {}; it {}", verdict.because, verdict.advice.again(request.may_retry == Some(true)))
}

/// One line for both stacks, side by side; nothing if both are empty.
pub fn row(out: &mut Text, label: &str, legacy: &str, modern: &str) -> fmt::Result {
    if legacy.is_empty() && modern.is_empty() {
        return Ok(());
    }
    let column = out.width.saturating_sub(LABEL + 4) / 2;
    let (legacy, modern) = (wrap(legacy, column), wrap(modern, column));
    for line in 0..legacy.len().max(modern.len()) {
        let label = if line == 0 { label } else { "" };
        let cell = |side: &[String]| side.get(line).cloned().unwrap_or_default();
        let text = format!("  {label:LABEL$}{:column$}  {}", cell(&legacy), cell(&modern));
        writeln!(out, "{}", text.trim_end())?;
    }
    Ok(())
}

/// A row for each link of an error. The first label is for the first row, the second for the others.
pub fn rows<T: fmt::Display>(out: &mut Text, labels: [&str; 2], [legacy, modern]: [&[T]; 2]) -> fmt::Result {
    for link in 0..legacy.len().max(modern.len()) {
        let shown = |side: &[T]| side.get(link).map(ToString::to_string).unwrap_or_default();
        row(out, labels[link.min(1)], &shown(legacy), &shown(modern))?;
    }
    Ok(())
}

fn write_judgement(case: &Case, out: &mut Text) -> fmt::Result {
    write_laws(&case.violations, &case.divergences, case.configuration, out)?;
    if case.laws_only {
        writeln!(out)?;
        paragraph(out, "Held to the laws only: what the scenario expects depends on other settings of the stacks.")?;
    }
    for but in &case.but {
        writeln!(out)?;
        paragraph(out, &format!("Known, and stated in the scenario: {but}"))?;
    }
    if let Some(but) = &case.but_to_state {
        writeln!(out)?;
        paragraph(
            out,
            "The ledger explains the broken laws. What is expected is not met for the same reason; say so in the scenario:",
        )?;
        writeln!(out, "\n{but}")?;
    }
    write_unexplained(case.unexplained, out)
}

/// The broken laws, and what explains them.
pub fn write_laws(
    violations: &[Violation],
    divergences: &[DivergenceReport],
    configuration: bool,
    out: &mut Text,
) -> fmt::Result {
    writeln!(out, "\n{}", heading("The laws"))?;
    if violations.is_empty() {
        paragraph(out, "All hold.")?;
    }
    for of_one_law in violations.chunk_by(|one, next| one.law == next.law) {
        paragraph(out, of_one_law[0].law.text())?;
        for violation in alike::violations(of_one_law) {
            indented(out, &violation, "    ")?;
        }
    }
    for entry in divergences {
        write_divergence(entry, out)?;
    }
    if configuration {
        writeln!(out)?;
        paragraph(
            out,
            "Configuration: the stacks differ by their own settings only. On equal ones nothing is unexplained.",
        )?;
    }
    Ok(())
}

/// A line if nothing explains the violations.
pub fn write_unexplained(unexplained: bool, out: &mut Text) -> fmt::Result {
    if unexplained { writeln!(out, "\n  {}", styled(STYLES.bad, "Nothing explains this.")) } else { Ok(()) }
}

/// An entry of the ledger, in full.
pub fn write_divergence(entry: &DivergenceReport, out: &mut Text) -> fmt::Result {
    writeln!(out, "\n  {}: {}", styled(STYLES.known, "known"), entry.name)?;
    for (label, text) in entry.parts() {
        hanging(out, text, &format!("    {label:LABEL$}"), &" ".repeat(4 + LABEL))?;
    }
    Ok(())
}

/// The maximum size in bytes of the TOML of a script that is shown.
pub const LONGEST_SHOWN: usize = 50_000;

/// The script. Its lines are neither indented nor wrapped, so that they can be copied into a file.
fn write_script(case: &Case, out: &mut Text) -> fmt::Result {
    writeln!(out, "\n{}", heading("The script"))?;
    let script = case.to_scenario();
    if script.len() > LONGEST_SHOWN {
        let size = count(script.len() as u64, "byte");
        return paragraph(out, &format!("Its TOML has {size}, too many to show; with --json it is the key `script`."));
    }
    out.write_str(&script)
}

/// A heading, styled for a terminal.
pub fn heading(text: &str) -> String {
    styled(STYLES.heading, text)
}
