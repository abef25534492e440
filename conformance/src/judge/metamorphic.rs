use crate::{
    comparison::Harness,
    metamorphic::{Transformation, settled},
    oracles::{Violation, invariance},
    script::Script,
};

/// What the change makes different in the script; `None` if it cannot be made.
pub fn judge_transformation(
    harness: &Harness,
    script: &Script,
    change: &Transformation,
    choice: usize,
) -> Option<Vec<Violation>> {
    let script = settled(script);
    let changed = (change.apply)(&script, choice)?;
    let (before, after) = (harness.run(&script), harness.run(&settled(&changed.script)));
    Some(invariance::judge(change, &before, &after, changed.earlier))
}
