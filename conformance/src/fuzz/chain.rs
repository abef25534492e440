//! An error plan, read and judged by the suite's own readers and decision, and by the AWS SDK's legacy classifier.

use super::{Finding, Held, Seed, Target};
#[cfg(feature = "aws-legacy")]
use crate::{
    minimize::minimize_plan,
    oracles::{
        Law,
        aws_classifier::{Answer, said_and_meant},
    },
    report::plan::replay as replay_of,
    stacks::Driver,
    subjects::LegacyClassifier,
};
use crate::{
    plans::ErrorPlan,
    report::plan::explain,
    suite::{PlanJudge, judge_plan, smallest_plan},
};
use arbitrary::{Arbitrary, Unstructured};
use std::collections::BTreeMap;

/// The target `chain`.
pub const CHAIN: Target = Target {
    name: "chain",
    about: "The bytes are an error plan. Both readers read it as what it is, and the laws over plans hold.",
    check,
    search: |bytes, _| check(bytes),
    smallest,
    seeds,
};

/// Bytes that run out are read as zeros: there is hardly a byte string that means no plan.
fn plan(bytes: &[u8]) -> Option<ErrorPlan> {
    ErrorPlan::arbitrary(&mut Unstructured::new(bytes)).ok()
}

/// Every specimen, of the stack's own and of the other one, alone: the first bytes that mean it.
fn seeds() -> Vec<Seed> {
    let mut seeds = BTreeMap::new();
    for word in 0..=u16::MAX {
        let [core, specimen] = word.to_be_bytes();
        let bytes = vec![0, core, specimen];
        if let Some(plan) = plan(&bytes).filter(|plan| plan.layers.is_empty()) {
            seeds.entry(name(&plan)).or_insert(bytes);
        }
    }
    seeds.into_iter().collect()
}

fn check(bytes: &[u8]) -> Held {
    thread_local! {
        static JUDGE: PlanJudge = PlanJudge::new();
    }
    let Some(plan) = plan(bytes) else { return Ok(()) };
    #[cfg(feature = "aws-legacy")]
    check_aws(&plan)?;
    match JUDGE.with(|judge| judge.judge(&plan)) {
        None => Ok(()),
        Some(_) => Err(Box::new(of_plan(&plan))),
    }
}

/// A plan that breaks a law.
fn of_plan(plan: &ErrorPlan) -> Finding {
    let case = judge_plan(plan);
    let broken = case.broken.as_ref();
    Finding {
        like: broken.map_or_else(String::new, |broken| broken.like()),
        explanation: explain(&case),
        replay: broken.map_or_else(String::new, |broken| broken.replay.clone()),
        shrink: Some(format!("cargo run --release -- minimize 'plan:{plan}'")),
    }
}

/// What the AWS SDK's classifier misreads is as small as it gets already.
fn smallest(bytes: &[u8]) -> Option<Box<Finding>> {
    let found = check(bytes).err()?;
    let smaller = plan(bytes).as_ref().and_then(smallest_plan).filter(|_| found.shrink.is_some());
    Some(smaller.map_or(found, |plan| Box::new(of_plan(&plan))))
}

/// The AWS SDK's own classifier sees every type that it looks for.
#[cfg(feature = "aws-legacy")]
fn check_aws(plan: &ErrorPlan) -> Held {
    thread_local! {
        static AWS: (LegacyClassifier, Driver) =
            (LegacyClassifier::new().expect("the SDK makes a client in memory"), Driver::new());
    }
    let misread = |plan: &ErrorPlan| {
        let answer = AWS.with(|(classifier, driver)| said_and_meant(classifier, plan, driver));
        answer.filter(|answer| answer.said != answer.meant)
    };
    if misread(plan).is_none() {
        return Ok(());
    }
    let smallest = minimize_plan(plan, |plan| misread(plan).is_some());
    let Some(Answer { said, meant }) = misread(&smallest) else { return Ok(()) };
    let replay = replay_of(&smallest);
    let explanation = format!(
        "plan:{smallest}\n  {}\n  {}: the AWS SDK's legacy classifier says {said}, and means to say {meant}\n\n\
         Play it again\n  {replay}",
        Law::Agreement.text(),
        Law::Agreement,
    );
    let like = format!("AWS SDK's legacy classifier: {said} for what is {meant}");
    Err(Box::new(Finding { like, explanation, replay, shrink: None }))
}

/// The text of a plan as the name of a file.
fn name(plan: &ErrorPlan) -> String {
    let text = plan.to_string();
    let words: Vec<&str> = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').collect();
    words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join("-")
}
