//! The smallest case of a finding, and what it is known by.

use super::{Judgement, KnownBy, judge_comparison};
use crate::{
    comparison::Harness,
    ledger::{ATTEMPTS, Judged, applicable},
    minimize::minimize,
    script::Script,
};
use std::iter::successors;

/// What the finding of an unexplained script is known by from one run to the next: its fingerprint, and the ledger
/// entries whose repair does not explain it.
pub fn known_by<S: Judged>(judgement: &Judgement<S>, script: &Script) -> KnownBy {
    let in_vain = applicable(script, &judgement.comparison).into_iter().map(str::to_owned);
    KnownBy { fingerprint: judgement.like(), repaired_in_vain: in_vain.collect() }
}

/// The smallest script found that breaks the same law as this one and that the same ledger entries explain, or none.
/// Returns this script if it breaks no law.
pub fn smallest<S: Judged>(harness: &Harness<S>, script: &Script) -> Script {
    let broken = |script: &Script, attempts| {
        let judgement = judge_comparison(harness, script, harness.run(script), attempts);
        let law = judgement.violations.first().map(|violation| violation.law);
        let entries: Vec<&str> = judgement.divergences.iter().map(|entry| entry.name).collect();
        law.map(|law| (law, judgement.unexplained, entries))
    };
    let before = broken(script, ATTEMPTS);
    let minimized =
        |script: &Script, attempts| S::whole(&minimize(script, |part| broken(&S::whole(part), attempts) == before));
    match &before {
        None => script.clone(),
        Some((_, false, _)) => {
            let more = |attempts: &usize| Some(2 * attempts).filter(|attempts| *attempts < ATTEMPTS);
            let mut enough =
                successors(Some(FEW_ATTEMPTS), more).filter(|attempts| broken(script, *attempts) == before);
            // A smaller case does not need more attempts.
            let attempts = enough.next().unwrap_or(ATTEMPTS);
            minimized(script, attempts)
        }
        Some((_, true, _)) => {
            let smaller = minimized(script, FEW_ATTEMPTS);
            match broken(&smaller, ATTEMPTS) == before {
                true => smaller,
                // With more attempts the smaller case has another explanation.
                false => minimized(script, ATTEMPTS),
            }
        }
    }
}

/// The number of attempts at first: most smaller cases of an unexplained script would use up all of [`ATTEMPTS`].
const FEW_ATTEMPTS: usize = 20;
