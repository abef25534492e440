use crate::{
    chain::Chain,
    classifiers::{Advice, Opinion, deciding_link},
    error_catalog::ERROR_CATALOG,
    error_chains::ErrorChain,
    oracles::{
        Law,
        chains::{Examination, broken_opinion},
    },
    vocabulary::{PerStack, Phase, Processed, StackName},
};
use std::{fmt, mem::discriminant};

/// The likely cause of a fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hint {
    /// The classifier is right about such errors of the other stack, and about none of this one: it asks for the wrong
    /// types.
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

/// Only where the error alone proves that the request was not processed. A classifier may be right about one such error
/// of the other stack by chance, or forget one predicate of this stack. It looks for the other stack's types if it is
/// right there about several errors of the same crate, and here about none of these.
fn other_types(examination: &Examination<'_>) -> Option<Hint> {
    let Examination { examiner, error_chain, stack, expected, .. } = examination;
    if error_chain.is_foreign() || error_chain.phase != Phase::Head || expected.processed != Processed::No {
        return None;
    }
    let said = examiner.answer(error_chain, stack.other())?.ok()?;
    let decides = |chain: &Chain| deciding_link(chain).map(|link| discriminant(&chain.links[link]));
    let decided_by = decides(&examination.chain)?;
    let alike = ERROR_CATALOG.iter().filter(|entry| entry.is_equivalent()).map(|entry| {
        let bare = ErrorChain { phase: Phase::Head, ..ErrorChain::bare(entry) };
        let examined = |stack| {
            let examination = examiner.examine(&bare, stack)?;
            let proved = examination.expected.processed == Processed::No
                && examination.expected.advice == Advice::Retry
                && decides(&examination.chain) == Some(decided_by);
            let broken = |said| broken_opinion(said, &examination.expected, examiner.method, examination.promised);
            proved.then(|| examination.answer.as_ref().is_ok_and(|said| broken(said).is_none()))
        };
        Some((examined(*stack)?, examined(stack.other())?))
    });
    let right_there: Vec<bool> = alike.flatten().filter(|(_, there)| *there).map(|(here, _)| here).collect();
    let crossed = right_there.len() > 1 && !right_there.contains(&true);
    crossed.then_some(Hint::OtherTypes { stack: *stack, said })
}

fn sources_only(law: Law, examination: &Examination<'_>) -> Option<Hint> {
    // Only these laws forbid added certainty, and a classifier that knows nothing adds none.
    if !matches!(law, Law::Safety | Law::Layers) {
        return None;
    }
    let (shown, verdict) = examination.skipped()?;
    let said = examination.answer.as_ref().ok()?;
    let broken = broken_opinion(said, &verdict, examination.examiner.method, examination.promised);
    broken.is_none().then_some(Hint::SourcesOnly { shown })
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
