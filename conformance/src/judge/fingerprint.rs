//! What groups cases that break a law alike.

use crate::{
    comparison::Comparison,
    ledger::Judged,
    oracles::{Law, Violation},
    outcome::SideResult,
    vocabulary::{PerStack, StackName},
};
use std::fmt;

/// What breaks a law, without the details: which law, on which stack, and what both stacks came to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint<R = SideResult> {
    law: Law,
    stack: Option<StackName>,
    results: PerStack<R>,
}

impl<R> Fingerprint<R> {
    /// The fingerprint of what broke a law in a comparison.
    pub fn of<S: Judged<Result = R>>(comparison: &Comparison<S>, violation: &Violation) -> Fingerprint<R> {
        Fingerprint { law: violation.law, stack: violation.stack, results: S::results(comparison, violation) }
    }
}

/// In words, the same for all that are alike: a finding is known by them from one run to the next.
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
