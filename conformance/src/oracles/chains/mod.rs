//! The laws over error plans, one a file: each looks at what a classifier made of one plan on one stack.
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
    chain::{Chain, Phase, StackName},
    classifiers::{Classifier, Opinion, Verdict, decide},
    plans::{Core, ErrorPlan, Knows, Layer},
    stacks::{Driver, drive::catch},
};
use std::{cell::RefCell, collections::HashMap, error::Error, rc::Rc};

/// A law over error plans as something that judges.
pub trait ChainOracle: Sync {
    /// The law.
    fn law(&self) -> Law;

    /// What broke it, in one sentence.
    fn judge(&self, examination: &Examination<'_>) -> Option<String>;
}

/// Every law over error plans. Where several are broken, the first says it best. The first is held to whatever the plan.
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

/// Puts plans to a classifier.
pub struct Examiner<'c> {
    classifier: &'c dyn Classifier,
    driver: Rc<Driver>,
    /// What it said of specimens alone: most plans are compared with one.
    bare: RefCell<HashMap<Bare, Answer>>,
}

/// A specimen alone: its name, whether it is of the other stack, the phase, and the stack.
type Bare = (&'static str, bool, Phase, StackName);

/// What a classifier said: its opinion, or what it panicked with.
pub type Answer = Result<Opinion, String>;

/// One plan put to a classifier, realised for one stack.
pub struct Examination<'e> {
    examiner: &'e Examiner<'e>,
    /// The plan.
    pub plan: &'e ErrorPlan,
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

    /// An examiner that obtains specimens with this driver.
    pub fn with(classifier: &'c dyn Classifier, driver: Rc<Driver>) -> Examiner<'c> {
        Examiner { classifier, driver, bare: RefCell::default() }
    }

    /// Puts the plan to the classifier; `None` if the stack does not have its specimen.
    pub fn examine<'e>(&'e self, plan: &'e ErrorPlan, stack: StackName) -> Option<Examination<'e>> {
        let error = plan.exists_on(stack).then(|| plan.realise(stack, &self.driver))??;
        self.examine_error(plan, stack, error.as_ref())
    }

    /// Puts a plan to the classifier that was realised for this stack as this error.
    fn examine_error<'e>(
        &'e self,
        plan: &'e ErrorPlan,
        stack: StackName,
        error: &(dyn Error + 'static),
    ) -> Option<Examination<'e>> {
        let chain = plan.chain(stack, self.knows())?;
        let expected = decide(&chain, plan.phase);
        let answer = catch(|| self.classifier.classify(error, plan.phase));
        Some(Examination { examiner: self, plan, stack, chain, expected, answer })
    }

    /// What breaks a law in this plan, on the first stack on which one is broken.
    pub fn judge(&self, plan: &ErrorPlan) -> Option<(StackName, Violation)> {
        self.classifier.stacks().iter().filter(|stack| plan.exists_on(**stack)).find_map(|stack| {
            let error = plan.realise(*stack, &self.driver)?;
            Some((*stack, self.judge_error(plan, *stack, error.as_ref())?))
        })
    }

    /// What breaks a law in a plan that was realised for this stack as this error.
    pub fn judge_error(&self, plan: &ErrorPlan, stack: StackName, error: &(dyn Error + 'static)) -> Option<Violation> {
        let examination = self.examine_error(plan, stack, error)?;
        // Where what decides is in an `Arc` or a `Box` that nobody has to open, only the suite's own readers are held to it.
        let holds = plan.layers.iter().any(|layer| matches!(layer, Layer::Arc | Layer::Box));
        let named = if holds { plan.chain_as_named(stack, self.knows()) } else { None };
        let missed = named.is_some_and(|named| decide(&named, plan.phase) != examination.expected);
        let laws = if missed { &CHAIN_LAWS[..1] } else { CHAIN_LAWS };
        laws.iter().find_map(|oracle| {
            let message = oracle.judge(&examination)?;
            Some(Violation { law: oracle.law(), stack: None, request: None, message })
        })
    }

    /// The stacks whose errors the classifier knows.
    pub fn knows(&self) -> Knows {
        if StackName::ALL.iter().all(|stack| self.classifier.stacks().contains(stack)) {
            Knows::Both
        } else {
            Knows::Own
        }
    }

    /// The driver that obtains specimens.
    pub fn driver(&self) -> &Driver {
        &self.driver
    }

    /// What the classifier says of the plan; `None` if the stack does not have its specimen.
    pub fn answer(&self, plan: &ErrorPlan, stack: StackName) -> Option<Answer> {
        let (specimen, foreign) = match plan.core {
            Core::Own(specimen) => (specimen.name.as_str(), false),
            Core::Foreign(specimen) => (specimen.name.as_str(), true),
            Core::Endless => ("", false),
        };
        let key = plan.layers.is_empty().then_some((specimen, foreign, plan.phase, stack));
        if let Some(known) = key.as_ref().and_then(|key| self.bare.borrow().get(key).cloned()) {
            return Some(known);
        }
        let error = plan.exists_on(stack).then(|| plan.realise(stack, &self.driver))??;
        let answer = catch(|| self.classifier.classify(error.as_ref(), plan.phase));
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
    /// What the classifier says of a variant of the plan.
    fn answer_to(&self, variant: &ErrorPlan) -> Option<Answer> {
        self.examiner.answer(variant, self.stack)
    }

    /// What the suite's own decision makes of a variant of the plan.
    fn expected_of(&self, variant: &ErrorPlan) -> Option<Verdict> {
        Some(decide(&variant.chain(self.stack, self.examiner.knows())?, variant.phase))
    }

    /// What who only follows `source()` sees and comes to, if a layer skips what decides, so that it is something else.
    pub fn skipped(&self) -> Option<(Chain, Verdict)> {
        let shown = self.plan.chain_by_sources(self.stack, self.examiner.knows())?;
        let verdict = decide(&shown, self.plan.phase);
        (verdict != self.expected).then_some((shown, verdict))
    }

    fn skips(&self) -> bool {
        self.skipped().is_some()
    }
}
