//! The laws over error chains: they judge what a classifier says of one error chain on one stack.

pub(crate) use super::advice::is_unwise;

use super::{Law, Violation, advice, agreement, completeness, foreign, layers, liveness, safety, text};
use crate::{
    chain::Chain,
    classifiers::{Classifier, Opinion, Verdict, decide, proof},
    error_chains::{ErrorChain, KnownTypes, Layer},
    script::Method,
    stacks::{Driver, panics::catch},
    vocabulary::{Phase, StackName},
};
use std::{cell::RefCell, collections::HashMap, error::Error, rc::Rc};

/// The laws over error chains. A check reports only the first one that is broken, which names the fault best.
pub const CHAIN_LAWS: &[Law] =
    &[Law::Liveness, Law::Foreign, Law::Text, Law::Safety, Law::Completeness, Law::Advice, Law::Layers, Law::Agreement];

impl Law {
    /// What breaks this law in an examination; nothing for a law that is not in [`CHAIN_LAWS`].
    fn judge_chain(self, examination: &Examination<'_>) -> Option<String> {
        match self {
            Law::Liveness => Some(liveness::panicked(examination.answer.as_ref().err()?)),
            Law::Foreign => foreign::of_chain(examination),
            Law::Text => text::of_chain(examination),
            // Behind a layer that skips the error that it wraps, a classifier may be less certain.
            Law::Completeness | Law::Advice if examination.skipped().is_some() => None,
            Law::Safety | Law::Completeness | Law::Advice => {
                let Examination { examiner, expected, promised, answer, .. } = examination;
                self.judge_opinion(answer.as_ref().ok()?, expected, examiner.method, *promised)
            }
            Law::Layers => layers::of_chain(examination),
            Law::Agreement => agreement::of_chain(examination),
            Law::Determinism
            | Law::Integrity
            | Law::Conduct
            | Law::Invariance
            | Law::Equivalence
            | Law::Expectation => None,
        }
    }

    fn judge_opinion(
        self,
        said: &Opinion,
        expected: &Verdict,
        method: Option<Method>,
        promised: bool,
    ) -> Option<String> {
        match self {
            Law::Safety => safety::of_opinion(said, expected, method),
            Law::Completeness => completeness::of_opinion(said, expected, promised),
            Law::Advice => advice::of_opinion(said, expected),
            _ => None,
        }
    }
}

/// The law that an opinion breaks, whatever the error chain, and how. `method` is that of the request, if the classifier
/// was told. `promised` says whether a retry policy promises to send this request again if it was not processed.
pub fn broken_opinion(
    said: &Opinion,
    expected: &Verdict,
    method: Option<Method>,
    promised: bool,
) -> Option<(Law, String)> {
    CHAIN_LAWS.iter().find_map(|law| Some((*law, law.judge_opinion(said, expected, method, promised)?)))
}

/// Whether a client can hand an error to its classifier that ended a request in this phase.
pub(crate) type Limit<'c> = dyn Fn(&(dyn Error + 'static), Phase) -> bool + 'c;

/// Puts error chains to a classifier.
pub struct Examiner<'c> {
    classifier: &'c dyn Classifier,
    /// The method of the requests that it is asked about.
    pub(crate) method: Option<Method>,
    limit: &'c Limit<'c>,
    driver: Rc<Driver>,
    /// Its answers to error chains without layers. Most error chains are compared with one of these.
    bare: RefCell<HashMap<(ErrorChain, StackName), Answer>>,
}

/// The opinion of a classifier, or the message of its panic.
pub type Answer = Result<Opinion, String>;

/// One error chain put to a classifier, realised for one stack.
pub struct Examination<'e> {
    /// The examiner, who can put variants of the error chain to the same classifier.
    pub examiner: &'e Examiner<'e>,
    /// The error chain.
    pub error_chain: &'e ErrorChain,
    /// The stack whose types it was realised with.
    pub stack: StackName,
    /// Its links, as a reader must see them.
    pub chain: Chain,
    /// The right verdict: the suite's own.
    pub expected: Verdict,
    /// Whether the classifier, as a retry policy, promises to send this request again if it was not processed.
    pub promised: bool,
    /// The classifier's answer.
    pub answer: Answer,
}

