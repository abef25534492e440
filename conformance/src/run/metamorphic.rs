//! The metamorphic transformations of a run's scripts.

use super::findings::Size;
use crate::{
    comparison::Harness,
    judge::Settled,
    metamorphic::{TRANSFORMATIONS, Transformation, settled},
    minimize::minimize,
    oracles::Violation,
    report::{BrokenTransformation, Similar, case::command},
    script::Script,
};

/// One in this many generated scripts is transformed, which costs two more comparisons.
pub(super) const EVERY: usize = 32;

/// For each violation, the smallest script.
pub(super) type BrokenTransformations = Similar<Violation, Size, Applied>;

/// A script, with a transformation and the choice that it was applied with.
pub(super) type Applied = (Script, &'static Transformation, usize);

/// The transformation that `choice` selects, and the choice to apply it with.
pub(super) fn chosen(choice: usize) -> (&'static Transformation, usize) {
    (TRANSFORMATIONS[choice % TRANSFORMATIONS.len()], choice / TRANSFORMATIONS.len())
}

/// The transformations that changed an outcome, each with its script minimised.
pub(super) fn smallest(broken: &BrokenTransformations, harness: &Harness) -> Vec<BrokenTransformation> {
    let smallest = broken.0.values().filter_map(|(cases, _, (script, change, choice))| {
        let differs = |script: &Script| Settled::new(harness, script).judge(change, *choice).unwrap_or_default();
        let script = settled(&minimize(script, |candidate| !differs(candidate).is_empty()).script);
        let changed = (change.apply)(&script, *choice)?;
        Some(BrokenTransformation {
            change: change.name.into(),
            rfc: change.rfc.into(),
            scripts: *cases,
            message: differs(&script).first().map(ToString::to_string).unwrap_or_default(),
            before: command("explain", &script, harness.profile()),
            after: command("explain", &settled(&changed.script), harness.profile()),
        })
    });
    smallest.collect()
}
