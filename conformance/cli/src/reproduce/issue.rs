//! The text of a bug report, in the form that the templates of hyper and h2 ask for.

use super::{
    Report,
    fault::{Check, Line},
    in_crates, versions,
};
use conformance::report::layout::wrap;

/// The width of the text. Quoted code is not wrapped.
const WIDTH: usize = 100;

impl Report<'_> {
    /// The report. `program` is the text of `main.rs`.
    pub(super) fn text(&self, program: &str) -> String {
        let title = self.what();
        let versions = versions(self.stack).join(", ");
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
        let is_shown = |line: &&Line| self.fault.check.about.is_frame() || !line.about().is_frame();
        let text = if self.fault.check.is_of_hint() { Line::whole } else { Line::without_hint };
        let seen: Vec<String> = lines.iter().filter(is_shown).map(text).collect();
        let Check { begins, should, .. } = &self.fault.check;
        let expected = should.clone().unwrap_or_else(|| format!("`{begins}`"));
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
