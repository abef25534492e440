//! What one scenario came to with one release: what the program of a swept release writes.

use super::layout::count;
use crate::{
    ledger::Divergence,
    outcome::{Kind, Outcome, RequestOutcome},
    vocabulary::Phase,
};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What one scenario came to with one release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Play {
    /// The name of the scenario.
    pub name: String,
    /// What became of each request.
    pub requests: Vec<PlayedRequest>,
    /// The RST_STREAM frames that the client sent, then its GOAWAY frames.
    pub sent: Vec<String>,
    /// How many of the stack's tasks panicked.
    pub panics: usize,
    /// Whether the other stack, which is always the same, comes to something else.
    pub differs: bool,
    /// The entries of the ledger that explain what is broken.
    pub divergences: Vec<String>,
    /// What is broken and not explained.
    pub unexplained: Vec<String>,
}

/// What became of one request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlayedRequest {
    /// How far it came.
    pub phase: Phase,
    /// How it ended.
    pub kind: Kind,
    /// The status of the response.
    pub status: Option<u16>,
    /// How many bytes of content the application got.
    pub body_bytes: usize,
    /// How many trailer fields the application got.
    pub trailers: Option<usize>,
    /// The error as it was read, link by link.
    pub chain: Option<String>,
    /// What was made of it.
    pub verdict: Option<String>,
}

impl Play {
    /// Whether this entry of the ledger explains what is broken.
    pub fn is_explained_by(&self, entry: &Divergence) -> bool {
        self.divergences.iter().any(|name| name == entry.name)
    }
}

impl PlayedRequest {
    /// What became of this request.
    pub fn new(outcome: &RequestOutcome) -> PlayedRequest {
        PlayedRequest {
            phase: outcome.phase,
            kind: outcome.kind(),
            status: outcome.status,
            body_bytes: outcome.body.len(),
            trailers: outcome.trailers.as_ref().map(Vec::len),
            chain: outcome.chain().map(ToString::to_string),
            verdict: outcome.verdict().map(ToString::to_string),
        }
    }
}

/// The RST_STREAM frames that the client sent, then its GOAWAY frames.
pub fn sent(outcome: &Outcome) -> Vec<String> {
    let resets = outcome.resets.iter().map(|(stream, code)| format!("RST_STREAM stream={stream} {code}"));
    resets.chain(outcome.goaways.iter().map(|code| format!("GOAWAY {code}"))).collect()
}

impl fmt::Display for PlayedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} in phase {}", self.kind, self.phase)?;
        if let Some(status) = self.status {
            write!(f, ", {status}, {}", count(self.body_bytes as u64, "byte"))?;
        }
        if let Some(trailers) = self.trailers {
            write!(f, ", {}", count(trailers as u64, "trailer field"))?;
        }
        match &self.verdict {
            Some(verdict) => write!(f, ", {verdict}"),
            None => Ok(()),
        }
    }
}
