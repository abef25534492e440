//! Groups similar unexplained scripts, so that a long run ends with a handful of findings.

use crate::{
    comparison::Harness,
    judge::{Fingerprint, Judgement, judge, known_by, smallest},
    ledger::applicable,
    report::{Found, Similar},
    script::Script,
};

/// Scripts that break a law. Each has a name if it is a corpus file.
#[derive(Default)]
pub(super) struct Findings(Similar<Kind, Size, (Script, Option<String>)>);

/// What similar scripts have in common: the fingerprint and, once minimised, the ledger entries whose repair does not
/// explain them.
type Kind = (Option<Fingerprint>, Vec<&'static str>);

/// The number of steps, then the bytes.
pub(super) type Size = (usize, Vec<u8>);

pub(super) fn size(script: &Script) -> Size {
    (script.steps().len(), script.encode())
}

impl Findings {
    /// Adds a script that nothing explains.
    pub(super) fn add(&mut self, name: Option<&str>, script: Script, judgement: &Judgement) {
        let kind = (judgement.fingerprint(), Vec::new());
        self.0.add(kind, 1, size(&script), (script, name.map(str::to_owned)));
    }

    /// The findings, smallest first, each with its smallest script minimised. Those that are similar then are merged.
    pub(super) fn found(&self, harness: &Harness) -> Vec<Found> {
        let mut smaller = Similar::default();
        for (cases, _, (script, name)) in self.0.0.values() {
            let script = smallest(harness, script).script;
            let judgement = judge(harness, &script);
            let kind = (judgement.fingerprint(), applicable(&script, &judgement.comparison));
            smaller.add(kind, *cases, size(&script), (script, name.clone()));
        }
        let mut findings: Vec<_> = smaller.0.into_values().collect();
        findings.sort_by(|(_, one, _), (_, next, _)| one.cmp(next));
        let found = findings.into_iter().enumerate().map(|(number, (cases, _, (script, name)))| {
            let name = name.unwrap_or_else(|| format!("generated-{}", number + 1));
            let judgement = judge(harness, &script);
            let known_by = known_by(&judgement, &script);
            Found::new(cases, known_by, judgement.into_case(&name, &script))
        });
        found.collect()
    }
}
