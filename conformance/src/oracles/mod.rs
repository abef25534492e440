//! The laws, one a file. Each looks at a [`Comparison`] and says what broke it.
//!
//! To add a law: a file with an [`Oracle`] in it, and its line in [`LAWS`].

mod agreement;
pub mod chains;
pub mod clients;
mod completeness;
mod equivalence;
pub mod expectation;
mod integrity;
pub mod invariance;
mod liveness;
mod safety;

pub use agreement::Agreement;
pub use completeness::Completeness;
pub use equivalence::{Equivalence, point_of_divergence};
pub use integrity::Integrity;
pub use liveness::Liveness;
pub use safety::Safety;

use crate::{
    comparison::Comparison,
    outcome::{RequestOutcome, Side},
    peer::last_step,
    rfc9113::Truth,
    vocabulary::StackName,
};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A law as something that judges.
pub trait Oracle: Sync {
    /// The law that it holds comparisons against.
    fn law(&self) -> Law;

    /// What broke the law; nothing if it holds.
    fn judge(&self, comparison: &Comparison) -> Vec<Violation>;
}

/// Every law, in the order of their numbers.
pub const LAWS: &[&dyn Oracle] = &[&Agreement, &Equivalence, &Safety, &Completeness, &Integrity, &Liveness];

/// What `broken` finds in any request of either side, with the side that it is on.
fn each_request(
    law: Law,
    comparison: &Comparison,
    broken: fn(&Side, &RequestOutcome, &Truth) -> Option<String>,
) -> Vec<Violation> {
    let mut violations = Vec::new();
    for side in comparison.sides.each() {
        for (number, (outcome, truth)) in side.outcome.requests.iter().zip(&side.model.truths).enumerate() {
            if let Some(message) = broken(side, outcome, truth) {
                violations.push(Violation { law, stack: Some(side.stack), request: Some(number), message });
            }
        }
    }
    violations
}

/// The name of a law.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Law {
    /// The errors of both stacks are read alike.
    Agreement,
    /// Nothing that the peer may have acted on is called unprocessed.
    Safety,
    /// What was provably not processed is called so.
    Completeness,
    /// What would fail again is not sent again.
    Advice,
    /// What code above a client puts around an error changes nothing.
    Layers,
    /// What an error prints decides nothing.
    Text,
    /// An error of the other stack is known as one.
    Foreign,
    /// A response cut short is never handed over as complete.
    Integrity,
    /// Everything comes to an end, and nothing panics.
    Liveness,
    /// What must not matter does not matter.
    Invariance,
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
            Law::Safety => "No request that the peer may have acted on is called unprocessed (RFC 9113 §8.7).",
            Law::Completeness => {
                "A request that was provably not processed is called so (RFC 9113 §6.8, §8.7, or it was never written)."
            }
            Law::Advice => "What would end the same way again is not sent again, and every advice has its reason.",
            Law::Layers => {
                "A layer that shows its source changes nothing; one that skips it makes a verdict less certain at most."
            }
            Law::Text => "What an error prints decides nothing.",
            Law::Foreign => {
                "An error that is only of the other stack is known as that, and nothing is concluded from it."
            }
            Law::Integrity => "A response cut short is never handed over as complete (RFC 9113 §8.1).",
            Law::Liveness => "Everything that has to end comes to its end, and nothing panics.",
            Law::Invariance => "What must not matter, by RFC 9113, does not matter.",
            Law::Equivalence => {
                "The same script gives the same outcome on both stacks, except for a divergence in the ledger."
            }
            Law::Expectation => "Both stacks give every request of a scenario what RFC 9113 gives it.",
        }
    }
}

/// A law that was broken, and by what.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Violation {
    /// The law.
    pub law: Law,
    /// The stack that shows it; none if it takes both.
    pub stack: Option<StackName>,
    /// The number of the request that shows it; none if the connection does.
    pub request: Option<usize>,
    /// What broke it, in one sentence.
    pub message: String,
}

impl Violation {
    /// The last step that had begun when this was seen; none if no step had.
    pub fn step(&self, comparison: &Comparison) -> Option<usize> {
        if self.law == Law::Equivalence {
            return point_of_divergence(comparison);
        }
        let sides =
            comparison.sides.each().into_iter().filter(|side| self.stack.is_none_or(|stack| stack == side.stack));
        let records = sides.map(|side| &side.observation.record);
        records
            .filter_map(|record| self.request.map_or(last_step(&record.events), |number| record.step_at_end(number)))
            .min()
    }
}

impl fmt::Display for Law {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Law::Agreement => "agreement",
            Law::Safety => "safety",
            Law::Completeness => "completeness",
            Law::Advice => "advice",
            Law::Layers => "layers",
            Law::Text => "text",
            Law::Foreign => "foreign",
            Law::Integrity => "integrity",
            Law::Liveness => "liveness",
            Law::Invariance => "invariance",
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
        if let Some(stack) = self.stack {
            write!(f, "{stack}: ")?;
        }
        f.write_str(&self.message)
    }
}
