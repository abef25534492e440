//! One script on both stacks, told in full.

use super::timeline;
use crate::{
    chain::{Chain, Phase},
    classifiers::Verdict,
    ledger::Divergence,
    oracles::Violation,
    outcome::{Kind, Side},
    script::{Script, text::to_hex},
    stacks::End,
    trial::Trial,
};
use serde::Serialize;
use std::error::Error;

/// One script on both stacks: what crossed, what each application saw, and which laws hold.
#[derive(Debug, Serialize)]
pub struct Case {
    /// The scenario's or file's name.
    pub name: String,
    /// What a scenario says of itself.
    pub about: Option<String>,
    /// The clauses that a scenario is about.
    pub rfc: Vec<String>,
    /// The public issues that a scenario was seen in.
    pub seen: Vec<String>,
    /// The script as TOML.
    pub script: String,
    /// The command that plays it again.
    pub replay: String,
    /// What a scenario expects of each request, from RFC 9113.
    pub expected: Vec<String>,
    /// The reasons that a scenario states for not getting it.
    pub but: Vec<String>,
    /// hyper 0.14 on h2 0.3.
    pub legacy: SideReport,
    /// hyper 1 on h2 0.4.
    pub modern: SideReport,
    /// The laws that are broken, explained or not.
    pub violations: Vec<Violation>,
    /// The entries of the ledger that explain a broken law 2.
    pub divergences: Vec<DivergenceReport>,
    /// Whether something is broken that nothing explains.
    pub unexplained: bool,
}

/// An entry of the ledger.
#[derive(Debug, Serialize)]
pub struct DivergenceReport {
    /// Its name.
    pub name: &'static str,
    /// What differs.
    pub about: &'static str,
    /// The clause that decides.
    pub rfc: &'static str,
    /// Which side is right by it.
    pub right: crate::ledger::Right,
    /// Where the difference comes from.
    pub cause: &'static str,
    /// Since when it is there.
    pub changed: &'static str,
}

impl From<&Divergence> for DivergenceReport {
    fn from(entry: &Divergence) -> DivergenceReport {
        DivergenceReport {
            name: entry.name,
            about: entry.about,
            rfc: entry.rfc,
            right: entry.right,
            cause: entry.cause,
            changed: entry.changed,
        }
    }
}

/// What one stack made of a script.
#[derive(Debug, Serialize)]
pub struct SideReport {
    /// The exchange, a line an event: `<-` from the peer, `->` from the client, `*` what the application did or saw.
    pub timeline: Vec<String>,
    /// What became of each request.
    pub requests: Vec<RequestReport>,
    /// What tasks of the stack panicked with.
    pub panics: Vec<String>,
}

/// What became of one request.
#[derive(Debug, Serialize)]
pub struct RequestReport {
    /// How far it came.
    pub phase: Phase,
    /// How it ended.
    pub kind: Kind,
    /// The stream that it was written on.
    pub stream: Option<u32>,
    /// The status of the response.
    pub status: Option<u16>,
    /// How many bytes of content the application got.
    pub body_bytes: usize,
    /// How many trailer fields the application got.
    pub trailers: Option<usize>,
    /// The error's links as they print themselves.
    pub messages: Vec<String>,
    /// The links as they were read.
    pub chain: Option<Chain>,
    /// What was made of them.
    pub verdict: Option<Verdict>,
    /// Whether the request, with its method, may be sent again by that.
    pub may_retry: Option<bool>,
}

impl Case {
    /// A case that has no more than its script.
    pub fn new(name: impl Into<String>, script: &Script, trial: &Trial) -> Case {
        Case {
            name: name.into(),
            about: None,
            rfc: Vec::new(),
            seen: Vec::new(),
            script: script.to_toml(),
            replay: replay(script),
            expected: Vec::new(),
            but: Vec::new(),
            legacy: SideReport::new(&trial.legacy, script),
            modern: SideReport::new(&trial.modern, script),
            violations: Vec::new(),
            divergences: Vec::new(),
            unexplained: false,
        }
    }
}

/// A script of more bytes than this is not replayed from the command itself.
const LONGEST_IN_A_COMMAND: usize = 1_000;

/// The command that plays a script again, wherever it came from.
pub fn replay(script: &Script) -> String {
    let bytes = script.encode();
    if bytes.len() > LONGEST_IN_A_COMMAND {
        return "cargo run --release -- explain FILE, with the script as a [[scenario]] in FILE".into();
    }
    format!("cargo run --release -- explain hex:{}", to_hex(&bytes))
}

impl SideReport {
    fn new(side: &Side, script: &Script) -> SideReport {
        let requests = side.observation.requests.iter().zip(&side.outcome.requests);
        let methods = script.requests().map(|request| request.method());
        SideReport {
            timeline: timeline::lines(&side.observation.record, script),
            requests: requests
                .zip(methods)
                .enumerate()
                .map(|(number, ((seen, outcome), method))| RequestReport {
                    phase: outcome.phase,
                    kind: outcome.kind(),
                    stream: side.observation.record.stream_of(number).map(|stream| stream.get()),
                    status: outcome.status,
                    body_bytes: outcome.body.len(),
                    trailers: outcome.trailers.as_ref().map(Vec::len),
                    messages: match &seen.end {
                        End::Failed(_, error) => messages(error.as_ref().as_ref()),
                        _ => Vec::new(),
                    },
                    chain: outcome.chain().cloned(),
                    verdict: outcome.verdict().copied(),
                    may_retry: outcome.verdict().map(|verdict| verdict.may_retry(method.is_idempotent())),
                })
                .collect(),
            panics: side.observation.panics.clone(),
        }
    }
}

fn messages(error: &(dyn Error + 'static)) -> Vec<String> {
    let mut messages = vec![error.to_string()];
    let mut next = error.source();
    while let Some(error) = next.filter(|_| messages.len() < Chain::READING_LIMIT) {
        messages.push(error.to_string());
        next = error.source();
    }
    messages
}
