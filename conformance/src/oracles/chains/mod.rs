//! The laws over error chains, one a file: each looks at what a classifier made of one error chain on one stack.
//!
//! To add a law: a file with a [`ChainOracle`] in it, and its line in [`CHAIN_LAWS`].

mod advice;
mod agreement;
mod completeness;
mod foreign;
mod layers;
mod liveness;
pub mod reading;
mod safety;
mod text;

use super::{Law, Violation};
use crate::{
    chain::Chain,
    classifiers::{Classifier, Opinion, Verdict, decide},
    error_chains::{Core, ErrorChain, KnownTypes, Layer},
    stacks::{Driver, drive::catch},
    vocabulary::{Phase, StackName},
};
use std::{cell::RefCell, collections::HashMap, error::Error, rc::Rc};

/// A law over error chains as something that judges.
pub trait ChainOracle: Sync {
    /// The law.
    fn law(&self) -> Law;

    /// What broke it, in one sentence.
    fn judge(&self, examination: &Examination<'_>) -> Option<String>;
}

/// Every law over error chains. Where several are broken, the first says it best. The first is held to whatever the error chain.
pub const CHAIN_LAWS: &[&dyn ChainOracle] = &[
    &liveness::Liveness,
    &foreign::Foreign,
    &text::Text,
    &safety::Safety,
    &completeness::Completeness,
    &advice::Advice,
    &layers::Layers,
    &agreement::Agreement,
];

/// Puts error chains to a classifier.
pub struct Examiner<'c> {
    classifier: &'c dyn Classifier,
    driver: Rc<Driver>,
    /// What it said of error catalogue alone: most error chains are compared with one.
    bare: RefCell<HashMap<Bare, Answer>>,
}

/// A entry alone: its name, whether it is of the other stack, the phase, and the stack.
type Bare = (&'static str, bool, Phase, StackName);

/// What a classifier said: its opinion, or what it panicked with.
pub type Answer = Result<Opinion, String>;

/// One error chain put to a classifier, realised for one stack.
pub struct Examination<'e> {
    examiner: &'e Examiner<'e>,
    /// The error chain.
    pub error_chain: &'e ErrorChain,
    /// The stack whose types it was realised with.
    pub stack: StackName,
    /// What the chain is.
    pub chain: Chain,
    /// What the suite's own decision makes of that chain.
    pub expected: Verdict,
    /// What the classifier said.
    pub answer: Answer,
}

