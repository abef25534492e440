//! The laws, one file each. A file checks everything that its law applies to: the requests of a [`Comparison`], error
//! chains ([`chains`]), third-party clients ([`clients`]) and scenarios ([`expectation`]).
//!
//! To add a law, write a file, add a variant of [`Law`] with its sentence, and add the law to [`LAWS`] and
//! [`Law::judge`], or to [`chains::CHAIN_LAWS`] and `Law::judge_chain`.

mod advice;
mod agreement;
pub mod chains;
pub mod clients;
mod completeness;
mod conduct;
mod equivalence;
pub mod expectation;
mod foreign;
mod handed_back;
mod integrity;
pub mod invariance;
mod layers;
mod liveness;
mod safety;
mod text;

pub use agreement::misread;
pub use equivalence::point_of_divergence;
pub(crate) use liveness::panicked;

use crate::{comparison::Comparison, outcome::RequestOutcome, peer::last_step, rfc9113::Truth, vocabulary::StackName};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The laws over comparisons, in the order of their numbers.
pub const LAWS: &[Law] =
    &[Law::Agreement, Law::Equivalence, Law::Safety, Law::Completeness, Law::Integrity, Law::Liveness, Law::Conduct];

/// The name of a law.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Law {
    /// Every error is read as what it is, in the same way on both stacks.
    Agreement,
    /// No request that the peer may have acted on is called unprocessed, or sent again unless it is idempotent.
    Safety,
    /// A request that was provably not processed is called so.
    Completeness,
    /// A verdict has the right advice.
    Advice,
    /// Layers that code above a client wraps around an error change nothing, or make its verdict less certain.
    Layers,
    /// The text that an error prints decides nothing.
    Text,
    /// An error of the other stack is recognised as one.
    Foreign,
    /// What is handed over is what was sent, and a response that was cut is never handed over as complete.
    Integrity,
    /// Every request ends, what could go on goes on, nothing fails without a reason, and nothing panics.
    Liveness,
    /// A client or server sends nothing that RFC 9113 forbids it to send, and sends what it has to.
    Conduct,
    /// The same error in the same phase always gets the same opinion.
    Determinism,
    /// A harmless change of a script changes no outcome.
    Invariance,
    /// The same script has the same outcome on both stacks.
    Equivalence,
    /// A scenario has the outcome that it expects.
    Expectation,
}

impl Law {
    /// The violations of this law in a comparison; none for a law that is not in [`LAWS`].
    pub fn judge(self, comparison: &Comparison) -> Vec<Violation> {
        match self {
            Law::Agreement => agreement::judge(comparison),
            Law::Equivalence => equivalence::judge(comparison),
            Law::Safety => {
                let verdicts = self.judge_requests(comparison, safety::of_request);
                verdicts.chain(handed_back::judge(comparison, self)).collect()
            }
            Law::Completeness => {
                let verdicts = self.judge_requests(comparison, completeness::of_request);
                verdicts.chain(handed_back::judge(comparison, self)).collect()
            }
            Law::Integrity => {
                let responses = self.judge_requests(comparison, integrity::of_request);
                responses.chain(conduct::breaches(comparison, self)).collect()
            }
            Law::Liveness => liveness::judge(comparison),
            Law::Conduct => conduct::judge(comparison),
            Law::Advice
            | Law::Layers
            | Law::Text
            | Law::Foreign
            | Law::Determinism
            | Law::Invariance
            | Law::Expectation => Vec::new(),
        }
    }

    /// The violations that `broken` finds in the requests of both sides.
    fn judge_requests(
        self,
        comparison: &Comparison,
        broken: fn(&RequestOutcome, &Truth) -> Option<String>,
    ) -> impl Iterator<Item = Violation> {
        let sides = comparison.sides.each().into_iter();
        sides.flat_map(move |side| {
            let requests = side.outcome.requests.iter().zip(&side.model.truths).enumerate();
            requests.filter_map(move |(number, (outcome, truth))| {
                let (stack, request, message) = (Some(side.stack), Some(number), broken(outcome, truth)?);
                Some(Violation::new(self, stack, request, message))
            })
        })
    }

    /// The law in one sentence.
    pub fn text(self) -> &'static str {
        match self {
            Law::Agreement => "Every error of a stack is read as what it is, and equal chains get equal verdicts.",
            Law::Safety => {
                "No request that the peer may have acted on is called unprocessed (RFC 9113 §8.7), or sent again unless it is idempotent (RFC 9110 §9.2.2)."
            }
            Law::Completeness => {
                "A request that was provably not processed is called so (RFC 9113 §6.8, §8.7, or it was never written)."
            }
            Law::Advice => "A verdict's advice is that of the table, where every advice has its reason.",
            Law::Layers => {
                "A layer that shows its source changes nothing; one that skips it only makes a verdict less certain."
            }
            Law::Text => "The text that an error prints decides nothing.",
            Law::Foreign => {
                "An error that is only of the other stack is recognised as such, and supports no conclusion."
            }
            Law::Integrity => {
                "What is handed over is what was sent, and a response that was cut is never handed over as complete (RFC 9113 §8.1)."
            }
            Law::Liveness => {
                "Every request that has to end ends, what could go on goes on, nothing fails without a reason, and nothing panics."
            }
            Law::Conduct => {
                "A client or server sends nothing that RFC 9113 forbids it to send, and sends what it has to."
            }
            Law::Determinism => "The same error in the same phase always gets the same opinion.",
            Law::Invariance => "A change of a script that RFC 9113 makes harmless changes no outcome.",
            Law::Equivalence => {
                "The same script gives the same outcome on both stacks, except for a divergence in the ledger."
            }
            Law::Expectation => "Both stacks give every request of a scenario the outcome that it expects.",
        }
    }
}

/// A broken law.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Violation {
    /// The law.
    pub law: Law,
    /// The stack that shows it; none if only both together do.
    pub stack: Option<StackName>,
    /// The number of the request that shows it; none if the connection shows it.
    pub request: Option<usize>,
    /// How it was broken, in one sentence.
    pub message: String,
    /// The last step that had begun when it was broken, if it was before the request or the script ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<usize>,
}

impl Violation {
    /// A law that is broken where the request ends, or the script if it is none.
    pub fn new(law: Law, stack: Option<StackName>, request: Option<usize>, message: impl Into<String>) -> Violation {
        Violation { law, stack, request, message: message.into(), step: None }
    }

    /// The last step that had begun when the law was broken; `None` if none had begun.
    pub fn step(&self, comparison: &Comparison) -> Option<usize> {
        if self.law == Law::Equivalence {
            return point_of_divergence(comparison);
        }
        if self.step.is_some() {
            return self.step;
        }
        let sides =
            comparison.sides.each().into_iter().filter(|side| self.stack.is_none_or(|stack| stack == side.stack));
        let records = sides.map(|side| &side.observation.record);
        records
            .filter_map(|record| self.request.map_or(last_step(&record.events), |number| record.step_at_end(number)))
            .min()
    }
}

/// Its name in lower case.
impl fmt::Display for Law {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{self:?}").to_lowercase())
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
