//! What a project says of its fault: at the head of the program, and in a bug report in the form that the templates of
//! hyper and h2 ask for.

use super::{
    check::Check,
    fault::{Fault, Line},
    manifest::versions,
};
use conformance::{
    report::{case::DivergenceReport, layout::wrap},
    rfc9113::Clause,
    vocabulary::StackName,
};

/// The width of the text. Quoted code is not wrapped.
const WIDTH: usize = 100;

/// What a project says of its fault.
pub(super) struct Report<'r> {
    pub(super) stack: StackName,
    pub(super) fault: &'r Fault,
    pub(super) entry: Option<&'r DivergenceReport>,
    pub(super) about: Option<&'r str>,
    /// The sections of RFC 9113 that decide, if no clause is known.
    pub(super) sections: &'r [String],
}

impl Report<'_> {
    /// What is wrong.
    fn what(&self) -> String {
        let entry = self.entry.map(|entry| entry.about.as_str());
        let what =
            entry.or(self.about.filter(|about| !about.is_empty())).map_or_else(|| self.in_short(), str::to_owned);
        in_crates(&what)
    }

    /// The same in the words of the law, of a case that has no author.
    fn in_short(&self) -> String {
        match self.fault.is_fault() {
            true => format!("On {}: {}.", self.fault.stack, self.fault.message),
            false => "Everything is as RFC 9113 says.".into(),
        }
    }

    /// The rule, quoted.
    fn rule(&self) -> Option<String> {
        let quoted = |clause: Clause| format!("{clause}: \"{}\"", clause.text());
        let of_rfc_9113 = |section: &&String| section.starts_with(|c: char| c.is_ascii_digit());
        let sections = self.sections.iter().filter(of_rfc_9113).map(|section| format!("§{section}"));
        let sections = sections.collect::<Vec<_>>().join(", ");
        let known = self.entry.map(|entry| entry.rfc.clone()).or_else(|| self.fault.clause.map(quoted));
        let rule = known.or((!sections.is_empty()).then_some(sections))?;
        Some(format!("RFC 9113 {}", in_crates(&rule)))
    }

    /// The paragraphs at the head of the program.
    pub(super) fn docs(&self) -> Vec<String> {
        let versions = listed(&versions(self.stack)[..2]);
        let run = match self.fault.check.is_faulty(&self.fault.lines[self.stack]) {
            _ if !self.fault.is_fault() => {
                format!("`cargo run` exits with 0 while it is as expected ({versions}), and with 1 if not.")
            }
            true => {
                format!("`cargo run` exits with 1 while the fault is there ({versions}), and with 0 once it is gone.")
            }
            false => format!("`cargo run` exits with 1 if the fault is there, and with 0 if not ({versions})."),
        };
        [Some(self.what()), self.rule(), Some(run)].into_iter().flatten().collect()
    }

    /// The report. `program` is the text of `main.rs`.
    pub(super) fn text(&self, program: &str) -> String {
        let title = self.what();
        let versions = listed(&versions(self.stack));
        let (expected, seen) = self.told();
        let mut text = format!("# {}\n\n", first_sentence(&title));
        text += &format!("**Version**\n{versions}\n\n**Platform**\nAny: the exchange is played in memory.\n\n");
        text += "**Description**\n";
        let mut paragraphs = vec![title];
        if let Some(entry) = self.entry {
            paragraphs.push(in_crates(&entry.effect));
            paragraphs.push(format!("Where: {}", in_crates(&entry.cause)));
            paragraphs.push(format!("Since when: {}", in_crates(&entry.changed)));
            paragraphs.extend(entry.reported.as_ref().map(|reported| format!("Related: {reported}")));
        }
        let rule = self.rule().map(|rule| quoted(&rule));
        text += &paragraphs.iter().map(|text| wrapped(text)).collect::<Vec<_>>().join("\n");
        text += "\n";
        text += &rule.unwrap_or_default();
        text += "I tried this code, in a project with the dependencies of the `Cargo.toml` beside it, with `cargo run`:\n\n";
        text += &format!("```rust\n{program}```\n\nI expected to see this happen: {expected}\n\n");
        text + &format!("Instead, this happened:\n\n```text\n{seen}\n```\n")
    }

    /// What should be there, and what is.
    fn told(&self) -> (String, String) {
        let lines = &self.fault.lines[self.stack];
        let is_shown = |line: &&Line| self.fault.check.is_of_frames() || !line.about().is_frame();
        let text = if self.fault.check.is_of_hint() { Line::whole } else { Line::without_hint };
        let seen: Vec<String> = lines.iter().filter(is_shown).map(text).collect();
        let expected = match &self.fault.check {
            Check::Line { begins, should, .. } => should.clone().unwrap_or_else(|| format!("`{begins}`")),
            Check::All { lines, .. } => lines.iter().map(|line| format!("`{line}`")).collect::<Vec<_>>().join(", "),
            Check::Ends => "every request ends".into(),
        };
        (expected, seen.join("\n"))
    }
}

/// The first sentence, without its full stop.
fn first_sentence(text: &str) -> &str {
    let end = [". ", "; "].iter().filter_map(|end| text.find(end)).min();
    text[..end.unwrap_or(text.len())].trim_end_matches('.')
}

fn wrapped(text: &str) -> String {
    wrap(text, WIDTH).join("\n") + "\n"
}

fn quoted(text: &str) -> String {
    wrap(text, WIDTH).iter().map(|line| format!("> {line}\n")).collect::<String>() + "\n"
}

/// The text with the names of the crates in place of the suite's names for the stacks.
fn in_crates(text: &str) -> String {
    let replaced = [("Legacy", "hyper 0.14"), ("legacy", "hyper 0.14"), ("Modern", "hyper 1"), ("modern", "hyper 1")];
    replaced.iter().fold(text.to_owned(), |text, (name, crates)| text.replace(name, crates))
}

/// Crates with their versions.
fn listed(versions: &[(&str, String)]) -> String {
    versions.iter().map(|(name, version)| format!("{name} {version}")).collect::<Vec<_>>().join(", ")
}
