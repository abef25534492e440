//! Law 1: the same error is read alike on both stacks.
//!
//! Two halves. Every link that is of one of the stack's own types is read as that; the stack's adapter says which types
//! are its own, so that a reader that asks for the wrong one is caught by name. And where the chains of both stacks are
//! equal, and the phases, the verdicts are too. There are no exceptions to this law.

use super::{Law, Oracle, Violation};
use crate::{
    chain::Link,
    comparison::Comparison,
    outcome::{RequestOutcome, Side},
    stacks::{End, own_type},
};
use std::error::Error;

/// The oracle of law 1.
pub struct Agreement;

impl Oracle for Agreement {
    fn law(&self) -> Law {
        Law::Agreement
    }

    fn judge(&self, comparison: &Comparison) -> Vec<Violation> {
        let mut violations: Vec<Violation> = comparison.sides.each().into_iter().flat_map(unread_types).collect();
        let [legacy, modern] = comparison.sides.each().map(|side| &side.outcome.requests);
        let pairs = legacy.iter().zip(modern);
        for (number, (legacy, modern)) in pairs.enumerate() {
            violations.extend(unequal_verdicts(legacy, modern).map(|message| violation(number, message)));
        }
        violations
    }
}

fn violation(request: usize, message: String) -> Violation {
    Violation { law: Law::Agreement, stack: None, request: Some(request), message }
}

/// The outermost link that is of the stack's own types and was not read as such, for every request.
fn unread_types(side: &Side) -> Vec<Violation> {
    let requests = side.observation.requests.iter().zip(&side.outcome.requests).enumerate();
    requests
        .filter_map(|(number, (seen, outcome))| {
            let End::Failed(_, error) = &seen.end else { return None };
            let mut next: Option<&(dyn Error + 'static)> = Some(error.as_ref().as_ref());
            for (depth, link) in outcome.chain()?.links.iter().enumerate() {
                let name = next.and_then(own_type(side.stack));
                if let Some(name) = name
                    && !matches!(link, Link::Hyper(_) | Link::H2(_))
                {
                    let message = format!(
                        "the {} reader missed the type of link {depth}: it is {name}, and was read as {link}",
                        side.stack
                    );
                    return Some(violation(number, message));
                }
                next = next.and_then(Error::source);
            }
            None
        })
        .collect()
}

fn unequal_verdicts(legacy: &RequestOutcome, modern: &RequestOutcome) -> Option<String> {
    let (theirs, ours) = (legacy.verdict()?, modern.verdict()?);
    (legacy.phase == modern.phase && legacy.chain() == modern.chain() && theirs != ours)
        .then(|| format!("equal chains get unequal verdicts: legacy says {theirs}, modern says {ours}"))
}
