//! A sweep as tables for a terminal, 100 columns wide at most.

use super::{Release, ReleaseStatus, Series, Sweep};
use conformance::{
    ledger::LEDGER,
    report::{
        STYLES,
        layout::{count, hanging, indented},
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
    let mut text = String::new();
    // Writing to a string does not fail.
    let _ = write_sweep(sweep, &mut text);
    text
}

fn write_sweep(sweep: &Sweep, out: &mut String) -> fmt::Result {
    for line in &sweep.lines {
        let (Some(first), Some(last)) = (line.releases.first(), line.releases.last()) else { continue };
        let partner = line.partner.as_deref();
        let each = if line.releases.len() > 1 { "each " } else { "" };
        let paired = partner.map(|name| format!(", {each}with the newest {name} that goes with it"));
        let heading = format!(
            "{} {}{}, on {}",
            sweep.name,
            span(&first.version, &last.version),
            paired.unwrap_or_default(),
            line.observed
        );
        writeln!(out, "{}", styled(STYLES.heading, &heading))?;
        let played: Vec<Played<'_>> = line.releases.iter().filter_map(Played::new).collect();
        write_releases(line, out)?;
        write_changes(&played, partner, out)?;
        write_ledger(&played, partner, out)?;
        writeln!(out)?;
    }
    write_answer(sweep, out)
}

/// A release whose scenarios were played.
struct Played<'line> {
    release: &'line Release,
    plays: &'line [Play],
}

