//! What nothing explains, each with its like: a long run comes to a handful of findings, however often it met them.

use crate::{
    comparison::Harness,
    judge::{Fingerprint, Judgement, judge, known_by, smallest},
    ledger::applicable,
    report::Found,
    script::Script,
};
use std::collections::BTreeMap;

/// Scripts that break a law, those together that are alike.
#[derive(Default)]
pub(super) struct Findings(BTreeMap<Group, Finding>);

/// What findings have in common: what breaks a law first, and, once they are as small as can be, the entries of the ledger
/// that were repaired in vain.
type Group = (Option<Fingerprint>, Vec<&'static str>);

struct Finding {
    /// How many scripts there were.
    cases: u64,
    /// The smallest of them.
    script: Script,
    /// The name of that, if it has one.
    name: Option<String>,
}

impl Findings {
    /// A script that nothing explains.
    pub(super) fn add(&mut self, name: Option<&str>, script: Script, judgement: &Judgement) {
        self.insert((judgement.fingerprint(), Vec::new()), Finding { cases: 1, script, name: name.map(str::to_owned) });
    }

    pub(super) fn extend(&mut self, other: Findings) {
        for (group, finding) in other.0 {
            self.insert(group, finding);
        }
    }

    fn insert(&mut self, group: Group, finding: Finding) {
        match self.0.get_mut(&group) {
            None => drop(self.0.insert(group, finding)),
            Some(known) => {
                let cases = known.cases + finding.cases;
                if size(&finding.script) < size(&known.script) {
                    *known = finding;
                }
                known.cases = cases;
            }
        }
    }

    /// The findings, each with its smallest script made smaller still; those that come to the same then are one.
    pub(super) fn found(&self, harness: &Harness) -> Vec<Found> {
        let mut smaller = Findings::default();
        for Finding { cases, script, name } in self.0.values() {
            let script = smallest(harness, script);
            let judgement = judge(harness, &script);
            let group = (judgement.fingerprint(), applicable(&script, &judgement.comparison));
            smaller.insert(group, Finding { cases: *cases, script, name: name.clone() });
        }
        let mut findings: Vec<Finding> = smaller.0.into_values().collect();
        findings.sort_by_key(|finding| size(&finding.script));
        let found = findings.into_iter().enumerate().map(|(number, Finding { cases, script, name })| {
            let name = name.unwrap_or_else(|| format!("generated-{}", number + 1));
            let judgement = judge(harness, &script);
            let like = known_by(&judgement, &script);
            Found::new(cases, like, judgement.into_case(&name, &script))
        });
        found.collect()
    }
}

fn size(script: &Script) -> (usize, Vec<u8>) {
    (script.steps().len(), script.encode())
}
