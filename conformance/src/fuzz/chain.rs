//! The bytes are an error chain, which checks the suite's own readers and decision.

use super::{Finding, Held, Seed, Target};
use crate::{
    error_chains::ErrorChain,
    judge::{ErrorChainJudge, smallest_error_chain},
    report::{BrokenErrorChain, error_chain::explain, layout::WIDTH},
    run::judge_error_chain,
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

/// The error chain that these bytes encode. Missing bytes are read as zeros, so almost every byte string encodes one.
pub fn decode_chain(bytes: &[u8]) -> Option<ErrorChain> {
    ErrorChain::arbitrary(&mut Unstructured::new(bytes)).ok()
}

/// A seed for each single entry, of the stack's own and of the other one: the first bytes that encode it.
fn seeds() -> Vec<Seed> {
    let mut seeds = BTreeMap::new();
    for word in 0..=u16::MAX {
        let [core, entry] = word.to_be_bytes();
        let bytes = vec![0, core, entry];
        if let Some(error_chain) = decode_chain(&bytes).filter(|error_chain| error_chain.layers.is_empty()) {
            seeds.entry(name(&error_chain)).or_insert(bytes);
        }
    }
    seeds.into_iter().collect()
}

fn check(bytes: &[u8]) -> Held {
    thread_local! {
        static JUDGE: ErrorChainJudge = ErrorChainJudge::new();
    }
    let Some(error_chain) = decode_chain(bytes) else { return Ok(()) };
    match JUDGE.with(|judge| judge.judge(&error_chain)) {
        None => Ok(()),
        Some(_) => Err(Box::new(of_error_chain(&error_chain))),
    }
}

/// The finding of an error chain that breaks a law.
fn of_error_chain(error_chain: &ErrorChain) -> Finding {
    let case = judge_error_chain(error_chain);
    let broken = case.broken.as_ref();
    Finding {
        known_by: broken.map(BrokenErrorChain::known_by).unwrap_or_default(),
        explanation: explain(&case, WIDTH),
        replay: broken.map_or_else(String::new, |broken| broken.replay.clone()),
        shrink: Some(format!("cargo run --release -- minimize 'chain:{error_chain}'")),
    }
}

fn smallest(bytes: &[u8]) -> Option<Box<Finding>> {
    let found = check(bytes).err()?;
    let smaller = decode_chain(bytes).as_ref().and_then(smallest_error_chain);
    Some(smaller.map_or(found, |error_chain| Box::new(of_error_chain(&error_chain))))
}

/// The text of an error chain as a file name.
fn name(error_chain: &ErrorChain) -> String {
    let text = error_chain.to_string();
    let words: Vec<&str> = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').collect();
    words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join("-")
}
