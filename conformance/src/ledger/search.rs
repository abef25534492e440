//! The search for repairs that leave nothing wrong, for clients and servers alike.

use super::{Divergence, Right};
use crate::{
    comparison::{Comparison, Harness},
    oracles::{Law, Violation},
    script::{Script, Step},
    vocabulary::{PerStack, StackName},
};
use std::{fmt, hash::Hash};

/// A side of a comparison, of clients or of servers: what breaks the laws, and the ledger that explains it.
pub trait Judged: Sized + 'static {
    /// What removes the triggers of an entry.
    type Repair: 'static;

    /// The outcome of one side, without the details: equal for cases that are alike.
    type Result: Clone + Eq + Hash + fmt::Display;

    /// Every known divergence, in the order in which their repairs are tried.
    const LEDGER: &'static [&'static Divergence<Self::Repair>];

    /// The law that has no exceptions: no entry explains what breaks it.
    const UNCONDITIONAL: Law;

    /// What breaks the laws in a comparison, explained or not.
    fn violations(comparison: &Comparison<Self>) -> Vec<Violation>;

    /// What both sides came to where this law is broken.
    fn results(comparison: &Comparison<Self>, violation: &Violation) -> PerStack<Self::Result>;

    /// How far the script went well: a step or a number of frames; `None` if nothing is wrong.
    fn fault(comparison: &Comparison<Self>) -> Option<usize>;

    /// A script and its comparison, as repairs read them: read once for all entries.
    type Reading<'r>;

    /// Reads a script and its comparison for repairs.
    fn reading<'r>(script: &'r Script, comparison: &'r Comparison<Self>) -> Self::Reading<'r>;

    /// The script with an entry's triggers before the fault repaired; `None` if there are none.
    fn repaired(entry: &Divergence<Self::Repair>, reading: &Self::Reading<'_>, fault: usize) -> Option<Script>;

    /// The same exchange, sent so that repairs can read and edit it.
    fn readable(script: &Script) -> Script;

    /// The script that plays these steps of another one.
    fn whole(part: &Script) -> Script;
}

/// The maximum number of scripts played for one explanation: a repair can let the exchange run into the next trigger,
/// and the most promising repair can be a dead end.
pub const ATTEMPTS: usize = 1_000;

/// The maximum number of steps played for one explanation, which bounds the time for floods: most scripts have about
/// ten steps.
const EFFORT: usize = 150_000;

/// What explains a script that breaks laws.
pub struct Explanation<S: Judged> {
    /// The entries that were repaired.
    pub entries: Vec<&'static Divergence<S::Repair>>,
    /// The script after these repairs, with which nothing is wrong.
    pub repaired: Script,
}

/// Searches for the entries whose repairs leave nothing wrong with the script of `comparison`; `None` if none do. Plays
/// at most `attempts` scripts, and stops after 150,000 steps: a search that finds nothing by then explains nothing.
/// `violations` are those of the comparison.
pub fn explain<S: Judged>(
    harness: &Harness<S>,
    script: &Script,
    comparison: &Comparison<S>,
    violations: &[Violation],
    attempts: usize,
) -> Option<Explanation<S>> {
    let readable = S::readable(script);
    let again = (readable != *script).then(|| harness.run(&readable)).filter(|again| S::fault(again).is_some());
    let are_alike = again.as_ref().map_or_else(|| are_alike(violations), |again| are_alike(&S::violations(again)));
    let (script, comparison) = again.as_ref().map_or((script, comparison), |again| (&readable, again));
    if are_alike && !neither_is_right(script, comparison) {
        return None;
    }
    let mut search = Search { harness, attempts, effort: EFFORT, played: vec![script.clone()], used: Vec::new() };
    let repaired = search.repaired(script, comparison)?;
    Some(Explanation { entries: search.used, repaired })
}

/// Whether both sides break a law in the same way. That is no difference in which one of them is right, although the
/// repair of such a difference can hide it.
fn are_alike(violations: &[Violation]) -> bool {
    let of = |stack| violations.iter().filter(move |violation| violation.stack == Some(stack));
    let same = |one: &Violation, other: &Violation| {
        (one.law, one.request, &one.message) == (other.law, other.request, &other.message)
    };
    of(StackName::Legacy).any(|legacy| of(StackName::Modern).any(|modern| same(legacy, modern)))
}

