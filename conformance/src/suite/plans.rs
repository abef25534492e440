//! The part of a run that is about error plans.

use super::{BATCH, Plan, Progress};
use crate::{
    chain::StackName,
    classifiers::{Both, ChainClassifier, Classifier, Classifiers, Reader, by, deciding_link},
    generators::{Sequence, every_specimen},
    minimize::minimize_plan,
    oracles::{
        Law, Violation,
        chains::{Examiner, reading},
    },
    plans::ErrorPlan,
    report::{
        BrokenPlan, SCHEMA,
        plan::{PlanCase, PlanSide},
    },
    stacks::{Driver, drive::record_stack_panics},
};
use std::{
    collections::BTreeMap,
    error::Error,
    num::NonZeroUsize,
    rc::Rc,
    sync::{
        LazyLock, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread,
};

/// What came of the error plans of a run.
#[derive(Default)]
pub(super) struct PlanTally {
    /// How many were held against the laws.
    pub(super) plans: u64,
    /// How many of them only one stack can give, or gives as other links.
    pub(super) unequal: u64,
    /// By the law: how many plans break it, and the first of them in the order of batches.
    broken: BTreeMap<Law, (u64, u64, ErrorPlan)>,
}

/// Holds the suite's own readers and decision against the laws over error plans, on as many threads as the machine has
/// cores.
pub(super) fn run(plan: &Plan, progress: &dyn Progress) -> PlanTally {
    let next = AtomicU64::new(0);
    let total = Mutex::new(PlanTally::default());
    let work = || {
        let judge = PlanJudge::new();
        let mut tally = PlanTally::default();
        while !progress.is_stopped() {
            let batch = next.fetch_add(1, Ordering::Relaxed);
            let left = plan.plans.saturating_sub(batch * BATCH).min(BATCH);
            if left == 0 {
                break;
            }
            let specimens = every_specimen().flat_map(|plan| plan.in_every_phase()).skip((batch * BATCH) as usize);
            for plan in specimens.chain(Sequence::of_plans(plan.seed, batch)).take(left as usize) {
                tally.count(batch, &plan, &judge);
            }
            progress.advance(left);
        }
        total.lock().unwrap_or_else(PoisonError::into_inner).add(tally);
    };
    let threads = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(work);
        }
    });
    total.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// Realises a plan on every stack that has its specimen, and holds it against the laws.
