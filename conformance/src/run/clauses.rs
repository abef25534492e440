//! Counts which clauses of RFC 9113 a run reaches, how often, and in which scenarios.

use crate::{
    report::ClauseReport,
    rfc9113::{Clause, Clauses},
};

/// The counts of clauses. They do not depend on the order in which parts are added.
pub(super) struct ClauseTally {
    /// The number of scripts that reached each clause, by its index in [`Clause::ALL`].
    scripts: [u64; Clause::ALL.len()],
    /// The name of each scenario, with the clauses that it reached.
    scenarios: Vec<(String, Clauses)>,
}

impl Default for ClauseTally {
    fn default() -> ClauseTally {
        ClauseTally { scripts: [0; Clause::ALL.len()], scenarios: Vec::new() }
    }
}

impl ClauseTally {
    /// Counts a script that reached these clauses.
    pub(super) fn count(&mut self, met: Clauses) {
        for clause in met.iter() {
            self.scripts[clause as usize] += 1;
        }
    }

    /// Notes a scenario that reached these clauses.
    pub(super) fn note(&mut self, scenario: &str, met: Clauses) {
        self.scenarios.push((scenario.to_owned(), met));
    }

    pub(super) fn add(&mut self, other: ClauseTally) {
        for (scripts, more) in self.scripts.iter_mut().zip(other.scripts) {
            *scripts += more;
        }
        self.scenarios.extend(other.scenarios);
    }

    /// Every clause, with what reached it.
    pub(super) fn reports(&self) -> Vec<ClauseReport> {
        let report = |clause: &Clause| {
            let scenarios = self.scenarios.iter().filter(|(_, met)| met.contains(*clause));
            ClauseReport {
                name: clause.name().into(),
                section: clause.section().into(),
                text: clause.text().into(),
                required: clause.is_required(),
                scenarios: scenarios.map(|(scenario, _)| scenario.clone()).collect(),
                scripts: self.scripts[*clause as usize],
            }
        };
        Clause::ALL.iter().map(report).collect()
    }
}
