//! Law 7, conduct: the client sends nothing that RFC 9113 forbids it to send, and sends what it has to.
//!
//! The model judges each frame of a client as it reads the exchange. Its other findings belong to the laws of what goes
//! wrong there: [`Law::Integrity`] for requests, and [`Law::Liveness`].

use super::{Law, Violation};
use crate::{comparison::Comparison, rfc9113::Fault};

pub(super) fn judge(comparison: &Comparison) -> Vec<Violation> {
    breaches(comparison, Law::Conduct)
}

/// The breaches of the rules that this law has.
pub(super) fn breaches(comparison: &Comparison, law: Law) -> Vec<Violation> {
    let sides = comparison.sides.each().into_iter();
    let violations = sides.flat_map(|side| {
        let breaches = side.model.breaches.iter().filter(move |breach| law_of(breach.fault) == law);
        breaches.map(move |breach| {
            let message = format!("{} ({})", breach.what, breach.clause);
            Violation { step: breach.step, ..Violation::new(law, Some(side.stack), breach.request, message) }
        })
    });
    violations.collect()
}

pub(super) fn law_of(fault: Fault) -> Law {
    match fault {
        Fault::Prohibited | Fault::Owed | Fault::Code => Law::Conduct,
        Fault::Altered => Law::Integrity,
        Fault::Reasonless | Fault::Stuck => Law::Liveness,
    }
}