pub fn judge_plan(plan: &ErrorPlan) -> PlanCase {
    record_stack_panics();
    let driver = Driver::new();
    let side = |stack: StackName| {
        let error = plan.realise(stack, &driver).filter(|_| plan.exists_on(stack))?;
        let ChainClassifier { reader, decide } = Classifiers::OWN.of(stack);
        let chain = reader.read(error.as_ref());
        let errors =
            std::iter::successors(Some(error.as_ref() as &(dyn Error + 'static)), |error| reader.inner(*error));
        let links = chain.links.iter().cloned().zip(errors.map(ToString::to_string)).take(SHOWN).collect();
        Some(PlanSide {
            stack,
            links,
            more: (chain.links.len().saturating_sub(SHOWN), chain.cut),
            deciding: deciding_link(&chain),
            verdict: decide(&chain, plan.phase),
        })
    };
    let broken = PlanJudge::new().judge(plan).map(|(stack, found)| BrokenPlan::new(1, plan, stack, &found));
    let sides = StackName::ALL.into_iter().filter_map(side).collect();
    PlanCase { schema: SCHEMA, plan: plan.to_string(), sides, broken }
}

/// The smallest plan found that breaks the same law as this one; `None` if it breaks none.
pub fn smallest_plan(plan: &ErrorPlan) -> Option<ErrorPlan> {
    record_stack_panics();
    let judge = PlanJudge::new();
    let (_, Violation { law, .. }) = judge.judge(plan)?;
    Some(minimize_plan(plan, |plan| judge.judge(plan).is_some_and(|(_, violation)| violation.law == law)))
}

/// How many links of a chain are shown.
const SHOWN: usize = 12;

/// The classifiers of [`PlanJudge`]: the suite's decision with the reader of each stack, and with the one that knows both.
static OWN: LazyLock<[Box<dyn Classifier + Send>; 3]> = LazyLock::new(|| {
    let own = |stack| {
        let ChainClassifier { reader, decide } = Classifiers::OWN.of(stack);
        Box::new(by("own", &[stack], move |error, phase| decide(&reader.read(error), phase).into()))
            as Box<dyn Classifier + Send>
    };
    let ChainClassifier { decide, .. } = Classifiers::OWN.legacy;
    let both = by("both", &StackName::ALL, move |error, phase| decide(&Both.read(error), phase).into());
    [own(StackName::Legacy), own(StackName::Modern), Box::new(both)]
});

/// Judges error plans: what the readers of each stack see of them, and the laws over what is decided by that. Each thread
/// needs one of its own.
pub struct PlanJudge {
    driver: Rc<Driver>,
    own: [Examiner<'static>; 2],
    both: Examiner<'static>,
}

impl Default for PlanJudge {
    fn default() -> PlanJudge {
        PlanJudge::new()
    }
}

impl PlanJudge {
    /// A judge with a driver of its own.
    pub fn new() -> PlanJudge {
        let driver = Rc::new(Driver::new());
        let [legacy, modern, both] =
            OWN.each_ref().map(|classifier| Examiner::with(classifier.as_ref(), driver.clone()));
        PlanJudge { driver, own: [legacy, modern], both }
    }

    /// What is broken in a plan, and on which stack.
    pub fn judge(&self, plan: &ErrorPlan) -> Option<(StackName, Violation)> {
        StackName::ALL.into_iter().zip(&self.own).filter(|(stack, _)| plan.exists_on(*stack)).find_map(
            |(stack, own)| {
                let Some(error) = plan.realise(stack, &self.driver) else {
                    let message = format!("the {stack} stack no longer gives the error of this plan");
                    return Some((stack, Violation { law: Law::Agreement, stack: None, request: None, message }));
                };
                let error: &(dyn Error + 'static) = error.as_ref();
                let misread = reading::judge(Classifiers::OWN.of(stack).reader, plan, stack, error);
                let broken = misread.or_else(|| own.judge_error(plan, stack, error));
                Some((stack, broken.or_else(|| self.both.judge_error(plan, stack, error))?))
            },
        )
    }
}

impl PlanTally {
    fn count(&mut self, batch: u64, plan: &ErrorPlan, judge: &PlanJudge) {
        self.plans += 1;
        self.unequal += u64::from(!plan.is_equivalent());
        if let Some((_, violation)) = judge.judge(plan) {
            let entry = self.broken.entry(violation.law).or_insert_with(|| (0, batch, plan.clone()));
            entry.0 += 1;
        }
    }

    fn add(&mut self, other: PlanTally) {
        self.plans += other.plans;
        self.unequal += other.unequal;
        for (law, (plans, batch, plan)) in other.broken {
            let entry = self.broken.entry(law).or_insert_with(|| (0, batch, plan.clone()));
            entry.0 += plans;
            if batch < entry.1 {
                (entry.1, entry.2) = (batch, plan);
            }
        }
    }

    /// One smallest plan for every law that is broken.
    pub(super) fn into_broken(self) -> Vec<BrokenPlan> {
        let mut found = Vec::new();
        let judge = PlanJudge::new();
        for (law, (plans, _, plan)) in self.broken {
            let breaks = |plan: &ErrorPlan| judge.judge(plan).filter(|(_, violation)| violation.law == law);
            let smallest = minimize_plan(&plan, |plan| breaks(plan).is_some());
            if let Some((stack, violation)) = breaks(&smallest) {
                found.push(BrokenPlan::new(plans, &smallest, stack, &violation));
            }
        }
        found
    }
}
