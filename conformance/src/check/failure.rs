//! The result of a check, and its printed form.

use super::Hint;
use crate::{
    chain::Chain,
    classifiers::{Proof, Verdict, deciding_link},
    error_chains::ErrorChain,
    oracles::Law,
    script::{Method, Script, text::to_hex},
    vocabulary::{Phase, StackName},
};
use std::{borrow::Cow, error::Error, fmt};

/// The maximum width of a printed failure, apart from long error texts.
const WIDTH: usize = 100;
const LABEL: &str = "              ";

/// The summary of a check that found no broken law.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The classifier.
    pub classifier: String,
    /// The seed of the generated cases.
    pub seed: u64,
    /// The number of errors from error chains that it classified, including those of every entry.
    pub error_chains: usize,
    /// The number of errors that it classified from requests that a scenario or a generated script made fail.
    pub requests: usize,
    /// The methods that it was asked about; none, if it leaves to its caller whether a repetition does harm.
    pub methods: Vec<Method>,
    /// The number of errors that it was not asked about, because its client cannot hand them to it.
    pub left_out: usize,
    /// The crates under test with their versions, from the `Cargo.lock` at or above the test's `CARGO_MANIFEST_DIR`;
    /// `None` if they are unknown.
    pub versions: Option<Vec<String>>,
    /// What its promise leaves out: after these proofs it need not send a request again.
    pub unpromised: Vec<Proof>,
    /// The retries that no law forbids, but that would probably fail again.
    pub unwise: Vec<Unwise>,
}

/// Retries that no law forbids, but that would probably fail again, for one reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unwise {
    /// The reason.
    pub because: Cow<'static, str>,
    /// The number of errors.
    pub times: usize,
    /// The first of them, as [`Check::replay`](super::Check::replay) takes it.
    pub case: String,
}

/// The laws that a classifier broke. `Debug` prints the same as `Display`, so that an error that a test returns or
/// unwraps is readable.
#[derive(Clone, PartialEq, Eq)]
pub struct Failure {
    /// The classifier.
    pub classifier: String,
    /// The seed of the generated cases.
    pub seed: u64,
    /// The crates under test with their versions; `None` if they are unknown.
    pub versions: Option<Vec<String>>,
    /// The number of errors that it was not asked about, because its client cannot hand them to it.
    pub left_out: usize,
    /// The smallest case of each broken law; cases caused by asking for the wrong types come first. Empty if nothing was
    /// checked.
    pub findings: Vec<Finding>,
}

/// A broken law, and the smallest case of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The law.
    pub law: Law,
    /// What broke it, in one sentence.
    pub message: String,
    /// The case.
    pub case: FoundCase,
    /// The stack whose error it was.
    pub stack: StackName,
    /// How far the request had got.
    pub phase: Phase,
    /// The request's method, if the classifier was told.
    pub method: Option<Method>,
    /// The chain, as a reader must see it.
    pub chain: Chain,
    /// The texts of the chain's errors.
    pub texts: Vec<String>,
    /// The right verdict.
    pub expected: Verdict,
    /// A hint at the likely cause, if there is one.
    pub hint: Option<Hint>,
}

/// A case that shows a fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FoundCase {
    /// An error chain.
    ErrorChain(ErrorChain),
    /// A script, and the number of the request that failed.
    Script(Script, usize),
}

