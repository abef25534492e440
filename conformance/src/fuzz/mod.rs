//! What the fuzz targets do with their bytes: one file a target. The crate `fuzz` hands libFuzzer's bytes to them, and the
//! test of the corpus those that were kept.
//!
//! To add a target: a file with a [`Target`] in it, its line in [`TARGETS`], and a few lines of glue in the crate `fuzz`.

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
    stacks::drive::record_stack_panics,
};
use explained::{Explained, digest};
use std::fmt;

/// Every fuzz target.
pub const TARGETS: &[&Target] = &[&CLASSIFY, &CHAIN, &WIRE, &SERVER];

/// A fuzz target: what it is called, and what it does with bytes.
pub struct Target {
    /// The name of its binary, and of its folder in the corpus.
    pub name: &'static str,
    /// What its bytes mean and what is asked of them, in one sentence.
    pub about: &'static str,
    /// Holds what the bytes mean against the laws. Every byte string means something.
    pub check: fn(&[u8]) -> Held,
    /// The same for a fuzzer, which is told how it goes, and need not look again and again at what was seen often.
    pub search: fn(&[u8], &mut dyn Guide) -> Held,
    /// What bytes with which something does not hold come to when they are made as small as they get.
    pub smallest: fn(&[u8]) -> Option<Box<Finding>>,
    /// What a fuzzer starts from, by name.
    pub seeds: fn() -> Vec<Seed>,
}

/// Whether what the bytes mean holds, or what nothing explains.
pub type Held = Result<(), Box<Finding>>;

/// Who is told how the bytes of a fuzzer fare, while they do: what guides the search besides the code that runs.
pub trait Guide {
    /// Both stacks have played. What runs from here on is the suite's own code.
    fn played(&mut self) {}

    /// The laws are broken; equal numbers mean that the same laws are, by like outcomes. Known to the ledger or not.
    fn broken(&mut self, _fingerprint: u64) {}
}

/// Leaves the search to the code that runs.
impl Guide for () {}

/// A seed: its name, and its bytes.
pub type Seed = (String, Vec<u8>);

/// Seeds are not longer than this, in bytes: a fuzzer takes the longest for the length of all that it tries.
const LONGEST_SEED: usize = 2_048;

/// A seed of every scenario that these bytes can be made of, and that is not too long.
fn of_scenarios(bytes: impl Fn(&Script) -> Option<Vec<u8>>) -> Vec<Seed> {
    let scenarios = scenarios::built_in().unwrap_or_default();
    let seeds = scenarios.into_iter().filter_map(|scenario| Some((scenario.name, bytes(&scenario.script)?)));
    seeds.filter(|(_, bytes)| bytes.len() <= LONGEST_SEED).collect()
}

/// Whether a fuzzer has added a file of this name to a corpus: libFuzzer names files by the SHA-1 of their bytes.
pub fn is_added(name: &str) -> bool {
    name.len() == 40 && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Something that no entry of the ledger explains.
#[derive(Clone, Debug)]
pub struct Finding {
    /// What it is known by: equal for similar cases.
    pub known_by: KnownBy,
    /// The case, from its first step to the laws that it breaks and the command that explains it again.
    pub explanation: String,
    /// That command alone.
    pub replay: String,
    /// The command that makes it smaller, where there is one.
    pub shrink: Option<String>,
}

/// Makes a finding of what it is known by, its judgement and its script.
type Describe<S> = fn(KnownBy, Judgement<S>, &Script) -> Finding;

/// Holds a script against all laws.
fn check<S: Judged>(harness: &Harness<S>, script: &Script, finding: Describe<S>) -> Held {
    let judgement = judge(harness, script);
    match judgement.unexplained {
        true => Err(Box::new(finding(known_by(&judgement, script), judgement, script))),
        false => Ok(()),
    }
}

/// The same, but asks the ledger less and less often for what it has always explained.
fn search<S: Judged>(harness: &Harness<S>, script: &Script, finding: Describe<S>, guide: &mut dyn Guide) -> Held {
    let observations = harness.play(script);
    guide.played();
    let comparison = harness.read(script, observations);
    let violations = S::violations(&comparison);
    let fingerprint = |violation| digest(&Fingerprint::of(&comparison, violation));
    let fingerprints: Vec<u64> = violations.iter().map(fingerprint).collect();
    fingerprints.iter().for_each(|fingerprint| guide.broken(*fingerprint));
    if fingerprints.is_empty() || Explained::often(&fingerprints, script) {
        return Ok(());
    }
    if judge_comparison(harness, script, comparison, ATTEMPTS).unexplained {
        return check(harness, &S::whole(script), finding);
    }
    Explained::once_more(&fingerprints);
    Ok(())
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.explanation)?;
        self.shrink.iter().try_for_each(|command| write!(f, "\nMake it smaller\n  {command}"))
    }
}

impl Target {
    /// Makes what is needed once, before the first bytes: panics of a stack are recorded from here on, those of the suite
    /// end the program as before.
    pub fn start(&self) {
        record_stack_panics();
        let _ = (self.search)(&[], &mut ());
    }

    /// Holds what the bytes mean against the laws, as a fuzzer wants it.
    ///
    /// # Panics
    ///
    /// If a law is broken and the ledger does not explain it, after the [`Finding`] was written to standard error.
    pub fn hold(&self, bytes: &[u8], guide: &mut dyn Guide) {
        if let Err(finding) = (self.search)(bytes, guide) {
            eprintln!("{}\n", plain(&finding.to_string()));
            panic!("nothing explains what {} has found", self.name);
        }
    }
}
