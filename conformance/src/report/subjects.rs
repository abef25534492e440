//! What the clients that others wrote make of the scenarios: as values, and as tables 100 columns wide at most.

use super::{
    STYLES,
    layout::{count, hanging, indented},
};
use crate::{oracles::Law, subjects::Loudness};
use serde::Serialize;
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::{self, Write},
};

/// What one subject made of the scenarios.
#[derive(Debug, Serialize)]
pub struct SubjectReport {
    /// Its name.
    pub name: &'static str,
    /// What it is, in one sentence.
    pub about: &'static str,
    /// The crate that it comes from, with its version.
    pub version: &'static str,
    /// Whether it sends requests again of itself.
    pub retries: bool,
    /// Each scenario.
    pub scenarios: Vec<SubjectScenario>,
}

/// What one subject made of one scenario.
#[derive(Debug, Serialize)]
pub struct SubjectScenario {
    /// The name of the scenario.
    pub name: String,
    /// How many of its steps cannot be played to this subject; nothing of the scenario is judged then.
    pub unplayable: usize,
    /// How many connections the subject opened.
    pub connections: usize,
    /// Each request.
    pub requests: Vec<SubjectRequest>,
    /// What breaks a law.
    pub wrong: Vec<Wrong>,
    /// What the subject logged: warnings and errors, and what it tells of its attempts for debugging.
    pub logged: Vec<LogLine>,
}

/// A line of a log: the message alone, without the fields beside it.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct LogLine {
    /// How loud it is.
    pub level: Loudness,
    /// The module that logged it.
    pub target: &'static str,
    /// What it says.
    pub message: String,
    /// How often.
    pub times: usize,
}

/// What became of one request.
#[derive(Debug, Serialize)]
pub struct SubjectRequest {
    /// Its method.
    pub method: &'static str,
    /// How it ended for the application.
    pub ended: Ended,
    /// What the subject calls the error, if there was one before any response.
    pub word: Option<String>,
    /// The error as it was read by type.
    pub chain: Option<String>,
    /// The status of the response.
    pub status: Option<u16>,
    /// How often the peer of the script got it.
    pub on_first_connection: usize,
    /// How often it went over a later connection.
    pub on_later_connections: usize,
    /// How much virtual time it took, in milliseconds; none if it did not end.
    pub took_ms: Option<u64>,
    /// Whether the peer may have executed it more than once.
    pub may_have_run_twice: bool,
    /// Whether that would have another effect than once, by its method (RFC 9110 §9.2.2).
    pub has_side_effect: bool,
}

/// How a request ended for the application.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ended {
    /// With a response.
    Response,
    /// With a response that is handed over as complete, and is not.
    Truncated,
    /// With an error after the head of the response.
    BodyError,
    /// With an error.
    Error,
    /// It did not.
    Open,
}

/// What a subject does that a law calls wrong.
#[derive(Debug, Serialize)]
pub struct Wrong {
    /// The law.
    pub law: Law,
    /// The number of the request.
    pub request: usize,
    /// What is wrong.
    pub message: String,
    /// Whether the stack under it, bare and with its own settings, breaks the same law there.
    pub of_its_stack: bool,
}

impl SubjectReport {
    fn number(&self, of: impl Fn(&SubjectScenario) -> bool) -> usize {
        self.scenarios.iter().filter(|scenario| of(scenario)).count()
    }

    fn requests(&self, of: impl Fn(&SubjectRequest) -> bool) -> usize {
        self.scenarios.iter().flat_map(|scenario| &scenario.requests).filter(|request| of(request)).count()
    }
}

impl SubjectScenario {
    fn is_wrong_itself(&self) -> bool {
        self.wrong.iter().any(|wrong| !wrong.of_its_stack)
    }
}

/// Everything that is asked of the subjects beside the scenarios as they are.
#[derive(Debug, Default, Serialize)]
pub struct Beyond {
    /// The scenarios with a setting of the application: for each client, one report with each.
    pub settings: Vec<SubjectReport>,
    /// What goes wrong before there is a connection.
    pub troubles: Vec<Met>,
    /// One GOAWAY that disowns many requests.
    pub bursts: Vec<Burst>,
}

