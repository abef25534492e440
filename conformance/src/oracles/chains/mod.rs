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
    chain::{Chain, StackName},
    classifiers::{Classifier, Opinion, Verdict, decide},
    plans::{ErrorPlan, Knows, Layer},
    stacks::{Driver, drive::catch},
};

/// A law over error plans as something that judges.
pub trait ChainOracle: Sync {
    /// The law.
    fn law(&self) -> Law;

    /// What broke it, in one sentence.
    fn judge(&self, examination: &Examination<'_>) -> Option<String>;
}

/// Every law over error plans. Where several are broken, the first says it best.
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
    driver: Driver,
}

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
        Examiner { classifier, driver: Driver::new() }
    }

    /// Puts the plan to the classifier; `None` if the stack does not have its specimen.
    pub fn examine<'e>(&'e self, plan: &'e ErrorPlan, stack: StackName) -> Option<Examination<'e>> {
        let chain = plan.chain(stack, self.knows())?;
        let expected = decide(&chain, plan.phase);
        let answer = self.answer(plan, stack)?;
        Some(Examination { examiner: self, plan, stack, chain, expected, answer })
    }

    /// What breaks a law in this plan, on the first stack on which one is broken.
    pub fn judge(&self, plan: &ErrorPlan) -> Option<(StackName, Violation)> {
        self.classifier.stacks().iter().filter(|stack| plan.exists_on(**stack)).find_map(|stack| {
            let examination = self.examine(plan, *stack)?;
            let broken = CHAIN_LAWS.iter().find_map(|oracle| {
                let message = oracle.judge(&examination)?;
                Some(Violation { law: oracle.law(), request: None, message })
            });
            Some((*stack, broken?))
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

    /// What the classifier says of an error.
    pub fn answer(&self, plan: &ErrorPlan, stack: StackName) -> Option<Answer> {
        if !plan.exists_on(stack) {
            return None;
        }
        let error = plan.realise(stack, &self.driver)?;
        Some(catch(|| self.classifier.classify(error.as_ref(), plan.phase)))
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

    /// Whether some layer skips what it wraps, so that a classifier may not see it.
    fn skips(&self) -> bool {
        let shows =
            |layer: &Layer| layer.only_shows() || matches!(layer, Layer::Enclosed(_) | Layer::ForeignEnclosed(_));
        !self.plan.layers.iter().all(shows)
    }
}
