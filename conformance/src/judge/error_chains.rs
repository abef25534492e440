//! Error chains, read by the suite's own readers and held against the laws.

use crate::{
    classifiers::{Both, ChainClassifier, Classifier, OWN_CLASSIFIERS, Reader, by},
    error_chains::ErrorChain,
    minimize::minimize_error_chain,
    oracles::{
        Law, Violation,
        chains::{Examiner, reading},
    },
    stacks::{Driver, drive::record_stack_panics},
    vocabulary::StackName,
};
use std::{error::Error, rc::Rc, sync::LazyLock};

/// The classifiers of [`ErrorChainJudge`]: the suite's decision with the reader of each stack, and with the one that knows both.
static OWN: LazyLock<[Box<dyn Classifier + Send>; 3]> = LazyLock::new(|| {
    let own = |stack| {
        let ChainClassifier { reader, decide } = OWN_CLASSIFIERS[stack];
        Box::new(by("own", &[stack], move |error, phase| decide(&reader.read(error), phase).into()))
            as Box<dyn Classifier + Send>
    };
    let ChainClassifier { decide, .. } = OWN_CLASSIFIERS[StackName::Legacy];
    let both = by("both", &StackName::ALL, move |error, phase| decide(&Both.read(error), phase).into());
    [own(StackName::Legacy), own(StackName::Modern), Box::new(both)]
});

/// Judges error chains: what the readers of each stack see of them, and the laws over what is decided by that. Each thread
/// needs one of its own.
pub struct ErrorChainJudge {
    driver: Rc<Driver>,
    own: [Examiner<'static>; 2],
    both: Examiner<'static>,
}

impl Default for ErrorChainJudge {
    fn default() -> ErrorChainJudge {
        ErrorChainJudge::new()
    }
}

impl ErrorChainJudge {
    /// A judge with a driver of its own.
    pub fn new() -> ErrorChainJudge {
        let driver = Rc::new(Driver::new());
        let [legacy, modern, both] =
            OWN.each_ref().map(|classifier| Examiner::with(classifier.as_ref(), driver.clone()));
        ErrorChainJudge { driver, own: [legacy, modern], both }
    }

    /// What is broken in an error chain, and on which stack.
    pub fn judge(&self, error_chain: &ErrorChain) -> Option<(StackName, Violation)> {
        StackName::ALL.into_iter().zip(&self.own).filter(|(stack, _)| error_chain.exists_on(*stack)).find_map(
            |(stack, own)| {
                let Some(error) = error_chain.realise(stack, &self.driver) else {
                    let message = format!("the {stack} stack no longer gives the error of this chain");
                    return Some((stack, Violation { law: Law::Agreement, stack: None, request: None, message }));
                };
                let error: &(dyn Error + 'static) = error.as_ref();
                let misread = reading::judge(OWN_CLASSIFIERS[stack].reader, error_chain, stack, error);
                let broken = misread.or_else(|| own.judge_error(error_chain, stack, error));
                Some((stack, broken.or_else(|| self.both.judge_error(error_chain, stack, error))?))
            },
        )
    }
}

/// The smallest error chain found that breaks the same law as this one; `None` if it breaks none.
pub fn smallest_error_chain(error_chain: &ErrorChain) -> Option<ErrorChain> {
    record_stack_panics();
    let judge = ErrorChainJudge::new();
    let (_, Violation { law, .. }) = judge.judge(error_chain)?;
    Some(minimize_error_chain(error_chain, |error_chain| {
        judge.judge(error_chain).is_some_and(|(_, violation)| violation.law == law)
    }))
}
