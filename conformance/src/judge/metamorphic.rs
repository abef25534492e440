use super::judge_comparison;
use crate::{
    comparison::Harness,
    ledger::ATTEMPTS,
    metamorphic::{Transformation, settled},
    oracles::{Violation, invariance},
    script::Script,
};

/// The violations that a transformation causes in a script; `None` if it does not apply to the script.
pub fn judge_transformation(
    harness: &Harness,
    script: &Script,
    change: &Transformation,
    choice: usize,
) -> Option<Vec<Violation>> {
    let script = settled(script);
    let changed = (change.apply)(&script, choice)?;
    let settled = settled(&changed.script);
    let (before, after) = (harness.run(&script), harness.run(&settled));
    let mut violations = invariance::judge(change, &before, &after, changed.earlier);
    if settled.requests().count() > script.requests().count() {
        // No request before is like an added one: the laws judge it.
        let judgement = judge_comparison(harness, &settled, after, ATTEMPTS);
        violations.extend(judgement.violations.into_iter().filter(|_| judgement.unexplained));
    }
    Some(violations)
}
