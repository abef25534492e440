//! What nothing explains, each with its like: a long run comes to a handful of findings, however often it met them.

use super::judge;
use crate::{minimize::minimize, oracles::Violation, report::Found, script::Script, trial::Laboratory};
use std::collections::BTreeMap;

/// Scripts that break a law, by what they break: the law, and what both stacks made of it.
#[derive(Default)]
pub(super) struct Findings(BTreeMap<String, Finding>);

struct Finding {
    /// How many scripts there were.
    cases: u64,
    /// The smallest of them.
    script: Script,
    /// The name of that, if it has one.
    name: Option<String>,
}

impl Findings {
    /// A script that breaks these laws.
    pub(super) fn add(&mut self, name: Option<&str>, script: Script, violations: &[Violation]) {
        self.insert(alike(violations), Finding { cases: 1, script, name: name.map(str::to_owned) });
    }

    pub(super) fn extend(&mut self, other: Findings) {
        for (alike, finding) in other.0 {
            self.insert(alike, finding);
        }
    }

    fn insert(&mut self, alike: String, finding: Finding) {
        match self.0.get_mut(&alike) {
            None => drop(self.0.insert(alike, finding)),
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
    pub(super) fn found(&self, laboratory: &Laboratory) -> Vec<Found> {
        let mut smaller = Findings::default();
        for Finding { cases, script, name } in self.0.values() {
            let script = smallest(laboratory, script);
            let alike = alike(&judge(laboratory, &script).violations);
            smaller.insert(alike, Finding { cases: *cases, script, name: name.clone() });
        }
        let mut findings: Vec<Finding> = smaller.0.into_values().collect();
        findings.sort_by_key(|finding| size(&finding.script));
        let found = findings.into_iter().enumerate().map(|(number, Finding { cases, script, name })| {
            let name = name.unwrap_or_else(|| format!("generated-{}", number + 1));
            Found { cases, smallest: judge(laboratory, &script).into_case(&name, &script) }
        });
        found.collect()
    }
}

/// The smallest script found that breaks the same law as this one, and that the same entries of the ledger explain, or
/// none; this one if it breaks none.
pub fn smallest(laboratory: &Laboratory, script: &Script) -> Script {
    let broken = |script: &Script| {
        let judgement = judge(laboratory, script);
        let law = judgement.violations.first().map(|violation| violation.law);
        let entries: Vec<&str> = judgement.divergences.iter().map(|entry| entry.name).collect();
        law.map(|law| (law, judgement.unexplained, entries))
    };
    match broken(script) {
        None => script.clone(),
        before => minimize(script, |candidate| broken(candidate) == before),
    }
}

/// What makes two findings alike: the law and what was seen, wherever it was.
fn alike(violations: &[Violation]) -> String {
    violations.first().map(|violation| format!("{}: {}", violation.law, violation.message)).unwrap_or_default()
}

fn size(script: &Script) -> (usize, Vec<u8>) {
    (script.steps().len(), script.encode())
}