/// Whether an entry in which neither side is right has a trigger in the script.
fn neither_is_right<S: Judged>(script: &Script, comparison: &Comparison<S>) -> bool {
    let reading = S::reading(script, comparison);
    let mut of_both = S::LEDGER.iter().filter(|entry| entry.right() == Right::Neither);
    of_both.any(|entry| S::repaired(entry, &reading, usize::MAX).is_some())
}

/// The names of the entries that have a trigger in the script, up to the first fault of its comparison.
pub fn applicable<S: Judged>(script: &Script, comparison: &Comparison<S>) -> Vec<&'static str> {
    let Some(fault) = S::fault(comparison) else { return Vec::new() };
    let reading = S::reading(script, comparison);
    let applies = |entry: &&&Divergence<S::Repair>| S::repaired(entry, &reading, fault).is_some();
    S::LEDGER.iter().filter(applies).map(|entry| entry.name).collect()
}

/// A search for repairs that leave nothing wrong, most promising first.
struct Search<'h, S: Judged> {
    harness: &'h Harness<S>,
    /// The number of scripts that may still be played.
    attempts: usize,
    /// The number of steps that may still be played.
    effort: usize,
    /// Every script played: repairs in another order often give the same script.
    played: Vec<Script>,
    /// The entries whose repairs are in the current script.
    used: Vec<&'static Divergence<S::Repair>>,
}

impl<S: Judged> Search<'_, S> {
    /// The script after the repairs that leave nothing wrong with it.
    fn repaired(&mut self, script: &Script, comparison: &Comparison<S>) -> Option<Script> {
        let Some(fault) = S::fault(comparison) else { return Some(script.clone()) };
        let reading = S::reading(script, comparison);
        let mut attempts: Vec<Attempt<S>> = Vec::new();
        for entry in S::LEDGER {
            if self.attempts == 0 || self.effort == 0 {
                break;
            }
            let Some(repaired) = S::repaired(entry, &reading, fault) else { continue };
            if self.played.contains(&repaired) {
                continue;
            }
            self.attempts -= 1;
            self.effort = self.effort.saturating_sub(repaired.steps().len());
            self.played.push(repaired.clone());
            let comparison = self.harness.run(&repaired);
            let reached = S::fault(&comparison);
            if reached.is_none() {
                self.note(entry);
                return Some(repaired);
            }
            attempts.push(Attempt { entry, repaired, reached, comparison });
        }
        // No single repair is enough. The repair after which the script goes well for longest is tried first.
        attempts.sort_by_key(|attempt| std::cmp::Reverse(attempt.reached));
        attempts.iter().find_map(|attempt| {
            let before = self.used.len();
            self.note(attempt.entry);
            let repaired = self.repaired(&attempt.repaired, &attempt.comparison);
            if repaired.is_none() {
                self.used.truncate(before);
            }
            repaired
        })
    }

    fn note(&mut self, entry: &'static Divergence<S::Repair>) {
        if !self.used.iter().any(|known| known.name == entry.name) {
            self.used.push(entry);
        }
    }
}

/// A script with one more entry repaired.
struct Attempt<S: Judged> {
    entry: &'static Divergence<S::Repair>,
    repaired: Script,
    comparison: Comparison<S>,
    reached: Option<usize>,
}

/// The script of these steps, each replaced by the steps that `repair` returns for its index, if any; `None` if no step
/// is replaced.
pub(crate) fn with_repairs(steps: &[Step], repair: impl Fn(usize) -> Option<Vec<Step>>) -> Option<Script> {
    let mut repaired = Vec::with_capacity(steps.len());
    let mut any = false;
    for (index, step) in steps.iter().enumerate() {
        match repair(index) {
            Some(others) => {
                any = true;
                repaired.extend(others);
            }
            None => repaired.push(step.clone()),
        }
    }
    any.then(|| Script::new(repaired))
}
