//! Generators: one grammar of exchanges that say something.
//!
//! A plain random grammar is of little use: more than half of what it makes ends in one and the same PROTOCOL_ERROR. Here a
//! script is an opening (settings, requests) and a few moves of the peer, most of them legal where they stand, on streams
//! that exist, and now and then one with a fault in it. [`scripts`] is the grammar as a proptest strategy, which makes
//! steps and never bytes, so that a failure shrinks to the few steps that matter. [`mutate`] and [`splice`] change a script
//! for a coverage-guided fuzzer, which has its own idea of where to go. [`error chains`] is the same for error chains.

mod error_chains;
mod strategy;

pub use error_chains::{error_chains, every_catalog_entry};
pub use strategy::scripts;

use crate::{error_chains::ErrorChain, script::Script};
use proptest::{
    strategy::{BoxedStrategy, Strategy, ValueTree},
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use std::fmt::Debug;

/// A sequence of cases that its seed and number give, the same on every machine.
pub struct Sequence<T: Debug> {
    strategy: BoxedStrategy<T>,
    runner: TestRunner,
}

impl Sequence<Script> {
    /// The sequence of scripts of that number; different numbers give independent sequences.
    pub fn of_scripts(seed: u64, number: u64) -> Sequence<Script> {
        Sequence::new(scripts(), seed, number)
    }
}

impl Sequence<ErrorChain> {
    /// The sequence of error chains of that number.
    pub fn of_error_chains(seed: u64, number: u64) -> Sequence<ErrorChain> {
        Sequence::new(error_chains().boxed(), seed, number)
    }
}

impl<T: Debug> Sequence<T> {
    fn new(strategy: BoxedStrategy<T>, seed: u64, number: u64) -> Sequence<T> {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        bytes[8..16].copy_from_slice(&number.to_le_bytes());
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
        let config = Config { failure_persistence: None, ..Config::default() };
        Sequence { strategy, runner: TestRunner::new_with_rng(config, rng) }
    }
}

impl<T: Debug> Iterator for Sequence<T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        // The strategies reject nothing, so there is always a next one.
        self.strategy.new_tree(&mut self.runner).ok().map(|tree| tree.current())
    }
}
