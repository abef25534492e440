//! A run as tables for a terminal, 100 columns wide at most.

use crate::client_tables::client_tables;
use conformance::{
    report::{
        Run, STYLES, ScenarioReport,
        baseline::ChangedScenario,
        explain::explain,
        layout::{WIDTH, count, hanging, indented, written},
        styled,
    },
    stacks::Profile,
};
use std::{
    collections::HashSet,
    fmt::{self, Write},
};

/// The run as text, styled for a terminal; strip the styles for a file.
pub fn summary(run: &Run) -> String {
    written(|out| write_run(run, out))
}

fn write_run(run: &Run, out: &mut String) -> fmt::Result {
    let versions: Vec<_> = run.versions.iter().map(ToString::to_string).collect();
    writeln!(out, "{} against {}, seed {}", versions[..2].join(" on "), versions[2..].join(" on "), run.seed)?;
    if run.profile != Profile::Equal {
        writeln!(out, "Each stack has the settings that it comes with.")?;
    }
    write_themes(run, out)?;
    write_shares(run, out)?;
    write_divergences(run, out)?;
    write_changes(run, out)?;
    write_clauses(run, out)?;
    out.push_str(&client_tables(&run.clients));
    write_broken_plans(run, out)?;
    write_broken_changes(run, out)?;
    for found in &run.violations {
        writeln!(out, "\n{}", "─".repeat(WIDTH))?;
        if found.cases > 1 {
            writeln!(out, "{} cases of the run are like this one.", found.cases)?;
        }
        out.push_str(&explain(&found.smallest));
    }
    write_news(run, out)?;
    write_answer(run, out)
}

/// What is new since the run that this one is compared with.
fn write_news(run: &Run, out: &mut String) -> fmt::Result {
    let Some(baseline) = &run.baseline else { return Ok(()) };
    writeln!(out, "{}", styled(STYLES.heading, "\nsince the earlier run"))?;
    let list = |what: &str, lines: Vec<String>, out: &mut String| {
        lines.iter().try_for_each(|line| hanging(out, line, &format!("  {what:9} "), "              "))
    };
    list("moved", baseline.moved.iter().map(ToString::to_string).collect(), out)?;
    list("found", baseline.found.clone(), out)?;
    list("gone", baseline.gone.clone(), out)?;
    let changed = baseline.changed.iter().map(|changed| {
        let ChangedScenario { scenario, stack, before, after } = changed;
        format!("{scenario} on {stack}: {} → {}", before.join("; "), after.join("; "))
    });
    list("changed", changed.collect(), out)?;
    list("wrong", baseline.wrong.iter().map(ToString::to_string).collect(), out)?;
    list("fixed", baseline.fixed.iter().map(ToString::to_string).collect(), out)?;
    if baseline.is_empty() {
        list("", vec!["Nothing is new in what the run comes to.".into()], out)?;
    }
    Ok(())
}

fn write_broken_plans(run: &Run, out: &mut String) -> fmt::Result {
    for broken in &run.broken_error_chains {
        writeln!(out, "\n{}", "─".repeat(WIDTH))?;
        match broken.error_chains {
            1 => writeln!(out, "One error chain breaks this law:\n  {}", broken.smallest)?,
            error_chains => {
                writeln!(out, "{error_chains} error chains break this law like this one:\n  {}", broken.smallest)?
            }
        }
        writeln!(out, "  {}: {} ({})", broken.law, broken.message, broken.stack)?;
        writeln!(out, "  {}", broken.law.text())?;
        writeln!(out, "  {}", broken.replay)?;
    }
    Ok(())
}

fn write_themes(run: &Run, out: &mut String) -> fmt::Result {
    if run.themes.is_empty() {
        return Ok(());
    }
    let head = format!(
        "\n{:26}{:>10}{:>13}{:>14}{:>11}{:>14}",
        "theme", "scenarios", "as the RFC", "not, stated", "diverge", "unexplained"
    );
    writeln!(out, "{}", styled(STYLES.heading, &head))?;
    for theme in &run.themes {
        let number =
            |holds: &dyn Fn(&ScenarioReport) -> bool| theme.scenarios.iter().filter(|scenario| holds(scenario)).count();
        let unexplained = number(&|scenario| scenario.violations > 0);
        let style = if unexplained > 0 { STYLES.bad } else { STYLES.good };
        writeln!(
            out,
            "{:26}{:>10}{:>13}{:>14}{:>11}{}",
            theme.name,
            theme.scenarios.len(),
            number(&ScenarioReport::is_as_the_rfc),
            number(&ScenarioReport::is_stated),
            number(&|scenario| !scenario.divergences.is_empty()),
            styled(style, &format!("{unexplained:>14}")),
        )?;
    }
    let all = run.themes.iter().flat_map(|theme| &theme.scenarios);
    let laws_only: Vec<&str> = all.filter(|scenario| scenario.laws_only).map(|scenario| &*scenario.name).collect();
    if !laws_only.is_empty() {
        let held = count(laws_only.len() as u64, "scenario");
        let names = laws_only.join(", ");
        let text = format!("Held to the laws only, because they expect what other settings give: {held} ({names})");
        writeln!(out)?;
        indented(out, &text, "")?;
    }
    Ok(())
}

