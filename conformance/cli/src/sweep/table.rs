//! A sweep as tables for a terminal, at most 100 columns wide.

use super::{Release, ReleaseStatus, Series, Sweep};
use conformance::{
    ledger,
    report::{
        STYLES,
        layout::{Text, count, hanging, indented, written},
        play::Play,
        styled,
    },
};
use std::{
    fmt::{self, Write},
    ops::Range,
};

/// The sweep as text, styled for a terminal; strip the styles for a file.
pub fn table(sweep: &Sweep) -> String {
    written(|out| {
        sweep.lines.iter().try_for_each(|line| write_series(&sweep.name, line, out))?;
        write_answer(sweep, out)
    })
}

fn write_series(name: &str, line: &Series, out: &mut Text) -> fmt::Result {
    let (Some(first), Some(last)) = (line.releases.first(), line.releases.last()) else { return Ok(()) };
    let each = if line.releases.len() > 1 { "each " } else { "" };
    let partner = line.partner.as_deref();
    let paired = partner.map(|partner| format!(", {each}with the newest {partner} that goes with it"));
    let (span, paired) = (span(&first.version, &last.version), paired.unwrap_or_default());
    writeln!(out, "{}", styled(STYLES.heading, &format!("{name} {span}{paired}, on {}", line.observed)))?;
    write_releases(line, out)?;
    let played: Vec<_> = line.releases.iter().filter_map(|release| Some((release, release.plays()?))).collect();
    write_changes(&played, partner, out)?;
    write_ledger(&played, partner, out)?;
    writeln!(out)
}

/// A release whose scenarios were played.
type Played<'line> = (&'line Release, &'line [Play]);

fn write_releases(line: &Series, out: &mut Text) -> fmt::Result {
    let partner = line.partner.as_deref().unwrap_or_default();
    writeln!(out, "{}", styled(STYLES.heading, format!("\n{:12}{partner:12}", "release").trim_end()))?;
    for release in &line.releases {
        let partner = release.partner.as_deref().unwrap_or_default();
        let status = match &release.status {
            ReleaseStatus::NeverPublished => "never published".into(),
            ReleaseStatus::Yanked => "yanked".into(),
            ReleaseStatus::DoesNotBuild { error } => format!("does not build: {error}"),
            ReleaseStatus::DoesNotRun { error } => format!("does not run: {error}"),
            ReleaseStatus::Played { scenarios } => match release.unexplained() {
                0 => format!("{}, all explained", count(scenarios.len() as u64, "scenario")),
                number => format!("{}, {number} unexplained", count(scenarios.len() as u64, "scenario")),
            },
        };
        hanging(out, &status, &format!("{:12}{partner:12}", release.version), &" ".repeat(24))?;
    }
    Ok(())
}

