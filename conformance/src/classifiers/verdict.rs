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
    /// Whether the request may be sent again: always if it was not processed (RFC 9113 §8.7), else as the advice says if
    /// it is `idempotent`, so that repeating it is intended to have the same effect (RFC 9110 §9.2.2).
    pub fn may_retry(&self, idempotent: bool) -> bool {
        self.processed == Processed::No || idempotent && self.advice != Advice::GiveUp
    }
}

impl Advice {
    /// Whether a request that may or may not be sent again should be, in words.
    pub fn again(self, may_retry: bool) -> &'static str {
        match (may_retry, self) {
            (true, Advice::GiveUp) => "may be sent again, but would probably fail again",
            (true, _) => "may be sent again",
            (false, Advice::GiveUp) => "should not be sent again",
            (false, _) => "may not be sent again",
        }
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
