//! An error chain, read and judged by the suite's own readers and decision, and by the AWS SDK's legacy classifier.

use super::{Finding, Held, Seed, Target};
#[cfg(feature = "aws-legacy")]
use crate::{
    clients::LegacyClassifier,
    minimize::minimize_error_chain,
    oracles::{
        Law,
        aws_classifier::{Answer, said_and_meant},
    },
    report::error_chain::replay as replay_of,
    stacks::Driver,
};
use crate::{
    error_chains::ErrorChain,
    report::error_chain::explain,
    suite::{ErrorChainJudge, judge_error_chain, smallest_error_chain},
};
use arbitrary::{Arbitrary, Unstructured};
use std::collections::BTreeMap;

/// The target `chain`.
pub const CHAIN: Target = Target {
    name: "chain",
    about: "The bytes are an error chain. Both readers read it as what it is, and the laws over error chains hold.",
    check,
    search: |bytes, _| check(bytes),
    smallest,
    seeds,
};

/// Bytes that run out are read as zeros: there is hardly a byte string that means no error chain.
fn error_chain(bytes: &[u8]) -> Option<ErrorChain> {
    ErrorChain::arbitrary(&mut Unstructured::new(bytes)).ok()
}

/// Every entry, of the stack's own and of the other one, alone: the first bytes that mean it.
fn seeds() -> Vec<Seed> {
    let mut seeds = BTreeMap::new();
    for word in 0..=u16::MAX {
        let [core, entry] = word.to_be_bytes();
        let bytes = vec![0, core, entry];
        if let Some(error_chain) = error_chain(&bytes).filter(|error_chain| error_chain.layers.is_empty()) {
            seeds.entry(name(&error_chain)).or_insert(bytes);
        }
    }
    seeds.into_iter().collect()
}

fn check(bytes: &[u8]) -> Held {
    thread_local! {
        static JUDGE: ErrorChainJudge = ErrorChainJudge::new();
    }
    let Some(error_chain) = error_chain(bytes) else { return Ok(()) };
    #[cfg(feature = "aws-legacy")]
    check_aws(&error_chain)?;
    match JUDGE.with(|judge| judge.judge(&error_chain)) {
        None => Ok(()),
        Some(_) => Err(Box::new(of_error_chain(&error_chain))),
    }
}

/// A error chain that breaks a law.
fn of_error_chain(error_chain: &ErrorChain) -> Finding {
    let case = judge_error_chain(error_chain);
    let broken = case.broken.as_ref();
    Finding {
        like: broken.map_or_else(String::new, |broken| broken.like()),
        explanation: explain(&case),
        replay: broken.map_or_else(String::new, |broken| broken.replay.clone()),
        shrink: Some(format!("cargo run --release -- minimize 'chain:{error_chain}'")),
    }
}

/// What the AWS SDK's classifier misreads is as small as it gets already.
fn smallest(bytes: &[u8]) -> Option<Box<Finding>> {
    let found = check(bytes).err()?;
    let smaller = error_chain(bytes).as_ref().and_then(smallest_error_chain).filter(|_| found.shrink.is_some());
    Some(smaller.map_or(found, |error_chain| Box::new(of_error_chain(&error_chain))))
}

/// The AWS SDK's own classifier sees every type that it looks for.
#[cfg(feature = "aws-legacy")]
fn check_aws(error_chain: &ErrorChain) -> Held {
    thread_local! {
        static AWS: (LegacyClassifier, Driver) =
            (LegacyClassifier::new().expect("the SDK makes a client in memory"), Driver::new());
    }
    let misread = |error_chain: &ErrorChain| {
        let answer = AWS.with(|(classifier, driver)| said_and_meant(classifier, error_chain, driver));
        answer.filter(|answer| answer.said != answer.meant)
    };
    if misread(error_chain).is_none() {
        return Ok(());
    }
    let smallest = minimize_error_chain(error_chain, |error_chain| misread(error_chain).is_some());
    let Some(Answer { said, meant }) = misread(&smallest) else { return Ok(()) };
    let replay = replay_of(&smallest);
    let explanation = format!(
        "chain:{smallest}\n  {}\n  {}: the AWS SDK's legacy classifier says {said}, and means to say {meant}\n\n\
         Play it again\n  {replay}",
        Law::Agreement.text(),
        Law::Agreement,
    );
    let like = format!("AWS SDK's legacy classifier: {said} for what is {meant}");
    Err(Box::new(Finding { like, explanation, replay, shrink: None }))
}

/// The text of an error chain as the name of a file.
fn name(error_chain: &ErrorChain) -> String {
    let text = error_chain.to_string();
    let words: Vec<&str> = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').collect();
    words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join("-")
}