impl<'line> Played<'line> {
    fn new(release: &'line Release) -> Option<Played<'line>> {
        Some(Played { release, plays: release.plays()? })
    }
}

fn write_releases(line: &Series, out: &mut String) -> fmt::Result {
    let partner = line.partner.as_deref().unwrap_or_default();
    writeln!(out, "{}", styled(STYLES.heading, format!("\n{:12}{partner:12}", "release").trim_end()))?;
    for release in &line.releases {
        let partner = release.partner.as_deref().unwrap_or_default();
        let fate = match &release.fate {
            ReleaseStatus::NeverPublished => "never published".into(),
            ReleaseStatus::Yanked => "yanked".into(),
            ReleaseStatus::DoesNotBuild { error } => format!("does not build: {error}"),
            ReleaseStatus::DoesNotRun { error } => format!("does not run: {error}"),
            ReleaseStatus::Played { scenarios } => match release.unexplained() {
                0 => format!("{}, all explained", count(scenarios.len() as u64, "scenario")),
                number => format!("{}, {number} unexplained", count(scenarios.len() as u64, "scenario")),
            },
        };
        hanging(out, &fate, &format!("{:12}{partner:12}", release.version), &" ".repeat(24))?;
    }
    Ok(())
}

/// Every scenario that does not come to the same with all releases, and what it comes to with which.
fn write_changes(played: &[Played<'_>], partner: Option<&str>, out: &mut String) -> fmt::Result {
    let Some(first) = played.first().filter(|_| played.len() > 1) else { return Ok(()) };
    writeln!(out, "{}", styled(STYLES.heading, "\nWhich release changed what"))?;
    let mut unchanged = 0;
    for (index, play) in first.plays.iter().enumerate() {
        let plays: Vec<&Play> = played.iter().filter_map(|played| played.plays.get(index)).collect();
        let runs = runs(&plays);
        if runs.len() < 2 {
            unchanged += 1;
            continue;
        }
        writeln!(out, "{}", play.name)?;
        let of_runs: Vec<&Play> = runs.iter().map(|run| plays[run.start]).collect();
        for run in &runs {
            let label = format!("  {:20}", label(played, run));
            let mut lines = described(plays[run.start], &of_runs);
            lines.extend(partner.and_then(|name| came_with(played, run, name)));
            for (number, line) in lines.iter().enumerate() {
                let first = if number == 0 { label.as_str() } else { "                      " };
                hanging(out, line, first, &" ".repeat(24))?;
            }
        }
    }
    indented(out, &format!("{} the same with all of these releases.", plural(unchanged)), "")
}

fn plural(scenarios: u64) -> String {
    let verb = if scenarios == 1 { "comes to" } else { "come to" };
    format!("{} {verb}", count(scenarios, "scenario"))
}

/// The longest parts of the list whose elements are equal.
fn runs<T: PartialEq>(values: &[T]) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    for part in values.chunk_by(|one, next| one == next) {
        let start = runs.last().map_or(0, |run| run.end);
        runs.push(start..start + part.len());
    }
    runs
}

/// Which releases a run has.
fn label(played: &[Played<'_>], run: &Range<usize>) -> String {
    let version = |index: usize| played[index].release.version.as_str();
    if run.end == played.len() && run.start > 0 {
        return format!("from {}", version(run.start));
    }
    span(version(run.start), version(run.end - 1))
}

fn span(first: &str, last: &str) -> String {
    if first == last { first.into() } else { format!("{first} to {last}") }
}

/// The partner, if it is another one than before: then the change may be its own.
fn came_with(played: &[Played<'_>], run: &Range<usize>, name: &str) -> Option<String> {
    let now = played[run.start].release.partner.as_ref()?;
    let before = played[run.start.checked_sub(1)?].release.partner.as_ref()?;
    (now != before).then(|| format!("with {name} {now} instead of {before}"))
}

/// What one of these plays has that others have not.
fn described(play: &Play, among: &[&Play]) -> Vec<String> {
    let differs = |part: &dyn Fn(&Play, &Play) -> bool| among.iter().any(|other| !part(play, other));
    let mut lines = Vec::new();
    for (number, request) in play.requests.iter().enumerate() {
        if among.iter().all(|other| other.requests.get(number) == Some(request)) {
            continue;
        }
        let which = if play.requests.len() > 1 { format!("request {number}: ") } else { String::new() };
        lines.push(format!("{which}{request}"));
        lines.extend(request.end.chain.as_ref().map(|chain| format!("read as {chain}")));
    }
    if differs(&|one, other| one.sent == other.sent) {
        let sent = if play.sent.is_empty() { "no RST_STREAM, no GOAWAY".into() } else { play.sent.join(", ") };
        lines.push(format!("the client sent {sent}"));
    }
    if differs(&|one, other| one.panics == other.panics) {
        lines.push(format!("{} of the stack panicked", count(play.panics as u64, "task")));
    }
    if differs(&|one, other| one.divergences == other.divergences) && !play.divergences.is_empty() {
        lines.push(format!("known: {}", play.divergences.join(", ")));
    }
    let changes = differs(&|one, other| one.unexplained.is_empty() == other.unexplained.is_empty());
    match play.unexplained.first() {
        Some(first) => lines.push(format!("unexplained: {first}")),
        None if lines.is_empty() || (changes && play.divergences.is_empty()) => {
            lines.push("nothing unexplained".into())
        }
        None => {}
    }
    lines
}

/// The entries of the ledger, and with which releases the stacks differ by each.
fn write_ledger(played: &[Played<'_>], partner: Option<&str>, out: &mut String) -> fmt::Result {
    if played.is_empty() {
        return Ok(());
    }
    writeln!(out, "{}", styled(STYLES.heading, &format!("\n{:44}{}", "known divergence", "the stacks differ with")))?;
    for entry in LEDGER {
        let differs = which(played, partner, |release| release.differs_by(entry));
        let shows = which(played, partner, |release| release.shows(entry));
        let told = match (differs, shows) {
            (Some(releases), _) => releases,
            (None, Some(releases)) => format!("none; both show it with {releases}"),
            (None, None) => "none".into(),
        };
        hanging(out, &told, &format!("{:44}", entry.name), &" ".repeat(44))?;
    }
    Ok(())
}

/// The releases for which this holds, as text; `None` if there are none.
fn which(played: &[Played<'_>], partner: Option<&str>, holds: impl Fn(&Release) -> bool) -> Option<String> {
    let holds: Vec<bool> = played.iter().map(|played| holds(played.release)).collect();
    if !holds.contains(&false) {
        return Some("all".into());
    }
    let told = |run: Range<usize>| match partner.and_then(|name| came_with(played, &run, name)) {
        Some(partner) => format!("{}, {partner}", label(played, &run)),
        None => label(played, &run),
    };
    let told: Vec<_> = runs(&holds).into_iter().filter(|run| holds[run.start]).map(told).collect();
    (!told.is_empty()).then(|| told.join("; "))
}

fn write_answer(sweep: &Sweep, out: &mut String) -> fmt::Result {
    let releases = || sweep.lines.iter().flat_map(|line| &line.releases);
    let number = |holds: &dyn Fn(&Release) -> bool| releases().filter(|release| holds(release)).count() as u64;
    let played = count(number(&|release| release.plays().is_some()), "release");
    let unexplained = number(&|release| release.unexplained() > 0);
    match unexplained {
        0 if sweep.is_clean() => writeln!(out, "{}: {played}", styled(STYLES.good, "All explained")),
        0 => writeln!(out, "{}: {played}", styled(STYLES.bad, "The checkout could not be played")),
        _ => writeln!(out, "{} of {played}", styled(STYLES.bad, &format!("{unexplained} with something unexplained"))),
    }
}