/// Every scenario whose outcome differs between releases, with each outcome and its releases.
fn write_changes(played: &[Played<'_>], partner: Option<&str>, out: &mut Text) -> fmt::Result {
    let Some((_, first)) = played.first().filter(|_| played.len() > 1) else { return Ok(()) };
    writeln!(out, "{}", styled(STYLES.heading, "\nWhich release changed what"))?;
    let mut unchanged = 0;
    for (index, play) in first.iter().enumerate() {
        let plays: Vec<&Play> = played.iter().filter_map(|(_, plays)| plays.get(index)).collect();
        let runs = runs(&plays);
        if runs.len() < 2 {
            unchanged += 1;
            continue;
        }
        writeln!(out, "{}", play.name)?;
        let of_runs: Vec<&Play> = runs.iter().map(|run| plays[run.start]).collect();
        for run in &runs {
            let mut first = format!("  {:20}", label(played, run));
            for line in described(plays[run.start], &of_runs).into_iter().chain(came_with(played, run, partner)) {
                hanging(out, &line, &first, &" ".repeat(24))?;
                first = " ".repeat(22);
            }
        }
    }
    indented(out, &format!("The same with all of these releases: {}.", count(unchanged, "scenario")), "")
}

/// The longest parts of the list whose elements are equal.
fn runs<T: PartialEq>(values: &[T]) -> Vec<Range<usize>> {
    let mut end = 0;
    let run = |part: &[T]| {
        end += part.len();
        end - part.len()..end
    };
    values.chunk_by(|one, next| one == next).map(run).collect()
}

/// The releases of a run.
fn label(played: &[Played<'_>], run: &Range<usize>) -> String {
    let version = |index: usize| played[index].0.version.as_str();
    if run.end == played.len() && run.start > 0 {
        return format!("from {}", version(run.start));
    }
    span(version(run.start), version(run.end - 1))
}

fn span(first: &str, last: &str) -> String {
    if first == last { first.into() } else { format!("{first} to {last}") }
}

/// The partner of a run, if the run before has another version of it: that may have made the change.
fn came_with(played: &[Played<'_>], run: &Range<usize>, partner: Option<&str>) -> Option<String> {
    let version = |index: usize| played[index].0.partner.as_ref();
    let (name, now, before) = (partner?, version(run.start)?, version(run.start.checked_sub(1)?)?);
    (now != before).then(|| format!("with {name} {now} instead of {before}"))
}

/// What is different in one of these plays.
fn described(play: &Play, among: &[&Play]) -> Vec<String> {
    let differs = |is_equal: &dyn Fn(&Play) -> bool| among.iter().any(|other| !is_equal(other));
    let mut lines = Vec::new();
    for (number, request) in play.requests.iter().enumerate() {
        if !differs(&|other| other.requests.get(number) == Some(request)) {
            continue;
        }
        let which = if play.requests.len() > 1 { format!("request {number}: ") } else { String::new() };
        lines.push(format!("{which}{request}"));
        lines.extend(request.end.chain.as_ref().map(|chain| format!("read as {chain}")));
    }
    if differs(&|other| other.sent == play.sent) {
        let sent = if play.sent.is_empty() { "no RST_STREAM, no GOAWAY".into() } else { play.sent.join(", ") };
        lines.push(format!("the client sent {sent}"));
    }
    if differs(&|other| other.panics == play.panics) {
        lines.push(format!("{} of the stack panicked", count(play.panics as u64, "task")));
    }
    if differs(&|other| other.divergences == play.divergences) && !play.divergences.is_empty() {
        lines.push(format!("known: {}", play.divergences.join(", ")));
    }
    let changes = differs(&|other| other.unexplained.is_empty() == play.unexplained.is_empty());
    match play.unexplained.first() {
        Some(first) => lines.push(format!("unexplained: {first}")),
        None if lines.is_empty() || (changes && play.divergences.is_empty()) => {
            lines.push("nothing unexplained".into())
        }
        None => {}
    }
    lines
}

/// The entries of the ledger, each with the releases with which the stacks differ by it.
fn write_ledger(played: &[Played<'_>], partner: Option<&str>, out: &mut Text) -> fmt::Result {
    // Of a client, only what it does itself is known.
    let is_of_stacks = |(release, _): &Played<'_>| ledger::LEDGER.iter().any(|entry| release.shows(entry));
    if !played.iter().any(is_of_stacks) {
        return Ok(());
    }
    writeln!(out, "{}", styled(STYLES.heading, &format!("\n{:44}{}", "known divergence", "the stacks differ with")))?;
    for entry in ledger::LEDGER {
        let differs = which(played, partner, |release| release.differs_by(entry));
        let shows = || which(played, partner, |release| release.shows(entry));
        let both = || shows().map(|releases| format!("none; both show it with {releases}"));
        let releases = differs.or_else(both).unwrap_or_else(|| "none".into());
        hanging(out, &releases, &format!("{:44}", entry.name), &" ".repeat(44))?;
    }
    Ok(())
}

/// The releases for which this holds, as text; `None` if there are none.
fn which(played: &[Played<'_>], partner: Option<&str>, holds: impl Fn(&Release) -> bool) -> Option<String> {
    let holds: Vec<bool> = played.iter().map(|(release, _)| holds(release)).collect();
    if !holds.contains(&false) {
        return Some("all".into());
    }
    let held = runs(&holds).into_iter().filter(|run| holds[run.start]);
    let described = held.map(|run| {
        let parts = [Some(label(played, &run)), came_with(played, &run, partner)];
        parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
    });
    let described: Vec<_> = described.collect();
    (!described.is_empty()).then(|| described.join("; "))
}

fn write_answer(sweep: &Sweep, out: &mut Text) -> fmt::Result {
    let releases = || sweep.lines.iter().flat_map(|line| &line.releases);
    let played = count(releases().filter(|release| release.plays().is_some()).count() as u64, "release");
    let number = releases().filter(|release| release.unexplained() > 0).count();
    if sweep.interrupted {
        let text = format!("Interrupted after {played}, {number} with something unexplained");
        return writeln!(out, "{}: what was not played is not known", styled(STYLES.bad, &text));
    }
    if releases().all(|release| release.plays().is_none()) {
        return writeln!(out, "{}", styled(STYLES.bad, "No release could be played"));
    }
    match number {
        0 if sweep.is_clean() => writeln!(out, "{}: {played}", styled(STYLES.good, "All explained")),
        0 => writeln!(out, "{}: {played}", styled(STYLES.bad, "The checkout could not be played")),
        number => writeln!(out, "{} of {played}", styled(STYLES.bad, &format!("{number} with something unexplained"))),
    }
}
