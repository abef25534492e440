//! The part of a run that is about error chains.

use super::{BATCH, Progress, RunConfig};
use crate::{
    classifiers::{ChainClassifier, OWN_CLASSIFIERS, deciding_link},
    error_chains::ErrorChain,
    generators::{Sequence, every_catalog_entry},
    judge::ErrorChainJudge,
    minimize::minimize_error_chain,
    oracles::Law,
    report::{
        BrokenErrorChain, SCHEMA,
        error_chain::{ErrorChainCase, ErrorChainSide},
    },
    stacks::{Driver, drive::record_stack_panics},
    vocabulary::StackName,
};
use std::{
    collections::BTreeMap,
    error::Error,
    num::NonZeroUsize,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread,
};

/// What came of the error chains of a run.
#[derive(Default)]
pub(super) struct ErrorChainTally {
    /// How many were held against the laws.
    pub(super) error_chains: u64,
    /// How many of them only one stack can give, or gives as other links.
    pub(super) unequal: u64,
    /// By the law: how many error chains break it, and the first of them in the order of batches.
    broken: BTreeMap<Law, (u64, u64, ErrorChain)>,
}

/// Holds the suite's own readers and decision against the laws over error chains, on as many threads as the machine has
/// cores.
pub(super) fn run(config: &RunConfig, progress: &dyn Progress) -> ErrorChainTally {
    let next = AtomicU64::new(0);
    let total = Mutex::new(ErrorChainTally::default());
    let work = || {
        let judge = ErrorChainJudge::new();
        let mut tally = ErrorChainTally::default();
        while !progress.is_stopped() {
            let batch = next.fetch_add(1, Ordering::Relaxed);
            let left = config.error_chains.saturating_sub(batch * BATCH).min(BATCH);
            if left == 0 {
                break;
            }
            let error_catalog = every_catalog_entry()
                .flat_map(|error_chain| error_chain.in_every_phase())
                .skip((batch * BATCH) as usize);
            for error_chain in error_catalog.chain(Sequence::of_error_chains(config.seed, batch)).take(left as usize) {
                tally.count(batch, &error_chain, &judge);
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

/// Realises an error chain on every stack that has its entry, and holds it against the laws.
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

/// How many links of a chain are shown.
const SHOWN: usize = 12;

impl ErrorChainTally {
    fn count(&mut self, batch: u64, error_chain: &ErrorChain, judge: &ErrorChainJudge) {
        self.error_chains += 1;
        self.unequal += u64::from(!error_chain.is_equivalent());
        if let Some((_, violation)) = judge.judge(error_chain) {
            let entry = self.broken.entry(violation.law).or_insert_with(|| (0, batch, error_chain.clone()));
            entry.0 += 1;
        }
    }

    fn add(&mut self, other: ErrorChainTally) {
        self.error_chains += other.error_chains;
        self.unequal += other.unequal;
        for (law, (error_chains, batch, error_chain)) in other.broken {
            let entry = self.broken.entry(law).or_insert_with(|| (0, batch, error_chain.clone()));
            entry.0 += error_chains;
            if batch < entry.1 {
                (entry.1, entry.2) = (batch, error_chain);
            }
        }
    }

    /// One smallest error chain for every law that is broken.
    pub(super) fn into_broken(self) -> Vec<BrokenErrorChain> {
        let mut found = Vec::new();
        let judge = ErrorChainJudge::new();
        for (law, (error_chains, _, error_chain)) in self.broken {
            let breaks =
                |error_chain: &ErrorChain| judge.judge(error_chain).filter(|(_, violation)| violation.law == law);
            let smallest = minimize_error_chain(&error_chain, |error_chain| breaks(error_chain).is_some());
            if let Some((stack, violation)) = breaks(&smallest) {
                found.push(BrokenErrorChain::new(error_chains, &smallest, stack, &violation));
            }
        }
        found
    }
}