/// The case as [`Check::replay`](super::Check::replay) takes it.
impl fmt::Display for FoundCase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FoundCase::ErrorChain(error_chain) => error_chain.fmt(f),
            FoundCase::Script(script, _) => write!(f, "hex:{}", to_hex(&script.encode())),
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Report { classifier, seed, error_chains, requests, .. } = self;
        write!(
            f,
            "{classifier} keeps the laws: {error_chains} errors from chains, {requests} from requests (seed {seed})"
        )?;
        write!(f, "\n  under test: {}", crates(&self.versions))?;
        if !self.methods.is_empty() {
            let methods: Vec<_> = self.methods.iter().map(Method::to_string).collect();
            write!(f, "\n  asked about: {}", methods.join(", "))?;
        }
        if self.left_out > 0 {
            write!(f, "\n  left out: {} errors that its client cannot hand to it", self.left_out)?;
        }
        for proof in &self.unpromised {
            write!(f, "\n  not promised: a retry after {proof}")?;
        }
        for Unwise { because, times, case } in &self.unwise {
            write!(f, "\n  advice: it retries {times} errors such as {case:?}: {because}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Failure { classifier, seed, left_out, .. } = self;
        let left_out = if *left_out > 0 { format!("; {left_out} errors left out") } else { String::new() };
        let result = match self.findings.len() {
            0 => return writeln!(f, "{classifier}: nothing was checked (seed {seed}{left_out})"),
            1 => "breaks a law".to_owned(),
            laws => format!("breaks {laws} laws"),
        };
        writeln!(f, "{classifier} {result} (seed {seed}; {}{left_out}):", crates(&self.versions))?;
        self.findings.iter().try_for_each(|finding| write!(f, "\n{finding}"))
    }
}

fn crates(versions: &Option<Vec<String>>) -> String {
    versions.as_ref().map_or_else(|| "versions unknown".into(), |versions| versions.join(", "))
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\n")?;
        fmt::Display::fmt(self, f)
    }
}

impl Error for Failure {}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        labelled(f, &self.law.to_string(), &self.message)?;
        labelled(f, "  the law", self.law.text())?;
        match &self.case {
            FoundCase::ErrorChain(error_chain) => labelled(f, "  the chain", &error_chain.to_string())?,
            FoundCase::Script(script, request) => {
                labelled(f, "  the script", &format!("request {request} of:"))?;
                script.to_toml().lines().try_for_each(|line| writeln!(f, "{LABEL}  {line}"))?;
            }
        }
        labelled(f, "  the stack", &format!("{}: {}", self.stack, self.stack.crates()))?;
        if let Some(method) = self.method {
            labelled(f, "  the method", method.name())?;
        }
        self.write_chain(f)?;
        let phase = self.phase;
        labelled(f, "  expected", &format!("{}, in phase {phase}: {}", self.expected, self.expected.because))?;
        if let Some(hint) = &self.hint {
            labelled(f, "  hint", &hint.to_string())?;
        }
        // On one line, so that it can be copied.
        writeln!(f, "{:LABEL_WIDTH$}Check::new(&classifier).replay({:?})", "  again", self.case.to_string())
    }
}

impl Finding {
    /// The links, one on each line, with what each prints.
    fn write_chain(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let deciding = deciding_link(&self.chain);
        let width = self.chain.links.iter().map(|link| link.to_string().len()).max().unwrap_or_default();
        for (index, text) in self.texts.iter().enumerate() {
            let Some(link) = self.chain.links.get(index) else { break };
            let label = if index == 0 { "  the chain" } else { "" };
            let mark = if deciding == Some(index) { "  <- decides" } else { "" };
            let link = link.to_string();
            writeln!(f, "{label:LABEL_WIDTH$}{index}  {link:width$}  \"{text}\"{mark}")?;
        }
        let unread = self.chain.links.len().saturating_sub(self.texts.len());
        if unread > 0 {
            writeln!(f, "{LABEL}and {unread} more{}", if self.chain.cut { ", without an end" } else { "" })?;
        }
        Ok(())
    }
}

const LABEL_WIDTH: usize = LABEL.len();

pub(in crate::check) fn labelled(f: &mut fmt::Formatter<'_>, label: &str, text: &str) -> fmt::Result {
    let first = format!("{label:LABEL_WIDTH$}");
    writeln!(f, "{}", wrapped(text, &first, LABEL))
}

/// The text as lines, indented, and further after the first.
pub(in crate::check) fn hanging(text: &str) -> String {
    wrapped(text, "  ", "    ")
}

fn wrapped(text: &str, first: &str, others: &str) -> String {
    let options = textwrap::Options::new(WIDTH).initial_indent(first).subsequent_indent(others);
    textwrap::fill(text, options.word_splitter(textwrap::WordSplitter::NoHyphenation).break_words(false))
}