/// A subject that came into trouble before it had a connection.
#[derive(Debug, Serialize)]
pub struct Met {
    /// The trouble, in a few words.
    pub trouble: &'static str,
    /// The subject.
    pub subject: &'static str,
    /// What it calls the error; none if it got a response.
    pub word: Option<String>,
    /// How much virtual time passed before the application had it, in milliseconds.
    pub took_ms: Option<u64>,
}

/// One GOAWAY that disowns many requests of one service at once.
#[derive(Debug, Serialize)]
pub struct Burst {
    /// The subject.
    pub subject: &'static str,
    /// How many requests.
    pub requests: usize,
    /// How many of them reached the application as errors.
    pub errors: usize,
}

/// What is asked beside the scenarios, as tables.
pub fn beyond_tables(beyond: &Beyond) -> String {
    let mut text = String::new();
    // Writing to a string does not fail.
    let _ = write_beyond(beyond, &mut text);
    text
}

fn write_beyond(beyond: &Beyond, out: &mut String) -> fmt::Result {
    for subjects in beyond.settings.chunk_by(|one, next| one.name == next.name) {
        write_ends(subjects[0].name, subjects.iter().map(|subject| (subject.about, subject)), out)?;
    }
    let heading = STYLES.heading;
    writeln!(out, "\n{heading}{:26}{:24}{:34}{:>10}{heading:#}", "before any connection", "client", "called", "after")?;
    for met in &beyond.troubles {
        let after = met.took_ms.map_or_else(|| "never".into(), |took| format!("{took} ms"));
        writeln!(
            out,
            "{:26}{:24}{:34}{after:>10}",
            met.trouble,
            met.subject,
            met.word.as_deref().unwrap_or("a response")
        )?;
    }
    writeln!(out, "\n{heading}{:24}{:>10}{:>8}  {heading:#}", "disowned by one GOAWAY", "requests", "errors")?;
    for burst in &beyond.bursts {
        let bar = "█".repeat(burst.errors.div_ceil(BURST_BAR));
        writeln!(out, "{:24}{:>10}{:>8}  {bar}", burst.subject, burst.requests, burst.errors)?;
    }
    Ok(())
}

/// How many errors one block of a bar stands for.
const BURST_BAR: usize = 5;

/// The tables of a run: what the subjects are held to, and what those that retry come to.
pub fn subject_tables(subjects: &[SubjectReport]) -> String {
    let mut text = String::new();
    // Writing to a string does not fail.
    let _ = write_tables(subjects, &mut text);
    text
}

fn write_tables(subjects: &[SubjectReport], out: &mut String) -> fmt::Result {
    if subjects.is_empty() {
        return Ok(());
    }
    let heading = STYLES.heading;
    writeln!(
        out,
        "\n{heading}{:24}{:>10}{:>12}{:>15}{:>14}{:>10}{heading:#}",
        "client", "scenarios", "not played", "by the laws", "of its stack", "its own"
    )?;
    for subject in subjects {
        let own = subject.number(SubjectScenario::is_wrong_itself);
        let of_its_stack = subject.number(|scenario| !scenario.wrong.is_empty() && !scenario.is_wrong_itself());
        let unplayed = subject.number(|scenario| scenario.unplayable > 0);
        let lawful = subject.scenarios.len() - own - of_its_stack - unplayed;
        writeln!(
            out,
            "{:24}{:>10}{unplayed:>12}{lawful:>15}{of_its_stack:>14}{own:>10}",
            subject.name,
            subject.scenarios.len()
        )?;
    }
    let retrying = subjects.iter().filter(|subject| subject.retries).map(|subject| (subject.name, subject));
    write_ends("with its retries", retrying, out)
}

