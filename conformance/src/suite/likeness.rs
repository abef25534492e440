//! What makes two cases alike, however many there are.

use crate::{
    chain::{Phase, StackName},
    http2::ErrorCode,
    oracles::{Law, Violation},
    outcome::{Kind, Side},
    trial::Trial,
};
use std::fmt;

/// What breaks a law, without the details: which law, on which stack, and what both stacks came to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Likeness {
    law: Law,
    stack: Option<StackName>,
    came_to: [CameTo; 2],
}

/// What one stack came to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum CameTo {
    /// How far the request came, and how it ended.
    Request(Phase, Kind),
    /// Which codes the client's RST_STREAM and GOAWAY frames had, each once: no request shows what is broken.
    Connection(Vec<ErrorCode>, Vec<ErrorCode>),
}

impl Likeness {
    /// That of what broke a law in a trial.
    pub fn of(trial: &Trial, violation: &Violation) -> Likeness {
        let came_to = |side: &Side| {
            let request = violation.request.and_then(|number| side.outcome.requests.get(number));
            request.map_or_else(
                || {
                    let resets = side.outcome.resets.iter().map(|(_, code)| *code);
                    CameTo::Connection(once(resets), once(side.outcome.goaways.iter().copied()))
                },
                |request| CameTo::Request(request.phase, request.kind()),
            )
        };
        Likeness { law: violation.law, stack: violation.stack, came_to: trial.sides().map(came_to) }
    }
}

/// In words, the same for all that are alike: a finding is known by them from one run to the next.
impl fmt::Display for Likeness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.law)?;
        if let Some(stack) = self.stack {
            write!(f, " on {stack}")?;
        }
        let [legacy, modern] = &self.came_to;
        write!(f, ": {legacy} on legacy, {modern} on modern")
    }
}

impl fmt::Display for CameTo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CameTo::Request(phase, kind) => write!(f, "{kind} in {phase}"),
            CameTo::Connection(resets, goaways) => {
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