impl<'c> Examiner<'c> {
    /// An examiner of this classifier.
    pub fn new(classifier: &'c dyn Classifier) -> Examiner<'c> {
        Examiner::with(classifier, Rc::new(Driver::new()))
    }

    /// An examiner that obtains error catalogue with this driver.
    pub fn with(classifier: &'c dyn Classifier, driver: Rc<Driver>) -> Examiner<'c> {
        Examiner { classifier, driver, bare: RefCell::default() }
    }

    /// Puts the error chain to the classifier; `None` if the stack does not have its entry.
    pub fn examine<'e>(&'e self, error_chain: &'e ErrorChain, stack: StackName) -> Option<Examination<'e>> {
        let error = error_chain.exists_on(stack).then(|| error_chain.realise(stack, &self.driver))??;
        self.examine_error(error_chain, stack, error.as_ref())
    }

    /// Puts an error chain to the classifier that was realised for this stack as this error.
    fn examine_error<'e>(
        &'e self,
        error_chain: &'e ErrorChain,
        stack: StackName,
        error: &(dyn Error + 'static),
    ) -> Option<Examination<'e>> {
        let chain = error_chain.chain(stack, self.known_types())?;
        let expected = decide(&chain, error_chain.phase);
        let answer = catch(|| self.classifier.classify(error, error_chain.phase));
        Some(Examination { examiner: self, error_chain, stack, chain, expected, answer })
    }

    /// What breaks a law in this error chain, on the first stack on which one is broken.
    pub fn judge(&self, error_chain: &ErrorChain) -> Option<(StackName, Violation)> {
        self.classifier.stacks().iter().filter(|stack| error_chain.exists_on(**stack)).find_map(|stack| {
            let error = error_chain.realise(*stack, &self.driver)?;
            Some((*stack, self.judge_error(error_chain, *stack, error.as_ref())?))
        })
    }

    /// What breaks a law in an error chain that was realised for this stack as this error.
    pub fn judge_error(
        &self,
        error_chain: &ErrorChain,
        stack: StackName,
        error: &(dyn Error + 'static),
    ) -> Option<Violation> {
        let examination = self.examine_error(error_chain, stack, error)?;
        // Where what decides is in an `Arc` or a `Box` that nobody has to open, only the suite's own readers are held to it.
        let holds = error_chain.layers.iter().any(|layer| matches!(layer, Layer::Arc | Layer::Box));
        let named = if holds { error_chain.chain_as_named(stack, self.known_types()) } else { None };
        let missed = named.is_some_and(|named| decide(&named, error_chain.phase) != examination.expected);
        let laws = if missed { &CHAIN_LAWS[..1] } else { CHAIN_LAWS };
        laws.iter().find_map(|oracle| {
            let message = oracle.judge(&examination)?;
            Some(Violation { law: oracle.law(), stack: None, request: None, message })
        })
    }

    /// The stacks whose errors the classifier knows.
    pub fn known_types(&self) -> KnownTypes {
        if StackName::ALL.iter().all(|stack| self.classifier.stacks().contains(stack)) {
            KnownTypes::Both
        } else {
            KnownTypes::Own
        }
    }

    /// The driver that obtains error catalogue.
    pub fn driver(&self) -> &Driver {
        &self.driver
    }

    /// What the classifier says of the error chain; `None` if the stack does not have its entry.
    pub fn answer(&self, error_chain: &ErrorChain, stack: StackName) -> Option<Answer> {
        let (entry, foreign) = match error_chain.core {
            Core::Own(entry) => (entry.name.as_str(), false),
            Core::Foreign(entry) => (entry.name.as_str(), true),
            Core::Endless => ("", false),
        };
        let key = error_chain.layers.is_empty().then_some((entry, foreign, error_chain.phase, stack));
        if let Some(known) = key.as_ref().and_then(|key| self.bare.borrow().get(key).cloned()) {
            return Some(known);
        }
        let error = error_chain.exists_on(stack).then(|| error_chain.realise(stack, &self.driver))??;
        let answer = catch(|| self.classifier.classify(error.as_ref(), error_chain.phase));
        if let Some(key) = key {
            self.bare.borrow_mut().insert(key, answer.clone());
        }
        Some(answer)
    }
}

/// What an opinion breaks where this verdict is right, whatever the chain.
pub fn broken_opinion(said: &Opinion, expected: &Verdict) -> Option<(Law, String)> {
    let safety = safety::broken(said, expected).map(|message| (Law::Safety, message));
    safety
        .or_else(|| completeness::broken(said, expected).map(|message| (Law::Completeness, message)))
        .or_else(|| advice::broken(said, expected).map(|message| (Law::Advice, message)))
}

impl Examination<'_> {
    /// What the classifier says of a variant of the error chain.
    fn answer_to(&self, variant: &ErrorChain) -> Option<Answer> {
        self.examiner.answer(variant, self.stack)
    }

    /// What the suite's own decision makes of a variant of the error chain.
    fn expected_of(&self, variant: &ErrorChain) -> Option<Verdict> {
        Some(decide(&variant.chain(self.stack, self.examiner.known_types())?, variant.phase))
    }

    /// What who only follows `source()` sees and comes to, if a layer skips what decides, so that it is something else.
    pub fn skipped(&self) -> Option<(Chain, Verdict)> {
        let shown = self.error_chain.chain_by_sources(self.stack, self.examiner.known_types())?;
        let verdict = decide(&shown, self.error_chain.phase);
        (verdict != self.expected).then_some((shown, verdict))
    }

    fn skips(&self) -> bool {
        self.skipped().is_some()
    }
}
