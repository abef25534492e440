//! How a program finds out whether something is wrong: by the lines that it says.

use super::fault::{About, Line};

/// How a program finds out whether something is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Check {
    /// By a line that shows a fault.
    Line {
        /// What the line is about.
        about: About,
        /// How it begins.
        begins: String,
        /// What should be there in place of the line; none if the line itself should be there, and is missing.
        should: Option<String>,
        /// How the line begins that should come before it, if both are there without the fault too.
        first: Option<String>,
    },
    /// Nothing is wrong while these lines are there.
    All {
        /// The whole lines.
        lines: Vec<String>,
        /// Whether they are frames that the stack sent.
        is_of_frames: bool,
    },
    /// Nothing is wrong if every request ends.
    Ends,
}

impl Check {
    pub(super) fn seen(line: &Line, begins: String, should: String) -> Check {
        Check::Line { about: line.about(), begins, should: Some(should), first: None }
    }

    pub(super) fn missing(about: About, begins: String) -> Check {
        Check::Line { about, begins, should: None, first: None }
    }

    /// Whether these lines show that something is wrong.
    pub(super) fn is_faulty(&self, lines: &[Line]) -> bool {
        let at = |begins: &str| lines.iter().position(|line| line.whole().starts_with(begins)).unwrap_or(usize::MAX);
        match self {
            Check::Line { begins, first: Some(first), .. } => at(begins) < at(first),
            Check::Line { begins, should, first: None, .. } => (at(begins) < usize::MAX) == should.is_some(),
            Check::All { lines, .. } => lines.iter().any(|line| at(line) == usize::MAX),
            Check::Ends => false,
        }
    }

    /// Whether it looks at the hints of a body: `is_end_stream` and `size_hint`.
    pub(super) fn is_of_hint(&self) -> bool {
        matches!(self, Check::Line { about: About::Head(_), .. })
    }

    /// Whether it looks at frames that the stack sends.
    pub(super) fn is_of_frames(&self) -> bool {
        matches!(self, Check::Line { about: About::Frame(_), .. } | Check::All { is_of_frames: true, .. })
    }

    /// The check as a part of a program.
    pub(super) fn checked(&self) -> Checked {
        let (constants, verdict) = match self {
            Check::Ends => (
                "const EXPECTED: &str = \"every request ends\";".into(),
                "let is_faulty = !requests.iter().all(|request| request.is_finished());",
            ),
            Check::All { lines, .. } => {
                let rows: String = lines.iter().map(|line| format!("    {line:?},\n")).collect();
                return Checked {
                    constants: format!(
                        "/// The lines that should be seen.\nconst EXPECTED: [&str; {}] = [\n{rows}];",
                        lines.len()
                    ),
                    said: "EXPECTED.iter().for_each(|line| println!(\"expected: {line}\"));",
                    verdict: "let seen = SEEN.lock().unwrap();\n    \
                              let is_faulty = !EXPECTED.iter().all(|line| seen.iter().any(|seen| seen == line));",
                };
            }
            Check::Line { begins, should: None, .. } => (
                format!(
                    "/// How a line begins that is seen when the fault is gone.\nconst EXPECTED: &str = {begins:?};"
                ),
                "let is_faulty = !SEEN.lock().unwrap().iter().any(|line| line.starts_with(EXPECTED));",
            ),
            Check::Line { begins, should: Some(expected), first: None, .. } => (
                format!(
                    "const EXPECTED: &str = {expected:?};\n/// How a line begins that is seen while the fault is there.\n\
                     const FAULT: &str = {begins:?};"
                ),
                "let is_faulty = SEEN.lock().unwrap().iter().any(|line| line.starts_with(FAULT));",
            ),
            Check::Line { begins, should: Some(expected), first: Some(first), .. } => (
                format!(
                    "const EXPECTED: &str = {expected:?};\n/// While the fault is there, the first line is seen before the \
                     second.\nconst FAULT: [&str; 2] = [{begins:?}, {first:?}];"
                ),
                "let seen = SEEN.lock().unwrap();\n    \
                 let [at, first] = FAULT.map(|begins| seen.iter().position(|line| line.starts_with(begins)));\n    \
                 let is_faulty = at.is_some_and(|at| first.is_none_or(|first| at < first));",
            ),
        };
        Checked { constants, said: "println!(\"expected: {EXPECTED}\");", verdict }
    }
}

/// A check as a part of a program.
pub(super) struct Checked {
    /// What it compares with.
    pub(super) constants: String,
    /// The statement that says what is expected.
    pub(super) said: &'static str,
    /// The statement that decides.
    pub(super) verdict: &'static str,
}