fn write_shares(run: &Run, out: &mut String) -> fmt::Result {
    if run.requests == 0 {
        return Ok(());
    }
    let heading = format!("\n{:14}{:26}{:>12}{:>9}", "phase", "ended", "requests", "share");
    writeln!(out, "{}", styled(STYLES.heading, &heading))?;
    for share in &run.shares {
        let percent = 100.0 * share.requests as f64 / run.requests as f64;
        writeln!(out, "{:14}{:26}{:>12}{percent:>8.2}%", share.phase, share.kind, share.requests)?;
    }
    Ok(())
}

fn write_divergences(run: &Run, out: &mut String) -> fmt::Result {
    writeln!(out, "{}", styled(STYLES.heading, &format!("\n{:>10}  known divergence", "scripts")))?;
    for met in &run.divergences {
        writeln!(out, "{:>10}  {}", met.scripts, met.name)?;
    }
    if run.configuration > 0 {
        writeln!(out, "{:>10}  differ by the stacks' own settings only", run.configuration)?;
    }
    if run.panics > 0 {
        writeln!(out, "{:>10}  a task of a stack panicked", run.panics)?;
    }
    Ok(())
}

fn write_changes(run: &Run, out: &mut String) -> fmt::Result {
    if run.transformations.iter().all(|change| change.scripts == 0) {
        return Ok(());
    }
    writeln!(out, "{}", styled(STYLES.heading, &format!("\n{:>10}  changed what must not matter", "scripts")))?;
    for change in &run.transformations {
        writeln!(out, "{:>10}  {}", change.scripts, change.name)?;
    }
    Ok(())
}

fn write_broken_changes(run: &Run, out: &mut String) -> fmt::Result {
    for broken in &run.broken_transformations {
        writeln!(out, "\n{}", "─".repeat(WIDTH))?;
        let scripts = count(broken.scripts, "script");
        indented(out, &format!("A change that must not matter did, in {scripts}: {}", broken.message), "")?;
        indented(out, &broken.rfc, "  ")?;
        writeln!(out, "  before: {}\n  after:  {}", broken.before, broken.after)?;
    }
    Ok(())
}

/// The sections that a run has to meet, each with how many of its clauses were met and by what, and the clause that the
/// fewest scripts met.
fn write_clauses(run: &Run, out: &mut String) -> fmt::Result {
    let required: Vec<_> = run.clauses.iter().filter(|clause| clause.required).collect();
    if !required.iter().any(|clause| clause.is_met()) {
        return Ok(());
    }
    let heading = format!("\n{:10}{:>8}{:>6}{:>11}  {}", "RFC 9113", "clauses", "met", "scenarios", "least often met");
    writeln!(out, "{}", styled(STYLES.heading, &heading))?;
    for clauses in required.chunk_by(|one, next| one.section == next.section) {
        let met = clauses.iter().filter(|clause| clause.is_met()).count();
        let scenarios: HashSet<_> = clauses.iter().flat_map(|clause| &clause.scenarios).collect();
        let least = clauses.iter().min_by_key(|clause| clause.scripts);
        let least = least.map(|clause| format!("{}, by {}", clause.name, count(clause.scripts, "script")));
        let style = if met == clauses.len() { STYLES.good } else { STYLES.bad };
        writeln!(
            out,
            "§{:9}{:>8}{}{:>11}  {}",
            clauses[0].section,
            clauses.len(),
            styled(style, &format!("{met:>6}")),
            scenarios.len(),
            least.unwrap_or_default(),
        )?;
    }
    for clause in run.unmet() {
        let text = format!("Nothing meets {} (§{}): \"{}\"", clause.name, clause.section, clause.text);
        indented(out, &text, "  ")?;
    }
    Ok(())
}

fn write_answer(run: &Run, out: &mut String) -> fmt::Result {
    let scenarios: usize = run.themes.iter().map(|theme| theme.scenarios.len()).sum();
    let played = [
        count(scenarios as u64, "scenario"),
        count(run.corpus as u64, "corpus file"),
        count(run.generated, "generated script"),
        count(run.error_chains, "error chain"),
    ];
    let played = played.join(", ");
    writeln!(out)?;
    if run.interrupted {
        let so_far = format!("Interrupted, with {} unexplained until then", run.unexplained());
        return writeln!(out, "{}: {played}", styled(STYLES.bad, &so_far));
    }
    if run.is_clean() {
        return writeln!(out, "{}: {played}", styled(STYLES.good, "All explained"));
    }
    writeln!(out, "{}: {played}", styled(STYLES.bad, &format!("{} unexplained", run.unexplained())))
}
