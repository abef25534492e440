//! The fuzz targets, one file each. The crate `fuzz` passes them the bytes of libFuzzer, and the corpus test passes
//! them the corpus files.
//!
//! To add a target, write a file with a [`Target`], and add a line in [`TARGETS`] and some glue in the crate `fuzz`.

mod chain;
mod classify;
mod explained;
mod server;
mod wire;

pub use chain::{CHAIN, decode_chain};
pub use classify::{CLASSIFY, check_with, play, search_with};
pub use server::{SERVER, check_servers};
pub use wire::{WIRE, sent_by_a_server};

use crate::{
    comparison::Harness,
    judge::{Fingerprint, Judgement, KnownBy, judge, judge_comparison, known_by},
    ledger::{ATTEMPTS, Judged},
    report::plain,
    scenarios,
    script::Script,
    stacks::panics::record_stack_panics,
};
use explained::digest;
use std::fmt;

/// Every fuzz target.
pub const TARGETS: &[&Target] = &[&CLASSIFY, &CHAIN, &WIRE, &SERVER];

/// A fuzz target: its name, and what it does with bytes.
pub struct Target {
    /// The name of its binary, and of its folder in the corpus.
    pub name: &'static str,
    /// What its bytes mean and what must hold, in one or two sentences.
    pub about: &'static str,
    /// Decodes the bytes and checks them against the laws. Every byte string is accepted.
    pub check: fn(&[u8]) -> Held,
    /// The same for a fuzzer: reports to a guide, and may skip cases that the ledger has often explained.
    pub search: fn(&[u8], &mut dyn Guide) -> Held,
    /// The finding of the smallest bytes that break the laws in the same way; `None` if nothing is unexplained.
    pub smallest: fn(&[u8]) -> Option<Box<Finding>>,
    /// The inputs that a fuzzer starts from, by name.
    pub seeds: fn() -> Vec<Seed>,
}

/// `Ok` if nothing is unexplained, otherwise the finding.
pub type Held = Result<(), Box<Finding>>;

/// Follows the check of one input, to guide a fuzzer in addition to code coverage.
pub trait Guide {
    /// Both stacks have played the input. From here on the suite judges it.
    fn played(&mut self) {}

    /// A law is broken, explained by the ledger or not. Equal fingerprints mean the same law and similar outcomes.
    fn broken(&mut self, _fingerprint: u64) {}
}

/// Leaves the guidance to code coverage.
impl Guide for () {}

/// A seed: its name, and its bytes.
pub type Seed = (String, Vec<u8>);

/// The maximum length of a seed in bytes: a fuzzer limits all its inputs to the length of the longest seed.
const LONGEST_SEED: usize = 2_048;

/// A seed for each scenario for which `bytes` returns bytes that are not too long.
fn of_scenarios(bytes: impl Fn(&Script) -> Option<Vec<u8>>) -> Vec<Seed> {
    let scenarios = scenarios::built_in().unwrap_or_default();
    let seeds = scenarios.into_iter().filter_map(|scenario| Some((scenario.name, bytes(&scenario.script)?)));
    seeds.filter(|(_, bytes)| bytes.len() <= LONGEST_SEED).collect()
}

/// Whether a fuzzer has added a file of this name to a corpus: libFuzzer names files by the SHA-1 of their bytes.
pub fn is_added(name: &str) -> bool {
    name.len() == 40 && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// A violation that no ledger entry explains.
#[derive(Clone, Debug)]
pub struct Finding {
    /// What it is known by: equal for similar cases.
    pub known_by: KnownBy,
    /// The case, from its first step to the broken laws and the command that explains it again.
    pub explanation: String,
    /// That command alone.
    pub replay: String,
    /// The command that makes it smaller, where there is one.
    pub shrink: Option<String>,
}

/// Creates a finding from what it is known by, its judgement and its script.
type Describe<S> = fn(KnownBy, Judgement<S>, &Script) -> Finding;

/// Checks a script against all laws.
fn check<S: Judged>(harness: &Harness<S>, script: &Script, finding: Describe<S>) -> Held {
    let judgement = judge(harness, script);
    match judgement.unexplained {
        true => Err(Box::new(finding(known_by(&judgement, script), judgement, script))),
        false => Ok(()),
    }
}

/// The same, but asks the ledger less and less often about fingerprints that it has explained.
fn search<S: Judged>(harness: &Harness<S>, script: &Script, finding: Describe<S>, guide: &mut dyn Guide) -> Held {
    let observations = harness.play(script);
    guide.played();
    let comparison = harness.read(script, observations);
    let violations = S::violations(&comparison);
    let fingerprint = |violation| digest(&Fingerprint::of(&comparison, violation));
    let fingerprints: Vec<u64> = violations.iter().map(fingerprint).collect();
    fingerprints.iter().for_each(|fingerprint| guide.broken(*fingerprint));
    if fingerprints.is_empty() || explained::often(&fingerprints, script) {
        return Ok(());
    }
    if judge_comparison(harness, script, comparison, ATTEMPTS).unexplained {
        return check(harness, &S::whole(script), finding);
    }
    explained::once_more(&fingerprints);
    Ok(())
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.explanation)?;
        self.shrink.iter().try_for_each(|command| write!(f, "\nMake it smaller\n  {command}"))
    }
}

impl Target {
    /// Does the setup before the first input. From here on panics of a stack are recorded. Panics of the suite still
    /// end the program.
    pub fn start(&self) {
        record_stack_panics();
        let _ = (self.search)(&[], &mut ());
    }

    /// Checks the bytes against the laws, for a fuzzer.
    ///
    /// # Panics
    ///
    /// If a law is broken and the ledger does not explain it, after writing the [`Finding`] to standard error.
    pub fn hold(&self, bytes: &[u8], guide: &mut dyn Guide) {
        if let Err(finding) = (self.search)(bytes, guide) {
            eprintln!("{}\n", plain(&finding.to_string()));
            panic!("nothing explains what {} has found", self.name);
        }
    }
}
