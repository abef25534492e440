use crate::vocabulary::Processed;
use serde::{Deserialize, Serialize};
use std::{borrow::Cow, fmt};

/// A classifier's judgement of an error.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Verdict {
    /// Whether the peer acted on the request.
    pub processed: Processed,
    /// What the application should do.
    pub advice: Advice,
    /// The reason for the advice, from its row in the table.
    pub because: Cow<'static, str>,
}

/// What to do with a request that ended in an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Advice {
    /// Send it again, on another connection.
    Retry,
    /// Send it again, later.
    BackOff,
    /// Send it again, over HTTP/1.1.
    UseHttp1,
    /// Do not send it again: the same would happen again.
    GiveUp,
}

impl Verdict {
    /// Whether the request may be sent again as the advice says. `idempotent` says whether repeating it is intended to
    /// have the same effect (RFC 9110 §9.2.2).
    pub fn may_retry(&self, idempotent: bool) -> bool {
        self.advice != Advice::GiveUp && (idempotent || self.processed == Processed::No)
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "processed {}, {}", self.processed, self.advice)
    }
}

impl fmt::Display for Advice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}
