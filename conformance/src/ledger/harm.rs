//! What a fault does to applications, and which stack has it.

use crate::vocabulary::PerStack;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What a fault does to an application, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Harm {
    /// Content that was cut is handed over as whole.
    DataLost,
    /// A request that must not run twice may do so.
    RunTwice,
    /// A request never ends.
    Hang,
    /// A malformed message is handed over as a valid one.
    Malformed,
    /// A request fails that could succeed, or is not sent again although it could be.
    Failure,
    /// RFC 9113 is broken, and an application does not see it.
    Protocol,
}

/// A difference in which RFC 9113 leaves a choice: no fault of either stack.
pub const LEFT_OPEN: PerStack<Option<Harm>> = PerStack::new([None, None]);

impl Harm {
    /// Every harm, the worst first.
    pub const ALL: [Harm; 6] =
        [Harm::DataLost, Harm::RunTwice, Harm::Hang, Harm::Malformed, Harm::Failure, Harm::Protocol];

    /// The fault of legacy alone.
    pub const fn on_legacy(self) -> PerStack<Option<Harm>> {
        PerStack::new([Some(self), None])
    }

    /// The fault of modern alone.
    pub const fn on_modern(self) -> PerStack<Option<Harm>> {
        PerStack::new([None, Some(self)])
    }

    /// The fault of both, which does the same on each.
    pub const fn on_both(self) -> PerStack<Option<Harm>> {
        self.on_legacy_and(self)
    }

    /// The fault of both, which does this on legacy and something else on modern.
    pub const fn on_legacy_and(self, modern: Harm) -> PerStack<Option<Harm>> {
        PerStack::new([Some(self), Some(modern)])
    }
}

impl fmt::Display for Harm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Harm::DataLost => "data lost",
            Harm::RunTwice => "run twice",
            Harm::Hang => "hang",
            Harm::Malformed => "malformed",
            Harm::Failure => "failure",
            Harm::Protocol => "protocol",
        })
    }
}
