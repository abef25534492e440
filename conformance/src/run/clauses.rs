//! Which clauses of RFC 9113 a run meets, how often, and by which scenarios.

use crate::{
    report::ClauseReport,
    rfc9113::{Clause, Clauses},
};

/// What is counted of clauses. The sums do not depend on the order in which parts are added.
pub(super) struct ClauseTally {
    /// How many scripts met each clause, by its place in [`Clause::ALL`].
    scripts: [u64; Clause::ALL.len()],
    /// The name of each scenario, with the clauses that it met.
    scenarios: Vec<(String, Clauses)>,
}

impl Default for ClauseTally {
    fn default() -> ClauseTally {
        ClauseTally { scripts: [0; Clause::ALL.len()], scenarios: Vec::new() }
    }
}

impl ClauseTally {
    /// A script met these.
    pub(super) fn count(&mut self, met: Clauses) {
        for clause in met.iter() {
            self.scripts[clause as usize] += 1;
        }
    }

    /// A scenario met these.
    pub(super) fn note(&mut self, scenario: &str, met: Clauses) {
        self.scenarios.push((scenario.to_owned(), met));
    }

    pub(super) fn add(&mut self, other: ClauseTally) {
        for (scripts, more) in self.scripts.iter_mut().zip(other.scripts) {
            *scripts += more;
        }
        self.scenarios.extend(other.scenarios);
    }

    /// Every clause, with what met it.
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
