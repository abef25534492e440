use crate::{
    comparison::Harness,
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
    let (before, after) = (harness.run(&script), harness.run(&settled(&changed.script)));
    Some(invariance::judge(change, &before, &after, changed.earlier))
}
