use crate::{
    chain::{Chain, Phase, StackName},
    classifiers::{Opinion, Processed},
    oracles::{
        Law,
        chains::{Examination, Examiner, broken_opinion},
    },
};
use std::fmt;

/// Where a fault may lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hint {
    /// It is right about the same error of the other stack: it asks for the wrong types.
    OtherTypes {
        /// The stack whose errors it asks for the types of the other one.
        stack: StackName,
        /// What it says of the other one's error.
        said: Opinion,
    },
    /// It is right about what `source()` alone shows.
    SourcesOnly {
        /// The chain of what that is.
        shown: Chain,
    },
}

impl Hint {
    /// The hint on what broke this law.
    pub(super) fn on(law: Law, examination: &Examination<'_>, examiner: &Examiner<'_>) -> Option<Hint> {
        other_types(examination, examiner).or_else(|| sources_only(law, examination))
    }
}

/// Only where the error alone proves that the request was not processed: who does not know an error is not right by chance.
fn other_types(examination: &Examination<'_>, examiner: &Examiner<'_>) -> Option<Hint> {
    let Examination { error_chain, stack, expected, .. } = examination;
    if error_chain.is_foreign() || error_chain.phase != Phase::Head || expected.processed != Processed::No {
        return None;
    }
    let here = examination.answer.as_ref().ok()?;
    let said = examiner.answer(error_chain, stack.other())?.ok()?;
    let crossed = broken_opinion(&said, expected).is_none() && broken_opinion(here, expected).is_some();
    crossed.then_some(Hint::OtherTypes { stack: *stack, said })
}

fn sources_only(law: Law, examination: &Examination<'_>) -> Option<Hint> {
    // A law that is about certainty which was added: a classifier that knows nothing adds none.
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
                let types = type_names(other);
                write!(f, "Of the same error made of the {other} stack's types it says: {said}. ")?;
                write!(f, "It asks the {stack} stack's errors for the types of the other one: {types}.")
            }
            Hint::SourcesOnly { shown } => {
                write!(
                    f,
                    "That would be right if the chain were what `source()` alone shows: {shown}. But `source()` of "
                )?;
                f.write_str("`io::Error`, `Arc` and `Box` skips the error that they hold: open them (`get_ref`, ")?;
                f.write_str("`downcast_ref::<Arc<hyper::Error>>()` and the like).")
            }
        }
    }
}

fn type_names(stack: StackName) -> &'static str {
    match stack {
        StackName::Legacy => "hyper 0.14, h2 0.3",
        StackName::Modern => "hyper 1, hyper-util, h2 0.4",
    }
}
