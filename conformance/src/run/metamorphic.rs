//! The metamorphic transformations of a run's scripts.

use super::findings::{Size, size};
use crate::{
    comparison::Harness,
    judge::judge_transformation,
    metamorphic::{TRANSFORMATIONS, Transformation, settled},
    minimize::minimize,
    oracles::Violation,
    report::{BrokenTransformation, Similar, TransformationReport, case::replay},
    script::Script,
};
use std::collections::BTreeMap;

/// One in this many generated scripts is transformed, which costs two more comparisons.
pub(super) const EVERY: usize = 32;

/// The outcome of a run's transformations.
#[derive(Default)]
pub(super) struct MetamorphicTally {
    /// By the name of the transformation, the number of scripts that it was applied to.
    applied: BTreeMap<&'static str, u64>,
    /// For each violation, the smallest script.
    broken: Similar<Violation, Size, Applied>,
}

/// A script, with a transformation and the choice that it was applied with.
type Applied = (Script, &'static Transformation, usize);

impl MetamorphicTally {
    /// Applies the transformation that `choice` selects.
    pub(super) fn try_one(&mut self, harness: &Harness, script: &Script, choice: usize) {
        let change = TRANSFORMATIONS[choice % TRANSFORMATIONS.len()];
        self.try_transformation(harness, script, change, choice / TRANSFORMATIONS.len());
    }

    /// Applies each transformation.
    pub(super) fn try_all(&mut self, harness: &Harness, script: &Script, choice: usize) {
        TRANSFORMATIONS.iter().for_each(|change| self.try_transformation(harness, script, change, choice));
    }

    fn try_transformation(
        &mut self,
        harness: &Harness,
        script: &Script,
        change: &'static Transformation,
        choice: usize,
    ) {
        let Some(violations) = judge_transformation(harness, script, change, choice) else { return };
        *self.applied.entry(change.name).or_default() += 1;
        if let Some(violation) = violations.into_iter().next() {
            self.broken.add(violation, 1, size(script), (script.clone(), change, choice));
        }
    }

    pub(super) fn add(&mut self, other: MetamorphicTally) {
        for (change, scripts) in other.applied {
            *self.applied.entry(change).or_default() += scripts;
        }
        self.broken.extend(other.broken);
    }

    /// Every transformation, with the number of scripts that it was applied to.
    pub(super) fn reports(&self) -> Vec<TransformationReport> {
        let report = |change: &&'static Transformation| TransformationReport {
            name: change.name.into(),
            about: change.about.into(),
            rfc: change.rfc.into(),
            scripts: self.applied.get(change.name).copied().unwrap_or_default(),
        };
        TRANSFORMATIONS.iter().map(report).collect()
    }

    /// The transformations that changed an outcome, each with its script minimised.
    pub(super) fn found(&self, harness: &Harness) -> Vec<BrokenTransformation> {
        let found = self.broken.0.values().filter_map(|(cases, _, (script, change, choice))| {
            let differs = |script: &Script| judge_transformation(harness, script, change, *choice).unwrap_or_default();
            let script = settled(&minimize(script, |candidate| !differs(candidate).is_empty()));
            let changed = (change.apply)(&script, *choice)?;
            Some(BrokenTransformation {
                change: change.name.into(),
                rfc: change.rfc.into(),
                scripts: *cases,
                message: differs(&script).first().map(ToString::to_string).unwrap_or_default(),
                before: replay(&script, harness.profile()),
                after: replay(&settled(&changed.script), harness.profile()),
            })
        });
        found.collect()
    }
}
