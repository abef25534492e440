//! Which entries of the ledger explain other generated scripts than in an earlier run. An entry that suddenly explains
//! more may hide a fault of both stacks.

use super::{DivergenceCount, Run, case::command};
use crate::{
    classifiers::OWN_CLASSIFIERS,
    comparison::Harness,
    generators::{BATCH, Sequence},
    judge,
};
use fnv::FnvHasher;
use serde::{Deserialize, Serialize};
use std::{fmt, hash::Hasher};

/// An entry of the ledger that explains other generated scripts than in an earlier run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangedShare {
    /// The name of the entry.
    pub name: String,
    /// The number of generated scripts that it explained then, and the number of all.
    pub before: (u64, u64),
    /// The same of this run.
    pub after: (u64, u64),
    /// The commands that play the smallest scripts that it explains in this run only, at most three. None if the runs
    /// did not play the same scripts.
    pub replay: Vec<String>,
}

impl fmt::Display for ChangedShare {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ((before, of_before), (after, of_after)) = (self.before, self.after);
        write!(f, "{}: {before} of {of_before} generated scripts then, {after} of {of_after} now", self.name)
    }
}

/// The entries that explain other scripts, if both runs played the same; else those whose share differs by more than
/// chance.
pub(super) fn changed(before: &Run, after: &Run) -> Vec<ChangedShare> {
    let is_same = before.scripts == after.scripts;
    let common = before.generated.min(after.generated);
    let pairs = after
        .divergences
        .iter()
        .filter_map(|now| Some((before.divergences.iter().find(|then| then.name == now.name)?, now)));
    let changed = pairs.filter_map(|(then, now)| {
        let new = if is_same { only_in(now, then, common) } else { Vec::new() };
        let differs = match is_same {
            true => !new.is_empty() || !only_in(then, now, common).is_empty(),
            false => is_beyond_chance((then.generated, before.generated), (now.generated, after.generated)),
        };
        differs.then(|| ChangedShare {
            name: now.name.clone(),
            before: (then.generated, before.generated),
            after: (now.generated, after.generated),
            replay: smallest(after, &new),
        })
    });
    changed.collect()
}

/// The numbers of the first `common` scripts that only the first of two counts has, as far as both list them.
fn only_in(one: &DivergenceCount, other: &DivergenceCount, common: u64) -> Vec<u64> {
    let listed = |count: &DivergenceCount| match count.first.len() < DivergenceCount::LISTED {
        true => common,
        false => count.first.last().map_or(0, |last| last + 1).min(common),
    };
    let end = listed(one).min(listed(other));
    one.first.difference(&other.first).copied().take_while(|number| *number < end).collect()
}

/// Whether two shares, each a count of so many, differ by more than three standard deviations of two counts that vary by
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

/// The commands that play the smallest of these scripts of a run, each made as small as it can be.
fn smallest(run: &Run, numbers: &[u64]) -> Vec<String> {
    let mut scripts: Vec<_> = numbers.iter().filter_map(|number| Sequence::script(run.seed, *number)).collect();
    scripts.sort_by_cached_key(|script| (script.steps().len(), script.encode()));
    let harness = Harness::with(run.profile, OWN_CLASSIFIERS);
    let least = scripts.iter().take(3).map(|script| judge::smallest(&harness, script).script);
    least.map(|script| command("explain", &script, run.profile)).collect()
}

impl DivergenceCount {
    /// The number of generated scripts that a count lists.
    const LISTED: usize = 1_000;

    /// Counts a generated script, by its number.
    pub(crate) fn count_generated(&mut self, number: u64) {
        self.generated += 1;
        self.first.insert(number);
        if self.first.len() > Self::LISTED {
            self.first.pop_last();
        }
    }
}

/// A digest of the first scripts that are generated from a seed: runs with the same digest play the same scripts.
pub(crate) fn digest_of_scripts(seed: u64) -> String {
    let mut hasher = FnvHasher::default();
    Sequence::of_scripts(seed, 0).take(BATCH as usize).for_each(|script| hasher.write(&script.encode()));
    format!("{:016x}", hasher.finish())
}
