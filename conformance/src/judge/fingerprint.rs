//! What makes two cases alike, however many there are.

use crate::{
    comparison::Comparison,
    http2::ErrorCode,
    oracles::{Law, Violation},
    outcome::{Kind, Side},
    vocabulary::{PerStack, Phase, StackName},
};
use std::fmt;

/// What breaks a law, without the details: which law, on which stack, and what both stacks came to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint {
    law: Law,
    stack: Option<StackName>,
    results: PerStack<SideResult>,
}

/// What one stack came to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum SideResult {
    /// How far the request came, and how it ended.
    Request(Phase, Kind),
    /// Which codes the client's RST_STREAM and GOAWAY frames had, each once: no request shows what is broken.
    Connection(Vec<ErrorCode>, Vec<ErrorCode>),
}

impl Fingerprint {
    /// That of what broke a law in a comparison.
    pub fn of(comparison: &Comparison, violation: &Violation) -> Fingerprint {
        let results = |side: &Side| {
            let request = violation.request.and_then(|number| side.outcome.requests.get(number));
            request.map_or_else(
                || {
                    let resets = side.outcome.resets.iter().map(|(_, code)| *code);
                    SideResult::Connection(once(resets), once(side.outcome.goaways.iter().copied()))
                },
                |request| SideResult::Request(request.phase, request.kind()),
            )
        };
        Fingerprint { law: violation.law, stack: violation.stack, results: comparison.sides.map(results) }
    }
}

/// In words, the same for all that are alike: a finding is known by them from one run to the next.
impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.law)?;
        if let Some(stack) = self.stack {
            write!(f, " on {stack}")?;
        }
        let results: Vec<_> = self.results.iter().map(|(stack, result)| format!("{result} on {stack}")).collect();
        write!(f, ": {}", results.join(", "))
    }
}

impl fmt::Display for SideResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SideResult::Request(phase, kind) => write!(f, "{kind} in {phase}"),
            SideResult::Connection(resets, goaways) => {
                let frames = [("RST_STREAM", resets), ("GOAWAY", goaways)];
                let sent =
                    frames.into_iter().flat_map(|(name, codes)| codes.iter().map(move |code| format!("{name} {code}")));
                let sent: Vec<_> = sent.collect();
                f.write_str(if sent.is_empty() { "nothing sent" } else { "" })?;
                f.write_str(&sent.join(" and "))
            }
        }
    }
}

fn once(codes: impl Iterator<Item = ErrorCode>) -> Vec<ErrorCode> {
    let mut codes: Vec<ErrorCode> = codes.collect();
    codes.sort();
    codes.dedup();
    codes
}
