//! The outcome of one scenario with one release. The program of a swept release writes it.

use super::layout::count;
use crate::{
    chain::Chain,
    classifiers::Verdict,
    ledger::Divergence,
    outcome::{Kind, Outcome, RequestOutcome},
    vocabulary::Phase,
};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The outcome of one scenario with one release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Play {
    /// The name of the scenario.
    pub name: String,
    /// How each request ended.
    pub requests: Vec<PlayedRequest>,
    /// The RST_STREAM frames that the client sent, then its GOAWAY frames.
    pub sent: Vec<String>,
    /// The number of tasks of the stack that panicked.
    pub panics: usize,
    /// Whether the outcome differs from that of the other stack, whose version is always the same.
    pub differs: bool,
    /// The ledger entries that explain the violations.
    pub divergences: Vec<String>,
    /// The violations that are not explained.
    pub unexplained: Vec<String>,
}

/// How one request ended with one release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlayedRequest {
    /// How it ended.
    #[serde(flatten)]
    pub end: RequestEnd,
    /// What a third-party client calls the error and does about it, in its own words.
    pub client: Option<String>,
}

/// How one request ended, in every report of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestEnd {
    /// The phase that it reached.
    pub phase: Phase,
    /// How it ended.
    pub kind: Kind,
    /// The status of the response.
    pub status: Option<u16>,
    /// The number of bytes of content that the application received.
    pub body_bytes: usize,
    /// The number of trailer fields that the application received.
    pub trailers: Option<usize>,
    /// The error as it was read, link by link.
    pub chain: Option<Chain>,
    /// The verdict on it.
    pub verdict: Option<Verdict>,
}

impl Play {
    /// Whether this ledger entry explains a violation.
    pub fn is_explained_by(&self, entry: &Divergence) -> bool {
        self.divergences.iter().any(|name| name == entry.name)
    }
}

impl RequestEnd {
    /// The end of this request.
    pub fn new(outcome: &RequestOutcome) -> RequestEnd {
        RequestEnd {
            phase: outcome.phase,
            kind: outcome.kind(),
            status: outcome.status,
            body_bytes: outcome.body.len(),
            trailers: outcome.trailers.as_ref().map(Vec::len),
            chain: outcome.chain().cloned(),
            verdict: outcome.verdict().cloned(),
        }
    }

    /// How it ended, and in which phase.
    pub fn ended(&self) -> String {
        format!("{} in phase {}", self.kind, self.phase)
    }

    /// The response that the application received, if there was one.
    pub fn response(&self) -> Option<String> {
        let trailers = self.trailers.map(|fields| format!(", {}", count(fields as u64, "trailer field")));
        let body = count(self.body_bytes as u64, "byte");
        self.status.map(|status| format!("{status}, {body}{}", trailers.unwrap_or_default()))
    }
}

/// The RST_STREAM frames that the client sent, then its GOAWAY frames.
pub fn sent(outcome: &Outcome) -> Vec<String> {
    let resets = outcome.resets.iter().map(|(stream, code)| format!("RST_STREAM stream={stream} {code}"));
    resets.chain(outcome.goaways.iter().map(|code| format!("GOAWAY {code}"))).collect()
}

impl fmt::Display for PlayedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.end)?;
        self.client.iter().try_for_each(|client| write!(f, ", {client}"))
    }
}

impl fmt::Display for RequestEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.ended())?;
        let verdict = self.verdict.as_ref().map(ToString::to_string);
        self.response().into_iter().chain(verdict).try_for_each(|part| write!(f, ", {part}"))
    }
}
