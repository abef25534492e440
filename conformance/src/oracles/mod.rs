//! The laws, one a file. Each looks at a [`Trial`] and says what broke it.
//!
//! To add a law: a file with an [`Oracle`] in it, and its line in [`LAWS`].

mod agreement;
mod equivalence;
pub mod expectation;

pub use agreement::Agreement;
pub use equivalence::{Equivalence, point_of_divergence};

use crate::trial::Trial;
use serde::Serialize;
use std::fmt;

/// A law as something that judges.
pub trait Oracle: Sync {
    /// The law that it holds trials against.
    fn law(&self) -> Law;

    /// What broke the law; nothing if it holds.
    fn judge(&self, trial: &Trial) -> Vec<Violation>;
}

/// Every law, in the order of their numbers.
pub const LAWS: &[&dyn Oracle] = &[&Agreement, &Equivalence];

/// The name of a law.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Law {
    /// The errors of both stacks are read alike.
    Agreement,
    /// The same script has the same outcome on both stacks.
    Equivalence,
    /// A scenario has the outcome that RFC 9113 gives it.
    Expectation,
}

impl Law {
    /// The law in one sentence.
    pub fn text(self) -> &'static str {
        match self {
            Law::Agreement => "Every error of a stack is read as what it is, and equal chains get equal verdicts.",
            Law::Equivalence => {
                "The same script gives the same outcome on both stacks, except for a divergence in the ledger."
            }
            Law::Expectation => "Both stacks give every request of a scenario what RFC 9113 gives it.",
        }
    }
}

/// A law that was broken, and by what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Violation {
    /// The law.
    pub law: Law,
    /// The number of the request that shows it; none if the connection does.
    pub request: Option<usize>,
    /// What broke it, in one sentence.
    pub message: String,
}

impl fmt::Display for Law {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Law::Agreement => "agreement",
            Law::Equivalence => "equivalence",
            Law::Expectation => "expectation",
        })
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.law)?;
        if let Some(request) = self.request {
            write!(f, "request {request}: ")?;
        }
        f.write_str(&self.message)
    }
}