/// How the requests of subjects ended for their application, with a label each.
fn write_ends<'s>(
    title: &str,
    subjects: impl Iterator<Item = (&'s str, &'s SubjectReport)>,
    out: &mut String,
) -> fmt::Result {
    let heading = STYLES.heading;
    writeln!(
        out,
        "\n{heading}{title:24}{:>9}{:>9}{:>10}{:>8}{:>7}{:>5}{:>14}{:>13}{heading:#}",
        "requests", "answered", "truncated", "in body", "errors", "open", "may run twice", "side effects"
    )?;
    for (label, subject) in subjects {
        let ended = |ended: Ended| subject.requests(|request| request.ended == ended);
        writeln!(
            out,
            "{label:24}{:>9}{:>9}{:>10}{:>8}{:>7}{:>5}{:>14}{:>13}",
            subject.requests(|_| true),
            ended(Ended::Response),
            ended(Ended::Truncated),
            ended(Ended::BodyError),
            ended(Ended::Error),
            ended(Ended::Open),
            subject.requests(|request| request.may_have_run_twice),
            subject.requests(|request| request.may_have_run_twice && request.has_side_effect),
        )?;
    }
    Ok(())
}

/// What the subjects logged: each message, shortened, with its level, who logged it, and in how many scenarios.
pub fn log_table(subjects: &[SubjectReport]) -> String {
    let mut text = String::new();
    // Writing to a string does not fail.
    let _ = write_log_table(subjects, &mut text);
    text
}

fn write_log_table(subjects: &[SubjectReport], out: &mut String) -> fmt::Result {
    let mut scenarios: BTreeMap<(Loudness, String), Vec<(&str, usize)>> = BTreeMap::new();
    for subject in subjects {
        let mut of_it: BTreeMap<(Loudness, String), usize> = BTreeMap::new();
        for scenario in &subject.scenarios {
            // Messages that differ only behind what is shown are one.
            let lines: BTreeSet<_> =
                scenario.logged.iter().map(|line| (line.level, shortened(&line.message))).collect();
            lines.into_iter().for_each(|line| *of_it.entry(line).or_default() += 1);
        }
        for (line, number) in of_it {
            scenarios.entry(line).or_default().push((subject.name, number));
        }
    }
    let heading = STYLES.heading;
    writeln!(out, "\n{heading}{:7}{:59}{:24}{:>10}{heading:#}", "level", "logged", "client", "scenarios")?;
    for ((level, message), clients) in scenarios {
        for (index, (client, number)) in clients.into_iter().enumerate() {
            let (level, message) = if index == 0 { (level.to_string(), message.as_str()) } else { Default::default() };
            writeln!(out, "{level:7}{message:59}{client:24}{number:>10}")?;
        }
    }
    Ok(())
}

/// How many characters of a message are shown.
const MESSAGE: usize = 57;

fn shortened(message: &str) -> String {
    if message.chars().count() <= MESSAGE {
        return message.to_owned();
    }
    message.chars().take(MESSAGE - 1).chain(['…']).collect()
}

/// Everything that the subjects do wrong, what is alike together, with the scenarios that show it.
pub fn wrongs(subjects: &[SubjectReport]) -> String {
    let mut text = String::new();
    // Writing to a string does not fail.
    let _ = write_wrongs(subjects, &mut text);
    text
}

fn write_wrongs(subjects: &[SubjectReport], out: &mut String) -> fmt::Result {
    let heading = STYLES.heading;
    for subject in subjects {
        writeln!(out, "{heading}{}{heading:#}: {}, {}", subject.name, subject.about, subject.version)?;
        let mut alike: BTreeMap<(bool, Law, &str), Vec<String>> = BTreeMap::new();
        for scenario in &subject.scenarios {
            for wrong in &scenario.wrong {
                let shown = alike.entry((wrong.of_its_stack, wrong.law, &wrong.message)).or_default();
                shown.push(format!("{} ({})", scenario.name, wrong.request));
            }
        }
        for ((of_its_stack, law, message), shown) in alike {
            let whose = if of_its_stack { "of its stack, " } else { "" };
            hanging(out, &format!("{whose}{law}: {message}"), "  ", "    ")?;
            indented(out, &shown.join(", "), "      ")?;
        }
        let unplayed: Vec<&str> = subject
            .scenarios
            .iter()
            .filter(|scenario| scenario.unplayable > 0)
            .map(|scenario| &*scenario.name)
            .collect();
        if !unplayed.is_empty() {
            let held = count(unplayed.len() as u64, "scenario");
            let text = format!(
                "not played, because no read or write fails as chosen over TLS: {held}: {}",
                unplayed.join(", ")
            );
            hanging(out, &text, "  ", "    ")?;
        }
        writeln!(out)?;
    }
    Ok(())
}
