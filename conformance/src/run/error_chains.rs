//! The error chains of a run.

use super::{Progress, RunConfig, Tally, in_batches, locked};
use crate::{
    classifiers::{ChainClassifier, OWN_CLASSIFIERS, deciding_link},
    error_chains::ErrorChain,
    generators::{BATCH, Sequence, every_catalog_entry},
    judge::ErrorChainJudge,
    minimize::minimize_error_chain,
    oracles::Law,
    report::{
        BrokenErrorChain, SCHEMA, Similar,
        error_chain::{ErrorChainCase, ErrorChainSide},
    },
    stacks::{Driver, panics::record_stack_panics},
    vocabulary::StackName,
};
use std::error::Error;

/// For each broken law, an error chain of the first batch that breaks it.
pub(super) type BrokenErrorChains = Similar<Law, u64, ErrorChain>;

/// Checks the suite's own readers and decision against the laws over error chains.
pub(super) fn run(config: &RunConfig, tally: &mut Tally, progress: &dyn Progress) {
    in_batches(config.error_chains, config.shard, progress, tally, || {
        let judge = ErrorChainJudge::new();
        move |batch, cases, tally| {
            let error_catalog = every_catalog_entry()
                .flat_map(|error_chain| error_chain.in_every_phase())
                .skip((batch * BATCH) as usize);
            for error_chain in error_catalog.chain(Sequence::of_error_chains(config.seed, batch)).take(cases) {
                let unequal = u64::from(!error_chain.is_equivalent());
                let broken = judge.judge(&error_chain);
                let mut tally = locked(tally);
                tally.run.error_chains += 1;
                tally.run.unequal_error_chains += unequal;
                if let Some((_, violation)) = broken {
                    tally.broken_error_chains.add(violation.law, 1, batch, error_chain);
                }
            }
        }
    });
}

/// Realises an error chain on every stack that has its entry, and checks it against the laws.
pub fn judge_error_chain(error_chain: &ErrorChain) -> ErrorChainCase {
    record_stack_panics();
    let driver = Driver::new();
    let side = |stack: StackName| {
        let error = error_chain.realise(stack, &driver).filter(|_| error_chain.exists_on(stack))?;
        let ChainClassifier { reader, decide } = OWN_CLASSIFIERS[stack];
        let chain = reader.read(error.as_ref());
        let errors =
            std::iter::successors(Some(error.as_ref() as &(dyn Error + 'static)), |error| reader.inner(*error));
        let links = chain.links.iter().cloned().zip(errors.map(ToString::to_string)).take(SHOWN).collect();
        Some(ErrorChainSide {
            stack,
            links,
            more: (chain.links.len().saturating_sub(SHOWN), chain.cut),
            deciding: deciding_link(&chain),
            verdict: decide(&chain, error_chain.phase),
        })
    };
    let broken = ErrorChainJudge::new()
        .judge(error_chain)
        .map(|(stack, found)| BrokenErrorChain::new(1, error_chain, stack, &found));
    let sides = StackName::ALL.into_iter().filter_map(side).collect();
    ErrorChainCase { schema: SCHEMA, error_chain: error_chain.to_string(), sides, broken }
}

/// The maximum number of links shown.
const SHOWN: usize = 12;

/// One smallest error chain for each broken law.
pub(super) fn smallest(broken: BrokenErrorChains) -> Vec<BrokenErrorChain> {
    let judge = ErrorChainJudge::new();
    let smallest = |(law, (error_chains, _, error_chain)): (Law, (u64, u64, ErrorChain))| {
        let breaks = |error_chain: &ErrorChain| judge.judge(error_chain).filter(|(_, broken)| broken.law == law);
        let smallest = minimize_error_chain(&error_chain, |error_chain| breaks(error_chain).is_some());
        let (stack, violation) = breaks(&smallest)?;
        Some(BrokenErrorChain::new(error_chains, &smallest, stack, &violation))
    };
    broken.0.into_iter().filter_map(smallest).collect()
}
