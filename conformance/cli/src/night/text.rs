//! A night as Markdown: the summary, whose first lines say what changed, and the text of an issue for each new group of
//! findings.

use super::{Cause, Group, Night, STACKS, Step, StepEnd};
use conformance::report::{
    baseline::Moved,
    layout::{Text, count, written},
};
use std::fmt::{self, Write};

/// The maximum number of names in a list.
const NAMED: usize = 6;

/// The summary of a night.
pub fn summary(night: &Night) -> String {
    written(|out| {
        for group in &night.new {
            writeln!(out, "**{}**: {}", group.title(), group.what())?;
        }
        for step in night.failed() {
            writeln!(out, "**The step failed: {}**: {}", step.name, first_line(&step.said))?;
        }
        if night.is_quiet() {
            writeln!(out, "Nothing is new.")?;
        }
        if night.again > 0 {
            writeln!(out, "\n{} told before.", findings(night.again, "was", "were"))?;
        }
        if night.recorded > 0 {
            writeln!(
                out,
                "\n{} recorded and not reported: of releases that were swept for the first time, or as in the one before.",
                findings(night.recorded, "was", "were")
            )?;
        }
        for known in &night.gone {
            writeln!(out, "\nGone with {}: {}", known.with, known.id)?;
        }
        for group in &night.new {
            writeln!(out, "\n## {}\n", group.title())?;
            write_group(night, group, out)?;
        }
        writeln!(
            out,
            "\n## Runs\n\n| dependencies | moved | findings | scenarios with another outcome |\n|---|---|---|---|"
        )?;
        for run in &night.runs {
            let changed = if run.changed.is_empty() { "none".into() } else { some(&run.changed) };
            writeln!(out, "| {} | {} | {} | {changed} |", run.with, moves(&run.moved), run.findings)?;
        }
        writeln!(out, "\n## Steps\n\n| step | ended | said |\n|---|---|---|")?;
        for Step { name, ended, said } in &night.steps {
            let ended = match ended {
                StepEnd::Done => "done",
                StepEnd::Left => "left out",
                StepEnd::Failed => "failed",
            };
            writeln!(out, "| {name} | {ended} | {} |", first_line(said))?;
        }
        Ok(())
    })
}

/// An issue: the name of its file, its title and its text.
#[derive(Debug)]
pub struct Issue {
    /// The name of the file, without its extension.
    pub name: String,
    /// The title.
    pub title: String,
    /// The text, as Markdown.
    pub body: String,
}

/// An issue for each new group of findings.
pub fn issues(night: &Night) -> Vec<Issue> {
    let issue = |(number, group): (usize, &Group)| {
        let (title, body) = (group.title(), written(|out| write_group(night, group, out)));
        Issue { name: format!("{:02}-{}", number + 1, slug(&title)), title, body }
    };
    night.new.iter().enumerate().map(issue).collect()
}

fn write_group(night: &Night, group: &Group, out: &mut Text) -> fmt::Result {
    writeln!(out, "{}\n", group.explained(&night.moved))?;
    if let Some(smallest) = group.findings.first() {
        writeln!(out, "The smallest case:\n\n```text\n{}\n```\n", smallest.rendered.trim_end())?;
        let somewhere = match &group.cause {
            Cause::Dependency { .. } => format!(", with the dependencies of `{}`", group.with),
            _ => String::new(),
        };
        writeln!(out, "Play it again{somewhere}:\n\n```sh\n{}\n```", smallest.replay)?;
    }
    if group.findings.len() > 1 {
        writeln!(out, "\nSimilar cases are listed once:\n")?;
        for finding in &group.findings {
            writeln!(out, "- {} ({}): `{}`", finding.id, count(finding.cases, "case"), finding.replay)?;
        }
    }
    if !group.wrong.is_empty() {
        writeln!(out, "\nNew violations of clients:\n")?;
        group.wrong.iter().try_for_each(|wrong| writeln!(out, "- {wrong}"))?;
    }
    Ok(())
}

impl Group {
    /// The cause, in a few words.
    pub fn title(&self) -> String {
        match &self.cause {
            Cause::OurCode => "Our code has changed the outcome of a run".into(),
            Cause::Dependency { moved } => format!("A dependency has changed: {}", moves(moved)),
            Cause::Search => {
                let id = self.findings.first().map(|finding| &*finding.id).unwrap_or_default();
                format!("New finding of {}: {id}", self.with)
            }
            Cause::FirstNight => "Findings without a night before to compare with".into(),
        }
    }

    /// The number of findings and violations, and the smallest finding.
    fn what(&self) -> String {
        let mut parts = Vec::new();
        if !self.findings.is_empty() {
            parts.push(findings(self.findings.len(), "is", "are"));
        }
        if !self.wrong.is_empty() {
            parts.push(format!("{} client violation(s)", self.wrong.len()));
        }
        let smallest = self.findings.first().map(|finding| format!("; the smallest: {}", finding.id));
        format!("{} new{}", parts.join(" and "), smallest.unwrap_or_default())
    }

    /// What is known of the cause. `since` are the crates that moved in the lock file since the night before.
    fn explained(&self, since: &[Moved]) -> String {
        let all = |moved: &[Moved]| moved.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        match &self.cause {
            Cause::OurCode => "No crate of the lock file has moved since the night before.".into(),
            Cause::Dependency { moved } if self.with.is_locked() => {
                format!("It shows with the lock file. Moved in it since the night before: {}.", all(moved))
            }
            Cause::Dependency { moved } => {
                format!("It shows in `{}`, which differs by: {}.", self.with, all(moved))
            }
            Cause::Search if since.is_empty() => format!(
                "`{}` found it by searching. No crate of the lock file has moved since the night before, so it may be \
                 older.",
                self.with
            ),
            Cause::Search => format!(
                "`{}` found it by searching. It may be older, or come from what moved in the lock file since the night \
                 before: {}.",
                self.with,
                all(since)
            ),
            Cause::FirstNight => "Without a night before, its age is unknown.".into(),
        }
    }
}

/// The crates that moved, those under test first, at most [`NAMED`] by name.
fn moves(moved: &[Moved]) -> String {
    let mut moved: Vec<&Moved> = moved.iter().collect();
    moved.sort_by_key(|moved| !STACKS.contains(&&*moved.name));
    if moved.is_empty() { "nothing".into() } else { some(&moved.iter().map(ToString::to_string).collect::<Vec<_>>()) }
}

/// The first names, and the number of the others.
fn some(all: &[String]) -> String {
    let named = all[..all.len().min(NAMED)].join(", ");
    match all.len().saturating_sub(NAMED) {
        0 => named,
        more => format!("{named} and {more} more"),
    }
}

/// The number of findings, with a verb.
fn findings(number: usize, one: &str, more: &str) -> String {
    format!("{} {}", count(number as u64, "finding"), if number == 1 { one } else { more })
}

fn first_line(text: &str) -> &str {
    text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default()
}

/// A title as the name of a file.
fn slug(title: &str) -> String {
    const LONGEST: usize = 60;
    let words = title.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let words: Vec<String> = words.map(str::to_ascii_lowercase).collect();
    words.join("-").chars().take(LONGEST).collect::<String>().trim_end_matches('-').to_owned()
}
