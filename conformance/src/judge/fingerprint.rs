//! Fingerprints group cases that break a law in the same way.

use crate::{
    comparison::Comparison,
    ledger::Judged,
    oracles::{Law, Violation},
    outcome::SideResult,
    vocabulary::{PerStack, StackName},
};
use std::fmt;

/// A violation without its details: the law, the stack, and the results on both stacks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint<R = SideResult> {
    law: Law,
    stack: Option<StackName>,
    results: PerStack<R>,
}

impl<R> Fingerprint<R> {
    /// The fingerprint of a violation in a comparison.
    pub fn of<S: Judged<Result = R>>(comparison: &Comparison<S>, violation: &Violation) -> Fingerprint<R> {
        Fingerprint { law: violation.law, stack: violation.stack, results: S::results(comparison, violation) }
    }
}

/// As text: a finding is known by it from one run to the next.
impl<R: fmt::Display> fmt::Display for Fingerprint<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.law)?;
        if let Some(stack) = self.stack {
            write!(f, " on {stack}")?;
        }
        let results: Vec<_> = self.results.iter().map(|(stack, result)| format!("{result} on {stack}")).collect();
        write!(f, ": {}", results.join(", "))
    }
}
