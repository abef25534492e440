//! A run as text for a terminal: the first screen, and the tables below it. It is at most 100 columns wide and, but for
//! its tables, no wider than the terminal.

use crate::client_tables::client_tables;
use conformance::{
    report::{
        ClauseReport, Found, Run, STYLES, ScenarioReport,
        baseline::ChangedScenario,
        explain::explain,
        layout::{Text, count, hanging, indented, written_within},
        shards::Shard,
        styled,
    },
    stacks::Profile,
};
use std::{
    collections::HashSet,
    fmt::{self, Write},
};

/// The run as text, styled for a terminal of this width; strip the styles for a file. Unless it is `verbose`, it has no
/// tables, and shows only the smallest case in full.
pub fn summary(run: &Run, verbose: bool, width: usize) -> String {
    written_within(width, |out| write_run(run, verbose, out))
}

fn write_run(run: &Run, verbose: bool, out: &mut Text) -> fmt::Result {
    let mut found: Vec<&Found> = run.violations.iter().collect();
    // A script has a line for each step.
    found.sort_by_key(|found| (found.smallest.script.lines().count(), found.smallest.script.len()));
    write_head(run, out)?;
    write_answer(run, &found, out)?;
    write_coverage(run, out)?;
    write_baseline(run, out)?;
    let in_full = if verbose { found.len() } else { 1 };
    for found in found.iter().take(in_full) {
        write_in_full(found, out)?;
    }
    if !found.is_empty() {
        write_rule(out)?;
    }
    write_next(found.len(), verbose, out)?;
    if verbose {
        write_tables(run, out)?;
    }
    // Text that is longer than a screen repeats the answer at its end.
    if verbose || !found.is_empty() { write_last_line(run, out) } else { Ok(()) }
}

/// What was played, and on which versions.
fn write_head(run: &Run, out: &mut Text) -> fmt::Result {
    let versions: Vec<_> = run.versions.iter().map(ToString::to_string).collect();
    let [legacy, modern] = [&versions[..2], &versions[2..]].map(|versions| versions.join(" on "));
    let shard = if run.shard == Shard::WHOLE { String::new() } else { format!(", shard {}", run.shard) };
    indented(out, &format!("{legacy} against {modern}, seed {}{shard}", run.seed), "")?;
    indented(out, &format!("{}, {}", played(run), count(run.clients.len() as u64, "client")), "")?;
    if run.profile != Profile::Equal {
        let held = count(laws_only(run).len() as u64, "scenario");
        let text = format!("Each stack runs with its own default settings (held to the laws only: {held}).");
        indented(out, &text, "")?;
    }
    Ok(())
}

fn played(run: &Run) -> String {
    let scenarios: usize = run.themes.iter().map(|theme| theme.scenarios.len()).sum();
    let played = [
        count(scenarios as u64, "scenario"),
        count(run.corpus as u64, "corpus file"),
        count(run.generated, "generated script"),
        count(run.error_chains, "error chain"),
    ];
    played.join(", ")
}

/// The scenarios whose expectations were not checked, because they depend on other settings.
fn laws_only(run: &Run) -> Vec<&str> {
    let all = run.themes.iter().flat_map(|theme| &theme.scenarios);
    all.filter(|scenario| scenario.laws_only).map(|scenario| &*scenario.name).collect()
}

/// Whether something is wrong, and what. The smallest case is the first of `found`.
fn write_answer(run: &Run, found: &[&Found], out: &mut Text) -> fmt::Result {
    writeln!(out)?;
    if run.interrupted {
        writeln!(out, "{}", styled(STYLES.bad, "Interrupted: what did not run is not known."))?;
    }
    if !run.is_clean() {
        let text = format!("Nothing explains {}:", count(run.unexplained() as u64, "finding"));
        writeln!(out, "{}", styled(STYLES.bad, &text))?;
        return write_findings(run, found, out);
    }
    let answer = if run.interrupted { "Nothing new was wrong until then" } else { "Nothing new is wrong" };
    let met = run.divergences.iter().filter(|entry| entry.scripts > 0).count();
    let mut text = format!(
        "{}: {met} of {} known divergences were met, and explain every broken law.",
        styled(STYLES.good, answer),
        run.divergences.len()
    );
    if run.configuration > 0 {
        let scripts = count(run.configuration, "script");
        text.push_str(&format!(" Different default settings explain {scripts}."));
    }
    indented(out, &text, "")
}

