//! The part of a run that is about what must not matter.

use crate::{
    comparison::Harness,
    judge::judge_transformation,
    metamorphic::{TRANSFORMATIONS, Transformation, settled},
    minimize::minimize,
    report::{BrokenTransformation, TransformationReport, case::replay},
    script::Script,
};
use std::collections::BTreeMap;

/// One generated script in so many is changed, which costs two more comparisons.
pub(super) const EVERY: usize = 32;

/// What came of the changed scripts of a run.
#[derive(Default)]
pub(super) struct MetamorphicTally {
    /// By the name of the change, how many scripts were changed.
    applied: BTreeMap<&'static str, u64>,
    /// By what it made different: in how many scripts, and one of them with the choice.
    broken: BTreeMap<String, (u64, &'static str, Script, usize)>,
}

impl MetamorphicTally {
    /// Makes the change that `choice` decides on, and looks at what it makes different.
    pub(super) fn try_one(&mut self, harness: &Harness, script: &Script, choice: usize) {
        self.try_transformation(
            harness,
            script,
            TRANSFORMATIONS[choice % TRANSFORMATIONS.len()],
            choice / TRANSFORMATIONS.len(),
        );
    }

    /// Makes every change.
    pub(super) fn try_all(&mut self, harness: &Harness, script: &Script, choice: usize) {
        for change in TRANSFORMATIONS {
            self.try_transformation(harness, script, change, choice);
        }
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
        if let Some(violation) = violations.first() {
            self.add_broken(violation.to_string(), 1, change.name, script, choice);
        }
    }

    fn add_broken(&mut self, what: String, cases: u64, change: &'static str, script: &Script, choice: usize) {
        let entry = self.broken.entry(what).or_insert_with(|| (0, change, script.clone(), choice));
        entry.0 += cases;
        if (script.steps().len(), script.encode()) < (entry.2.steps().len(), entry.2.encode()) {
            (entry.1, entry.2, entry.3) = (change, script.clone(), choice);
        }
    }

    pub(super) fn add(&mut self, other: MetamorphicTally) {
        for (change, scripts) in other.applied {
            *self.applied.entry(change).or_default() += scripts;
        }
        for (what, (cases, change, script, choice)) in other.broken {
            self.add_broken(what, cases, change, &script, choice);
        }
    }

    /// Every change, with how often it was made.
    pub(super) fn reports(&self) -> Vec<TransformationReport> {
        let report = |change: &&'static Transformation| TransformationReport {
            name: change.name,
            about: change.about,
            rfc: change.rfc,
            scripts: self.applied.get(change.name).copied().unwrap_or_default(),
        };
        TRANSFORMATIONS.iter().map(report).collect()
    }

    /// What made a difference, each with its script made smaller.
    pub(super) fn found(&self, harness: &Harness) -> Vec<BrokenTransformation> {
        let found = self.broken.values().filter_map(|(cases, name, script, choice)| {
            let change = *TRANSFORMATIONS.iter().find(|change| change.name == *name)?;
            let differs = |script: &Script| judge_transformation(harness, script, change, *choice).unwrap_or_default();
            let script = settled(&minimize(script, |candidate| !differs(candidate).is_empty()));
            let changed = (change.apply)(&script, *choice)?;
            Some(BrokenTransformation {
                change: change.name,
                rfc: change.rfc,
                scripts: *cases,
                message: differs(&script).first().map(ToString::to_string).unwrap_or_default(),
                before: replay(&script, harness.profile()),
                after: replay(&settled(&changed.script), harness.profile()),
            })
        });
        found.collect()
    }
}
