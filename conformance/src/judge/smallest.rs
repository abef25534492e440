//! The smallest case of a finding, and what it is known by.

use super::{Fingerprint, Judgement, KnownBy, judge_comparison};
use crate::{
    comparison::Harness,
    ledger::{ATTEMPTS, Judged, applicable},
    minimize::{Minimized, minimize},
    script::Script,
};
use std::iter::successors;

/// What the finding of an unexplained script is known by from one run to the next: its fingerprint, and the ledger
/// entries whose repair does not explain it.
pub fn known_by<S: Judged>(judgement: &Judgement<S>, script: &Script) -> KnownBy {
    let in_vain = applicable(script, &judgement.comparison).into_iter().map(str::to_owned);
    KnownBy { fingerprint: judgement.like(), repaired_in_vain: in_vain.collect() }
}

/// What a smaller script must keep.
#[derive(PartialEq)]
struct Kept<R> {
    fingerprint: Fingerprint<R>,
    unexplained: bool,
    entries: Vec<&'static str>,
}

/// The smallest script found that breaks the same law as this one, with the same results, and that the same ledger
/// entries explain, or none. It is never larger, and no other entry has a trigger in it. Returns this script if it breaks
/// no law.
pub fn smallest<S: Judged>(harness: &Harness<S>, script: &Script) -> Minimized {
    let kept = |script: &Script, attempts| {
        let comparison = harness.run(script);
        let in_vain = applicable(script, &comparison);
        let judgement = judge_comparison(harness, script, comparison, attempts);
        let entries = judgement.divergences.iter().map(|entry| entry.name).collect();
        let kept = Kept { fingerprint: judgement.fingerprint()?, unexplained: judgement.unexplained, entries };
        Some((kept, in_vain))
    };
    let unchanged = || Minimized { script: script.clone(), is_exhausted: false };
    let Some((before, triggers)) = kept(script, ATTEMPTS) else { return unchanged() };
    let keeps = |script: &Script, attempts| {
        kept(script, attempts)
            .is_some_and(|(kept, others)| kept == before && others.iter().all(|other| triggers.contains(other)))
    };
    let minimized = |attempts| {
        let Minimized { script, is_exhausted } = minimize(script, |part| keeps(&S::whole(part), attempts));
        Minimized { script: S::whole(&script), is_exhausted }
    };
    if before.unexplained {
        let smaller = minimized(FEW_ATTEMPTS);
        // With more attempts the smaller case can have another explanation.
        return if keeps(&smaller.script, ATTEMPTS) { smaller } else { minimized(ATTEMPTS) };
    }
    let more = |attempts: &usize| Some(2 * attempts).filter(|attempts| *attempts < ATTEMPTS);
    let mut enough = successors(Some(FEW_ATTEMPTS), more).filter(|attempts| keeps(script, *attempts));
    // A smaller case does not need more attempts.
    minimized(enough.next().unwrap_or(ATTEMPTS))
}

/// The number of attempts at first: most smaller cases of an unexplained script would use up all of [`ATTEMPTS`].
const FEW_ATTEMPTS: usize = 20;
