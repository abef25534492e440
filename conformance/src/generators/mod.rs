//! Generators of scripts and error chains.
//!
//! A purely random grammar is of little use: more than half of its scripts end in the same PROTOCOL_ERROR. Here a
//! script is an opening (settings, requests) followed by a few moves of the peer. Most moves are legal where they occur
//! and use streams that exist; a few contain a fault. [`scripts`] is this grammar as a proptest strategy. It generates
//! steps rather than bytes, so that a failure shrinks to the few steps that matter. [`clients()`] is the one for what a
//! faulty client sends to a server, and [`error_chains()`] that for error chains.

mod applications;
mod choices;
mod clients;
mod error_chains;
mod faults;
mod responses;
mod scripts;

pub use clients::clients;
pub use error_chains::{error_chains, every_catalog_entry};
pub use scripts::scripts;

use crate::{error_chains::ErrorChain, script::Script};
use proptest::{
    strategy::{BoxedStrategy, Strategy, ValueTree},
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use std::fmt::Debug;

/// The number of cases that a run takes from one sequence.
pub const BATCH: u64 = 500;

/// A sequence of cases. Its seed and number determine it, on every machine.
pub struct Sequence<T: Debug> {
    strategy: BoxedStrategy<T>,
    runner: TestRunner,
}

impl Sequence<Script> {
    /// The sequence of scripts with this number. Different numbers give independent sequences.
    pub fn of_scripts(seed: u64, number: u64) -> Sequence<Script> {
        Sequence::new(scripts().boxed(), seed, number)
    }

    /// The script of a run with this seed that has this number, if the run generates so many.
    pub fn script(seed: u64, number: u64) -> Option<Script> {
        Sequence::of_scripts(seed, number / BATCH).nth((number % BATCH) as usize)
    }
}

impl Sequence<Script> {
    /// The sequence with this number of what clients send to a server.
    pub fn of_clients(seed: u64, number: u64) -> Sequence<Script> {
        Sequence::new(clients().boxed(), seed, number)
    }
}

impl Sequence<ErrorChain> {
    /// The sequence of error chains with this number.
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
        // The strategies reject nothing, so there is always a next case.
        self.strategy.new_tree(&mut self.runner).ok().map(|tree| tree.current())
    }
}