/// Every finding, with the number of its cases and the commands that show it.
fn write_findings(run: &Run, found: &[&Found], out: &mut Text) -> fmt::Result {
    for found in found {
        let what = found.known_by.to_string();
        let what = if what.is_empty() { "a law is broken" } else { &what };
        finding(out, &format!("{what} ({})", count(found.cases, "case")), &[&found.smallest.replay])?;
    }
    for broken in &run.broken_error_chains {
        let cases = count(broken.error_chains, "error chain");
        let text = format!("{}: {} ({cases}). {}", broken.known_by(), broken.message, broken.law.text());
        finding(out, &text, &[&broken.replay])?;
    }
    for broken in &run.broken_transformations {
        let (change, cases) = (&broken.change, count(broken.scripts, "script"));
        let text = format!("{change} must not matter, and did: {} ({cases}). {}", broken.message, broken.rfc);
        finding(out, &text, &[&format!("before: {}", broken.before), &format!("after:  {}", broken.after)])?;
    }
    for wrong in run.baseline.iter().flat_map(|baseline| &baseline.wrong) {
        finding(out, &format!("wrong only since the earlier run: {wrong}"), &["cargo run --release -- clients"])?;
    }
    Ok(())
}

/// What the run reached, which is no finding. The clauses that it had to meet and did not are listed.
fn write_coverage(run: &Run, out: &mut Text) -> fmt::Result {
    let missed = run.missed().next().is_some();
    let heading = styled(if missed { STYLES.bad } else { STYLES.good }, "Coverage");
    indented(out, &format!("{heading}: {}", run.coverage()), "")?;
    for clause in run.unmet().filter(|_| missed) {
        let text = format!("nothing meets {} (§{}): \"{}\"", clause.name, clause.section, clause.text);
        hanging(out, &text, "  ", "    ")?;
    }
    Ok(())
}

/// A finding in the list. Its commands are not wrapped, so that they can be copied.
fn finding(out: &mut Text, text: &str, commands: &[&str]) -> fmt::Result {
    hanging(out, text, "  ", "    ")?;
    commands.iter().try_for_each(|command| writeln!(out, "      {command}"))
}

/// What is new since the earlier run.
fn write_baseline(run: &Run, out: &mut Text) -> fmt::Result {
    let Some(baseline) = &run.baseline else { return Ok(()) };
    writeln!(out, "{}", styled(STYLES.heading, "\nSince the earlier run"))?;
    let list = |what: &str, lines: Vec<String>, out: &mut Text| {
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
    for changed in &baseline.explained {
        list("explained", vec![changed.to_string()], out)?;
        changed.replay.iter().try_for_each(|command| writeln!(out, "              {command}"))?;
    }
    list("wrong", baseline.wrong.iter().map(ToString::to_string).collect(), out)?;
    list("fixed", baseline.fixed.iter().map(ToString::to_string).collect(), out)?;
    if baseline.is_empty() {
        writeln!(out, "  Nothing is new.")?;
    }
    Ok(())
}

/// The smallest case of a finding, from the first frame to the verdict.
fn write_in_full(found: &Found, out: &mut Text) -> fmt::Result {
    write_rule(out)?;
    if found.cases > 1 {
        writeln!(out, "The smallest of {}:\n", count(found.cases, "case"))?;
    }
    let width = out.width;
    out.write_str(&explain(&found.smallest, width))
}

fn write_rule(out: &mut Text) -> fmt::Result {
    writeln!(out, "\n{}", "─".repeat(out.width))
}

/// What the reader may do next: a line for each kind of user, and one for this run.
fn write_next(found: usize, verbose: bool, out: &mut Text) -> fmt::Result {
    writeln!(out, "\n{}", styled(STYLES.heading, "Next"))?;
    let line = |what: &str, how: &str, out: &mut Text| match 40 + how.len() > out.width {
        true => writeln!(out, "  {what}\n    {how}"),
        false => writeln!(out, "  {what:36}  {how}"),
    };
    line("your classifier, in a test of yours", "conformance/src/guide/classifiers.md", out)?;
    line("a checkout of h2 or hyper", "cargo run --release -- sweep h2 --path ../h2", out)?;
    line("a GOAWAY in a log", "cargo run --release -- explain goaway-below-our-stream", out)?;
    if verbose {
        return Ok(());
    }
    let more = if found > 1 { "every case in full, and the tables" } else { "the tables of this run" };
    line(more, "--verbose (also in --json=FILE and --html=FILE)", out)
}

fn write_tables(run: &Run, out: &mut Text) -> fmt::Result {
    write_themes(run, out)?;
    write_shares(run, out)?;
    write_divergences(run, out)?;
    write_situations(run, out)?;
    write_changes(run, out)?;
    write_clauses(run, out)?;
    write_senders(run, out)?;
    out.write_str(&client_tables(&run.clients))
}

fn write_themes(run: &Run, out: &mut Text) -> fmt::Result {
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
        let (scenarios, as_the_rfc) = (theme.scenarios.len(), number(&ScenarioReport::is_as_the_rfc));
        let (stated, diverge) = (number(&ScenarioReport::is_stated), number(&|one| !one.divergences.is_empty()));
        write!(out, "{:26}{scenarios:>10}{as_the_rfc:>13}{stated:>14}{diverge:>11}", theme.name)?;
        writeln!(out, "{}", styled(style, &format!("{unexplained:>14}")))?;
    }
    let laws_only = laws_only(run);
    if !laws_only.is_empty() {
        let held = count(laws_only.len() as u64, "scenario");
        let names = laws_only.join(", ");
        let text = format!("Held to the laws only, because they expect other settings: {held} ({names})");
        writeln!(out)?;
        indented(out, &text, "")?;
    }
    Ok(())
}