impl<'c> Examiner<'c> {
    /// An examiner of this classifier.
    pub fn new(classifier: &'c dyn Classifier) -> Examiner<'c> {
        Examiner::with(classifier, Rc::new(Driver::new()))
    }

    /// An examiner that obtains the errors of the catalogue with this driver.
    pub fn with(classifier: &'c dyn Classifier, driver: Rc<Driver>) -> Examiner<'c> {
        Examiner { classifier, method: None, limit: &|_, _| true, driver, bare: RefCell::default() }
    }

    /// The same, but it asks about requests with this method, and only about errors that the limit allows.
    pub(crate) fn limited(self, method: Option<Method>, limit: &'c Limit<'c>) -> Examiner<'c> {
        Examiner { method, limit, ..self }
    }

    /// Asks the classifier about an error that ended a request in this phase.
    pub(crate) fn ask(&self, error: &(dyn Error + 'static), phase: Phase) -> Answer {
        catch(|| match self.method {
            Some(method) => self.classifier.classify_for(error, phase, method),
            None => self.classifier.classify(error, phase),
        })
    }

    /// The driver that obtains the errors of the catalogue.
    pub fn driver(&self) -> &Driver {
        &self.driver
    }

    /// The stacks whose errors the classifier knows.
    pub fn known_types(&self) -> KnownTypes {
        let both = StackName::ALL.iter().all(|stack| self.classifier.stacks().contains(stack));
        if both { KnownTypes::Both } else { KnownTypes::Own }
    }

    /// Whether the classifier, as a retry policy, promises to send a request again that ended in this phase with an error
    /// of this chain, if it was not processed.
    pub fn promises(&self, chain: &Chain, phase: Phase) -> bool {
        proof(chain, phase).is_none_or(|proof| self.classifier.promises().contains(&proof))
    }

    /// Puts the error chain to the classifier; `None` if the stack does not have its entry, or the limit leaves it out.
    pub fn examine<'e>(&'e self, error_chain: &'e ErrorChain, stack: StackName) -> Option<Examination<'e>> {
        let error = error_chain.exists_on(stack).then(|| error_chain.realise(stack, &self.driver))??;
        self.examine_error(error_chain, stack, error.as_ref())
    }

    /// The same for an error chain that was realised for this stack as this error.
    pub fn examine_error<'e>(
        &'e self,
        error_chain: &'e ErrorChain,
        stack: StackName,
        error: &(dyn Error + 'static),
    ) -> Option<Examination<'e>> {
        let chain = error_chain.chain(stack, self.known_types()).filter(|_| (self.limit)(error, error_chain.phase))?;
        let expected = decide(&chain, error_chain.phase);
        let promised = self.promises(&chain, error_chain.phase);
        let answer = self.ask(error, error_chain.phase);
        Some(Examination { examiner: self, error_chain, stack, chain, expected, promised, answer })
    }

    /// What breaks a law in this error chain, on the first stack on which one is broken.
    pub fn judge(&self, error_chain: &ErrorChain) -> Option<(StackName, Violation)> {
        let mut stacks = self.classifier.stacks().iter();
        stacks.find_map(|stack| Some((*stack, self.examine(error_chain, *stack)?.violation()?)))
    }

    /// The classifier's answer to the error chain; `None` as in [`Examiner::examine`].
    pub fn answer(&self, error_chain: &ErrorChain, stack: StackName) -> Option<Answer> {
        let key = error_chain.layers.is_empty().then(|| (error_chain.clone(), stack));
        if let Some(known) = key.as_ref().and_then(|key| self.bare.borrow().get(key).cloned()) {
            return Some(known);
        }
        let answer = self.examine(error_chain, stack)?.answer;
        if let Some(key) = key {
            self.bare.borrow_mut().insert(key, answer.clone());
        }
        Some(answer)
    }
}

impl Examination<'_> {
    /// What breaks a law.
    pub fn violation(&self) -> Option<Violation> {
        let Examination { examiner, error_chain, stack, expected, .. } = self;
        // If the deciding error is in an `Arc` or a `Box` that a classifier need not open, only the first law applies.
        let holds = error_chain.layers.iter().any(|layer| matches!(layer, Layer::Arc | Layer::Box));
        let named = if holds { error_chain.chain_as_named(*stack, examiner.known_types()) } else { None };
        let missed = named.is_some_and(|named| decide(&named, error_chain.phase) != *expected);
        let mut laws = if missed { CHAIN_LAWS[..1].iter() } else { CHAIN_LAWS.iter() };
        laws.find_map(|law| {
            let message = law.judge_chain(self)?;
            Some(Violation::new(*law, None, None, message))
        })
    }

    /// The classifier's answer to a variant of the error chain.
    pub(super) fn answer_to(&self, variant: &ErrorChain) -> Option<Answer> {
        self.examiner.answer(variant, self.stack)
    }

    /// The right verdict on a variant of the error chain.
    pub(super) fn expected_of(&self, variant: &ErrorChain) -> Option<Verdict> {
        Some(decide(&variant.chain(self.stack, self.examiner.known_types())?, variant.phase))
    }

    /// The chain and the verdict as seen through `source()` alone, if a layer skips the deciding error.
    pub fn skipped(&self) -> Option<(Chain, Verdict)> {
        let shown = self.error_chain.chain_by_sources(self.stack, self.examiner.known_types())?;
        let verdict = decide(&shown, self.error_chain.phase);
        (verdict != self.expected).then_some((shown, verdict))
    }
}
