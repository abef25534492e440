//! The findings of a run: everything that nothing explains.

use super::{Case, Run, error_chain, explain::explain, layout::WIDTH, plain};
use crate::{
    error_chains::ErrorChain,
    judge::KnownBy,
    oracles::{Law, Violation},
    vocabulary::StackName,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Something that nothing explains, for readers who did not see the run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// What it is known by from one run to the next; equal for similar cases.
    pub id: String,
    /// The number of cases that show it.
    pub cases: u64,
    /// The smallest case, in full.
    pub rendered: String,
    /// The command that plays it again.
    pub replay: String,
}

/// A script that breaks a law, unexplained.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// The number of similar cases in the run.
    pub cases: u64,
    /// What it is known by from one run to the next.
    #[serde(flatten)]
    pub known_by: KnownBy,
    /// The smallest case, as `explain` shows it.
    pub rendered: String,
    /// The smallest case.
    pub smallest: Case,
}

/// A law that an error chain breaks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BrokenErrorChain {
    /// The number of error chains in the run that break it.
    pub error_chains: u64,
    /// The smallest of them.
    pub smallest: String,
    /// The stack whose types it was made of.
    pub stack: StackName,
    /// The law.
    pub law: Law,
    /// How it was broken.
    pub message: String,
    /// The command that plays it again.
    pub replay: String,
}

/// A metamorphic transformation that changed an outcome.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BrokenTransformation {
    /// The name of the transformation.
    pub change: String,
    /// The clause that makes it harmless.
    pub rfc: String,
    /// The number of scripts in which it changed the outcome in this way.
    pub scripts: u64,
    /// The change of the outcome in the smallest of them.
    pub message: String,
    /// The command that plays that script before the transformation.
    pub before: String,
    /// The command that plays it after the transformation.
    pub after: String,
}

impl Found {
    /// A number of similar cases, with the smallest of them.
    pub fn new(cases: u64, known_by: KnownBy, smallest: Case) -> Found {
        Found { cases, known_by, rendered: plain(&explain(&smallest, WIDTH)), smallest }
    }
}

impl BrokenErrorChain {
    /// A law that a number of error chains break, with the smallest of them.
    pub fn new(error_chains: u64, smallest: &ErrorChain, stack: StackName, violation: &Violation) -> BrokenErrorChain {
        BrokenErrorChain {
            error_chains,
            smallest: smallest.to_string(),
            stack,
            law: violation.law,
            message: violation.message.clone(),
            replay: error_chain::replay(smallest),
        }
    }

    /// What it is known by from one run to the next.
    pub fn known_by(&self) -> KnownBy {
        format!("error chains: {} on {}", self.law, self.stack).into()
    }
}

impl From<&Found> for Finding {
    fn from(found: &Found) -> Finding {
        let (id, replay) = (found.known_by.to_string(), found.smallest.replay.clone());
        Finding { id, cases: found.cases, rendered: found.rendered.clone(), replay }
    }
}

impl From<&BrokenErrorChain> for Finding {
    fn from(broken: &BrokenErrorChain) -> Finding {
        let BrokenErrorChain { error_chains, smallest, stack, law, message, replay } = broken;
        let rendered = format!("{smallest}\n{law}: {message} ({stack})\n{}\n", law.text());
        Finding { id: broken.known_by().to_string(), cases: *error_chains, rendered, replay: replay.clone() }
    }
}

impl From<&BrokenTransformation> for Finding {
    fn from(broken: &BrokenTransformation) -> Finding {
        let BrokenTransformation { change, rfc, scripts, message, before, after } = broken;
        let rendered = format!("{message}\n{rfc}\nbefore: {before}\nafter: {after}\n");
        let id = format!("change that must not matter: {change}");
        Finding { id, cases: *scripts, rendered, replay: after.clone() }
    }
}

impl Run {
    /// Everything that nothing explains: scripts, then error chains, then transformations that changed an outcome.
    pub fn findings(&self) -> Vec<Finding> {
        let scripts = self.violations.iter().map(Finding::from);
        let error_chains = self.broken_error_chains.iter().map(Finding::from);
        let transformations = self.broken_transformations.iter().map(Finding::from);
        scripts.chain(error_chains).chain(transformations).collect()
    }

    /// Whether the ledger explains everything that was found.
    pub fn is_clean(&self) -> bool {
        self.unexplained() == 0
    }

    /// The number of findings, plus the violations of clients that the earlier run of the baseline did not have.
    pub fn unexplained(&self) -> usize {
        self.findings().len() + self.baseline.as_ref().map_or(0, |baseline| baseline.wrong.len())
    }
}

/// Similar cases: the number of each kind, the size of the smallest, and the smallest.
#[derive(Debug)]
pub struct Similar<Kind, Size, Case>(pub BTreeMap<Kind, (u64, Size, Case)>);

impl<Kind, Size, Case> Default for Similar<Kind, Size, Case> {
    fn default() -> Self {
        Similar(BTreeMap::new())
    }
}

impl<Kind: Ord, Size: Ord, Case> Similar<Kind, Size, Case> {
    /// Adds a number of cases of one kind, with the smallest of them. Among cases of equal size the first is kept.
    pub fn add(&mut self, kind: Kind, cases: u64, size: Size, case: Case) {
        let Some(known) = self.0.get_mut(&kind) else {
            self.0.insert(kind, (cases, size, case));
            return;
        };
        known.0 += cases;
        if size < known.1 {
            (known.1, known.2) = (size, case);
        }
    }
}
