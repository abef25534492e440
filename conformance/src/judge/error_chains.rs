//! Checks the suite's own readers and decision against the laws over error chains.

use crate::{
    classifiers::{Both, Classifier, Legacy, Modern, OWN_CLASSIFIERS, Reader, by, decide},
    error_chains::ErrorChain,
    minimize::minimize_error_chain,
    oracles::{Law, Violation, chains::Examiner, misread},
    stacks::{Driver, panics::record_stack_panics},
    vocabulary::StackName,
};
use std::{rc::Rc, sync::LazyLock};

type Own = Box<dyn Classifier + Send>;

/// The suite's decision with each of its readers.
static OWN: LazyLock<[Own; 3]> = LazyLock::new(|| {
    [own(&Legacy, &[StackName::Legacy]), own(&Modern, &[StackName::Modern]), own(&Both, &StackName::ALL)]
});

fn own(reader: &'static dyn Reader, stacks: &[StackName]) -> Own {
    Box::new(by("own", stacks, |error, phase| decide(&reader.read(error), phase).into()))
}

/// Checks the suite's own readers and decision over error chains. Each thread needs its own judge.
pub struct ErrorChainJudge {
    driver: Rc<Driver>,
    examiners: [Examiner<'static>; 3],
}

impl Default for ErrorChainJudge {
    fn default() -> ErrorChainJudge {
        ErrorChainJudge::new()
    }
}

impl ErrorChainJudge {
    /// A judge with its own driver.
    pub fn new() -> ErrorChainJudge {
        let driver = Rc::new(Driver::new());
        let examiners = OWN.each_ref().map(|own| Examiner::with(own.as_ref(), driver.clone()));
        ErrorChainJudge { driver, examiners }
    }

    /// The first violation that an error chain shows, with its stack; `None` if no law is broken.
    pub fn judge(&self, error_chain: &ErrorChain) -> Option<(StackName, Violation)> {
        StackName::ALL.into_iter().filter(|stack| error_chain.exists_on(*stack)).find_map(|stack| {
            let Some(error) = error_chain.realise(stack, &self.driver) else {
                let message = format!("the {stack} stack no longer produces the error of this chain");
                return Some((stack, Violation::new(Law::Agreement, None, None, message)));
            };
            let misread = misread(OWN_CLASSIFIERS[stack].reader, error_chain, stack, error.as_ref());
            let mut own = OWN.iter().zip(&self.examiners).filter(|(own, _)| own.stacks().contains(&stack));
            let broken = misread.or_else(|| {
                own.find_map(|(_, examiner)| examiner.examine_error(error_chain, stack, error.as_ref())?.violation())
            });
            Some((stack, broken?))
        })
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
