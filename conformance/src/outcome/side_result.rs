use super::{Kind, Side};
use crate::{http2::ErrorCode, vocabulary::Phase};
use std::{collections::BTreeSet, fmt};

/// The outcome of one stack, without the details: equal for cases that are alike.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SideResult {
    /// How far the request came, and how it ended.
    Request(Phase, Kind),
    /// The codes of the client's RST_STREAM and GOAWAY frames, each once: no request shows what is broken.
    Connection(BTreeSet<ErrorCode>, BTreeSet<ErrorCode>),
}

impl SideResult {
    /// What became of this request; of the connection if it is none.
    pub fn new(side: &Side, request: Option<usize>) -> SideResult {
        match request.and_then(|number| side.outcome.requests.get(number)) {
            Some(request) => SideResult::Request(request.phase, request.kind()),
            None => {
                let resets = side.outcome.resets.iter().map(|(_, code)| *code).collect();
                SideResult::Connection(resets, side.outcome.goaways.iter().copied().collect())
            }
        }
    }
}

impl fmt::Display for SideResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SideResult::Request(phase, kind) => write!(f, "{kind} in {phase}"),
            SideResult::Connection(resets, goaways) => {
                let resets = resets.iter().map(|code| format!("RST_STREAM {code}"));
                let sent: Vec<_> = resets.chain(goaways.iter().map(|code| format!("GOAWAY {code}"))).collect();
                f.write_str(if sent.is_empty() { "nothing sent" } else { "" })?;
                f.write_str(&sent.join(" and "))
            }
        }
    }
}