fn write_shares(run: &Run, out: &mut Text) -> fmt::Result {
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

fn write_divergences(run: &Run, out: &mut Text) -> fmt::Result {
    writeln!(out, "{}", styled(STYLES.heading, &format!("\n{:>10}  known divergence", "scripts")))?;
    for met in &run.divergences {
        writeln!(out, "{:>10}  {}", met.scripts, met.name)?;
    }
    if run.configuration > 0 {
        writeln!(out, "{:>10}  differ only by the stacks' own settings", run.configuration)?;
    }
    if run.panics > 0 {
        writeln!(out, "{:>10}  a task of a stack panicked", run.panics)?;
    }
    Ok(())
}

fn write_situations(run: &Run, out: &mut Text) -> fmt::Result {
    if run.generated == 0 {
        return Ok(());
    }
    writeln!(out, "{}", styled(STYLES.heading, &format!("\n{:>10}  what generated scripts brought about", "scripts")))?;
    for situation in &run.situations {
        hanging(out, &situation.about, &format!("{:>10}  ", situation.scripts), "            ")?;
    }
    Ok(())
}

fn write_changes(run: &Run, out: &mut Text) -> fmt::Result {
    if run.transformations.iter().all(|change| change.scripts == 0) {
        return Ok(());
    }
    writeln!(out, "{}", styled(STYLES.heading, &format!("\n{:>10}  changed what must not matter", "scripts")))?;
    for change in &run.transformations {
        writeln!(out, "{:>10}  {}", change.scripts, change.name)?;
    }
    Ok(())
}

/// The sections with required clauses: the number of clauses that were met, the number of scenarios that met one, and
/// the clause that the fewest scripts met.
fn write_clauses(run: &Run, out: &mut Text) -> fmt::Result {
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
        let met = styled(style, &format!("{met:>6}"));
        write!(out, "§{:9}{:>8}{met}", clauses[0].section, clauses.len())?;
        writeln!(out, "{:>11}  {}", scenarios.len(), least.unwrap_or_default())?;
    }
    Ok(())
}

/// The clauses for senders: how often each was met, and in how many cases each stack broke it. A line instead of these
/// numbers is for a clause that no client is held to.
fn write_senders(run: &Run, out: &mut Text) -> fmt::Result {
    if !run.for_senders().any(ClauseReport::is_met) {
        return Ok(());
    }
    let heading = format!(
        "\n{:10}{:27}{:>9}{:>11}{:>14}{:>14}{:>13}",
        "RFC 9113", "for senders", "scripts", "scenarios", "legacy broke", "modern broke", "unexplained"
    );
    writeln!(out, "{}", styled(STYLES.heading, &heading))?;
    for clause in run.for_senders() {
        let ClauseReport { name, section, scripts, scenarios, .. } = clause;
        write!(out, "{:10}{name:27}{scripts:>9}{:>11}", format!("§{section}"), scenarios.len())?;
        if clause.is_only_counted() {
            writeln!(out, "{:>14}{:>14}{:>13}", "–", "–", "–")?;
            continue;
        }
        let [legacy, modern] = clause.broken.each();
        let unexplained = legacy.unexplained + modern.unexplained;
        let style = if unexplained > 0 { STYLES.bad } else { STYLES.good };
        write!(out, "{:>14}{:>14}", legacy.all(), modern.all())?;
        writeln!(out, "{}", styled(style, &format!("{unexplained:>13}")))?;
    }
    Ok(())
}

/// The answer in one line.
fn write_last_line(run: &Run, out: &mut Text) -> fmt::Result {
    writeln!(out)?;
    let style = if run.interrupted || !run.passes() { STYLES.bad } else { STYLES.good };
    let played = if run.interrupted { "what did not run is not known".into() } else { played(run) };
    writeln!(out, "{}: {played}", styled(style, &run.answer()))
}
