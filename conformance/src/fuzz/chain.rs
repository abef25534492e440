//! An error plan, read and judged by the suite's own readers and decision.

use super::{Finding, Target};
use crate::{
    plans::ErrorPlan,
    report::plan::explain,
    suite::{PlanJudge, judge_plan},
};
use arbitrary::{Arbitrary, Unstructured};

/// The target `chain`.
pub const CHAIN: Target = Target {
    name: "chain",
    about: "The bytes are an error plan. Both readers read it as what it is, and the laws over plans hold.",
    check,
};

fn check(bytes: &[u8]) -> Result<(), Box<Finding>> {
    thread_local! {
        static JUDGE: PlanJudge = PlanJudge::new();
    }
    // Bytes that run out are read as zeros: there is no plan that they do not mean.
    let Ok(plan) = ErrorPlan::arbitrary(&mut Unstructured::new(bytes)) else { return Ok(()) };
    match JUDGE.with(|judge| judge.judge(&plan)) {
        None => Ok(()),
        Some(_) => Err(Box::new(Finding {
            explanation: explain(&judge_plan(&plan)),
            shrink: format!("cargo run --release -- minimize 'plan:{plan}'"),
        })),
    }
}
