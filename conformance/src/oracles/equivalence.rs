//! Law 2: the same script has the same outcome on both stacks.

use super::{Law, Oracle, Violation};
use crate::{
    comparison::Comparison,
    http2::View,
    outcome::{Outcome, OutcomeEnd, RequestOutcome, Side},
    peer::Event,
};
use std::fmt::Debug;

/// The oracle of law 2.
pub struct Equivalence;

impl Oracle for Equivalence {
    fn law(&self) -> Law {
        Law::Equivalence
    }

    fn judge(&self, comparison: &Comparison) -> Vec<Violation> {
        let [legacy, modern] = comparison.sides.each().map(|side| &side.outcome);
        if legacy == modern {
            return Vec::new();
        }
        let mut violations = Vec::new();
        for (number, (legacy, modern)) in legacy.requests.iter().zip(&modern.requests).enumerate() {
            if let Some(message) = difference(legacy, modern) {
                violations.push(Violation { law: Law::Equivalence, stack: None, request: Some(number), message });
            }
        }
        let connection = [
            unequal("the client's RST_STREAM frames", &resets(legacy), &resets(modern)),
            unequal("the client's GOAWAY frames", &goaways(legacy), &goaways(modern)),
        ];
        for message in connection.into_iter().flatten() {
            violations.push(Violation { law: Law::Equivalence, stack: None, request: None, message });
        }
        violations
    }
}

fn difference(legacy: &RequestOutcome, modern: &RequestOutcome) -> Option<String> {
    let end = (legacy.end != modern.end || legacy.phase != modern.phase)
        .then(|| format!("it ended differently: legacy {}, modern {}", ended(legacy), ended(modern)));
    end.or_else(|| unequal("the status", &legacy.status, &modern.status))
        .or_else(|| unequal("the headers", &legacy.headers, &modern.headers))
        .or_else(|| unequal("the length of the body", &legacy.body.len(), &modern.body.len()))
        .or_else(|| unequal("the content of the body", &legacy.body, &modern.body))
        .or_else(|| unequal("the trailers", &legacy.trailers, &modern.trailers))
        .or_else(|| unequal("whether it was written", &legacy.written, &modern.written))
}

fn unequal<T: PartialEq + Debug>(what: &str, legacy: &T, modern: &T) -> Option<String> {
    (legacy != modern).then(|| format!("{what} differ: legacy {legacy:?}, modern {modern:?}"))
}

fn resets(outcome: &Outcome) -> Vec<String> {
    outcome.resets.iter().map(|(stream, code)| format!("{code} on {stream}")).collect()
}

fn goaways(outcome: &Outcome) -> Vec<String> {
    outcome.goaways.iter().map(ToString::to_string).collect()
}

fn ended(outcome: &RequestOutcome) -> String {
    match &outcome.end {
        OutcomeEnd::Open => format!("open in its {}", outcome.phase),
        OutcomeEnd::Complete => format!("complete in its {}", outcome.phase),
        OutcomeEnd::Failed(chain, _) => format!("failed in its {} with {chain}", outcome.phase),
    }
}

/// The last step that had begun when the outcomes first differed; `None` if they do not.
///
/// What differs first is either a request that ended, or a RST_STREAM or GOAWAY that one client sent and the other did
/// not; the earlier of both clients counts.
pub fn point_of_divergence(comparison: &Comparison) -> Option<usize> {
    let [legacy, modern] = comparison.sides.each().map(|side| &side.outcome);
    if legacy == modern {
        return None;
    }
    let pairs = legacy.requests.iter().zip(&modern.requests).enumerate();
    let different = pairs.filter(|(_, (legacy, modern))| legacy != modern).map(|(number, _)| number);
    let ends =
        different.flat_map(|number| comparison.sides.each().map(|side| side.observation.record.step_at_end(number)));
    ends.chain(first_different_shutdown(comparison)).flatten().min().or(Some(0))
}

/// Where the clients' RST_STREAM and GOAWAY frames part.
fn first_different_shutdown(comparison: &Comparison) -> [Option<usize>; 2] {
    let [legacy, modern] = comparison.sides.each().map(shutdowns);
    let common = legacy.iter().zip(&modern).take_while(|(legacy, modern)| legacy.1 == modern.1).count();
    [legacy.get(common).map(|sent| sent.0), modern.get(common).map(|sent| sent.0)]
}

/// The client's RST_STREAM and GOAWAY frames, each with the last step that had begun by then.
fn shutdowns(side: &Side) -> Vec<(usize, String)> {
    let record = &side.observation.record;
    let mut step = 0;
    let mut found = Vec::new();
    for event in &record.events {
        match event {
            Event::Step(begun) => step = *begun,
            Event::Written(place) => {
                let Some(frame) = record.client_frame(place.clone()) else { continue };
                match frame.view() {
                    View::RstStream(code) => found.push((step, format!("{} {code}", frame.stream))),
                    View::GoAway { code, .. } => found.push((step, code.to_string())),
                    _ => {}
                }
            }
            _ => {}
        }
    }
    found
}
