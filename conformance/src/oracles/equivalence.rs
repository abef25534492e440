//! Law 2, equivalence: the same script has the same outcome on both stacks.

use super::{Law, Violation};
use crate::{
    comparison::Comparison,
    http2::{Frame, View},
    outcome::{OutcomeEnd, RequestOutcome, Side},
};
use std::fmt::{Debug, Display};

/// Judges whether both sides of a comparison have the same outcome.
pub(super) fn judge(comparison: &Comparison) -> Vec<Violation> {
    let [legacy, modern] = comparison.sides.each().map(|side| &side.outcome);
    if legacy == modern {
        return Vec::new();
    }
    let pairs = legacy.requests.iter().zip(&modern.requests).enumerate();
    let requests = pairs.filter_map(|(number, (legacy, modern))| Some((Some(number), difference(legacy, modern)?)));
    let [legacy_resets, modern_resets] = [legacy, modern]
        .map(|outcome| texts(outcome.resets.iter().map(|(stream, code)| format!("{code} on {stream}"))));
    let connection = [
        unequal("the client's RST_STREAM frames", &legacy_resets, &modern_resets),
        unequal("the client's GOAWAY frames", &texts(&legacy.goaways), &texts(&modern.goaways)),
    ];
    let connection = connection.into_iter().flatten().map(|message| (None, message));
    let violation = |(request, message)| Violation::new(Law::Equivalence, None, request, message);
    requests.chain(connection).map(violation).collect()
}

fn difference(legacy: &RequestOutcome, modern: &RequestOutcome) -> Option<String> {
    let end = (legacy.end != modern.end || legacy.phase != modern.phase)
        .then(|| format!("it ended differently: legacy {}, modern {}", ended(legacy), ended(modern)));
    end.or_else(|| unequal("the status", &legacy.status, &modern.status))
        .or_else(|| unequal("the headers", &legacy.headers, &modern.headers))
        .or_else(|| unequal("what the body says about itself", &legacy.hint, &modern.hint))
        .or_else(|| unequal("the length of the body", &legacy.body.len(), &modern.body.len()))
        .or_else(|| unequal("the content of the body", &legacy.body, &modern.body))
        .or_else(|| unequal("the trailers", &legacy.trailers, &modern.trailers))
        .or_else(|| unequal("whether it was written", &legacy.written, &modern.written))
}

fn unequal<T: PartialEq + Debug>(what: &str, legacy: &T, modern: &T) -> Option<String> {
    (legacy != modern).then(|| format!("{what} differ: legacy {legacy:?}, modern {modern:?}"))
}

fn texts(values: impl IntoIterator<Item = impl Display>) -> Vec<String> {
    values.into_iter().map(|value| value.to_string()).collect()
}

fn ended(outcome: &RequestOutcome) -> String {
    match &outcome.end {
        OutcomeEnd::Open => format!("open in its {}", outcome.phase),
        OutcomeEnd::Complete => format!("complete in its {}", outcome.phase),
        OutcomeEnd::Cancelled => format!("cancelled in its {}", outcome.phase),
        OutcomeEnd::Failed(chain, _) => format!("failed in its {} with {chain}", outcome.phase),
    }
}

/// The last step that had begun when the outcomes first differed; `None` if they are equal.
///
/// The first difference is either the end of a request, or a RST_STREAM or GOAWAY frame that only one client sent. The
/// earlier of the two clients counts.
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

/// The steps of the first RST_STREAM or GOAWAY frames that differ between the clients.
fn first_different_shutdown(comparison: &Comparison) -> [Option<usize>; 2] {
    let [legacy, modern] = comparison.sides.each().map(shutdowns);
    let common = legacy.iter().zip(&modern).take_while(|(legacy, modern)| legacy.1 == modern.1).count();
    [legacy.get(common).map(|sent| sent.0), modern.get(common).map(|sent| sent.0)]
}

/// The client's RST_STREAM and GOAWAY frames, each with the last step that had begun by then.
fn shutdowns(side: &Side) -> Vec<(usize, String)> {
    let shutdown = |(step, frame): (Option<usize>, Frame)| {
        let text = match frame.view() {
            View::RstStream(code) => format!("{} {code}", frame.stream),
            View::GoAway { code, .. } => code.to_string(),
            _ => return None,
        };
        Some((step.unwrap_or_default(), text))
    };
    side.observation.record.client_frames_by_step().filter_map(shutdown).collect()
}
