//! How often the entries of the ledger explain a script, and which explain other scripts than in an earlier run. An entry
//! that suddenly explains more may hide a fault of both stacks.

use super::Run;
use crate::{
    generators::{BATCH, Sequence},
    ledger::Divergence,
};
use fnv::FnvHasher;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, fmt, hash::Hasher};

/// A divergence of the ledger, and how often it occurred.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DivergenceCount {
    /// The name of the entry.
    pub name: String,
    /// What differs.
    pub about: String,
    /// The number of scripts that showed it.
    pub scripts: u64,
    /// The number of generated scripts among them.
    #[serde(default)]
    pub generated: u64,
    /// The numbers of the first of these, at most 1,000.
    #[serde(default)]
    pub first_generated: BTreeSet<u64>,
}

impl DivergenceCount {
    /// The maximum number of generated scripts that a count lists.
    const LISTED: usize = 1_000;

    /// An entry that no script has shown yet.
    pub fn new(entry: &Divergence) -> DivergenceCount {
        DivergenceCount::of(entry.name.into(), entry.about.into())
    }

    fn of(name: String, about: String) -> DivergenceCount {
        DivergenceCount { name, about, scripts: 0, generated: 0, first_generated: BTreeSet::new() }
    }

    /// Counts a script, which has a number if it was generated.
    pub(crate) fn count(&mut self, number: Option<u64>) {
        self.scripts += 1;
        let Some(number) = number else { return };
        self.generated += 1;
        self.first_generated.insert(number);
        if self.first_generated.len() > Self::LISTED {
            self.first_generated.pop_last();
        }
    }

    /// Adds the count of another shard of the run.
    pub(super) fn add(&mut self, other: DivergenceCount) {
        self.scripts += other.scripts;
        self.generated += other.generated;
        self.first_generated.extend(other.first_generated);
        while self.first_generated.len() > Self::LISTED {
            self.first_generated.pop_last();
        }
    }

    /// The first number, up to `all`, that the list cannot tell of.
    fn end_of_list(&self, all: u64) -> u64 {
        match self.first_generated.len() < Self::LISTED {
            true => all,
            false => self.first_generated.last().map_or(0, |last| last + 1).min(all),
        }
    }
}

/// An entry of the ledger that explains other generated scripts than in an earlier run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangedCount {
    /// The name of the entry.
    pub name: String,
    /// The number of generated scripts that it explained then, and the number of all.
    pub before: (u64, u64),
    /// The same of this run.
    pub after: (u64, u64),
    /// The numbers of the generated scripts that it explains in this run only, as far as they are known: none if the
    /// runs did not generate the same scripts.
    pub new: Vec<u64>,
    /// The commands that play some of them, made as small as they can be.
    pub replay: Vec<String>,
}

impl fmt::Display for ChangedCount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ((before, of_before), (after, of_after)) = (self.before, self.after);
        write!(f, "{}: {before} of {of_before} generated scripts then, {after} of {of_after} now", self.name)
    }
}

/// The entries that explain other scripts, if both runs generated the same; else those whose share differs by more than
/// chance. Nothing is known of a run whose JSON has no digest of its scripts.
pub(super) fn changed(before: &Run, after: &Run) -> Vec<ChangedCount> {
    if before.scripts_digest.is_empty() || after.scripts_digest.is_empty() {
        return Vec::new();
    }
    let is_same = before.scripts_digest == after.scripts_digest;
    let common = before.generated.min(after.generated);
    let changed = after.divergences.iter().filter_map(|now| {
        let then = before.divergences.iter().find(|then| then.name == now.name).cloned();
        let then = then.unwrap_or_else(|| DivergenceCount::of(now.name.clone(), now.about.clone()));
        let end = then.end_of_list(common).min(now.end_of_list(common));
        let only = |one: &DivergenceCount, other: &DivergenceCount| -> Vec<u64> {
            let numbers = one.first_generated.difference(&other.first_generated).copied();
            numbers.filter(|number| is_same && *number < end).collect()
        };
        let new = only(now, &then);
        let (then_of, now_of) = ((then.generated, before.generated), (now.generated, after.generated));
        let differs = match is_same {
            true => !new.is_empty() || !only(&then, now).is_empty(),
            false => is_beyond_chance(then_of, now_of),
        };
        let changed = ChangedCount { name: now.name.clone(), before: then_of, after: now_of, new, replay: Vec::new() };
        differs.then_some(changed)
    });
    changed.collect()
}

/// Whether two shares, each a count of so many, differ by more than three standard deviations of counts that vary by
/// chance.
fn is_beyond_chance((before, of_before): (u64, u64), (after, of_after): (u64, u64)) -> bool {
    if of_before == 0 || of_after == 0 {
        return false;
    }
    let share = |count: u64, of: u64| count as f64 / of as f64;
    let variance = |count: u64, of: u64| (count + 1) as f64 / (of as f64).powi(2);
    let deviation = (variance(before, of_before) + variance(after, of_after)).sqrt();
    (share(before, of_before) - share(after, of_after)).abs() > 3.0 * deviation
}

/// A digest of the first 500 scripts of a seed. Runs with the same digest most likely generate the same scripts.
pub(crate) fn digest_of_scripts(seed: u64) -> String {
    let mut hasher = FnvHasher::default();
    Sequence::of_scripts(seed, 0).take(BATCH as usize).for_each(|script| hasher.write(&script.encode()));
    format!("{:016x}", hasher.finish())
}
