use crate::{
    chain::Chain,
    classifiers::Opinion,
    oracles::{
        Law,
        chains::{Examination, broken_opinion},
    },
    vocabulary::{PerStack, Phase, Processed, StackName},
};
use std::fmt;

/// The likely cause of a fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hint {
    /// The classifier is right about the same error of the other stack: it asks for the wrong types.
    OtherTypes {
        /// The stack whose errors it asks for the other stack's types.
        stack: StackName,
        /// Its opinion on the other stack's error.
        said: Opinion,
    },
    /// The classifier is right about the chain that `source()` alone shows.
    SourcesOnly {
        /// That chain.
        shown: Chain,
    },
}

impl Hint {
    /// The hint for an examination that broke this law, if there is one.
    pub(super) fn on(law: Law, examination: &Examination<'_>) -> Option<Hint> {
        other_types(examination).or_else(|| sources_only(law, examination))
    }
}

/// Only where the error alone proves that the request was not processed: no classifier is right about that by chance.
fn other_types(examination: &Examination<'_>) -> Option<Hint> {
    let Examination { examiner, error_chain, stack, expected, .. } = examination;
    if error_chain.is_foreign() || error_chain.phase != Phase::Head || expected.processed != Processed::No {
        return None;
    }
    let here = examination.answer.as_ref().ok()?;
    let said = examiner.answer(error_chain, stack.other())?.ok()?;
    let crossed = broken_opinion(&said, expected).is_none() && broken_opinion(here, expected).is_some();
    crossed.then_some(Hint::OtherTypes { stack: *stack, said })
}

fn sources_only(law: Law, examination: &Examination<'_>) -> Option<Hint> {
    // Only these laws forbid added certainty, and a classifier that knows nothing adds none.
    if !matches!(law, Law::Safety | Law::Layers) {
        return None;
    }
    let (shown, verdict) = examination.skipped()?;
    let said = examination.answer.as_ref().ok()?;
    broken_opinion(said, &verdict).is_none().then_some(Hint::SourcesOnly { shown })
}

impl fmt::Display for Hint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Hint::OtherTypes { stack, said } => {
                let other = stack.other();
                let types = TYPES[other];
                write!(f, "For the same error with the {other} stack's types it says: {said}. ")?;
                write!(f, "It looks for the other stack's types in the {stack} stack's errors: {types}.")
            }
            Hint::SourcesOnly { shown } => write!(
                f,
                "That would be right if the chain were what `source()` alone shows: {shown}. But `source()` of \
                 `io::Error`, `Arc` and `Box` skips the error that each holds: open them (`get_ref`, \
                 `downcast_ref::<Arc<hyper::Error>>()` and the like)."
            ),
        }
    }
}

/// The crates whose types each stack's errors have.
const TYPES: PerStack<&str> = PerStack::new(["hyper 0.14, h2 0.3", "hyper 1, hyper-util, h2 0.4"]);
