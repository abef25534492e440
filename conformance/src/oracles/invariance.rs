//! Invariance: a change of a script that RFC 9113 makes harmless leaves every outcome and every verdict as it was, on
//! each stack.

use super::{Law, Violation};
use crate::{
    comparison::Comparison,
    http2::StreamId,
    metamorphic::Transformation,
    outcome::{Outcome, RequestOutcome, Side},
};

/// The differences that the change made. `earlier` is the number of requests that it added before the first.
pub fn judge(change: &Transformation, before: &Comparison, after: &Comparison, earlier: usize) -> Vec<Violation> {
    let sides = before.sides.each().into_iter().zip(after.sides.each());
    sides.flat_map(|(before, after)| differences(change, before, after, earlier)).collect()
}

fn differences(change: &Transformation, before: &Side, after: &Side, earlier: usize) -> Vec<Violation> {
    let violation = |request, what: String| {
        let (stack, message) = (Some(before.stack), format!("{}: {what}", change.name));
        Violation::new(Law::Invariance, stack, request, message)
    };
    let pairs = before.outcome.requests.iter().zip(after.outcome.requests.iter().skip(earlier)).enumerate();
    let requests = pairs.filter(|(_, (before, after))| before != after).map(|(number, (before, after))| {
        let ended = |outcome: &RequestOutcome| format!("{} in its {}", outcome.kind(), outcome.phase);
        violation(Some(number), format!("it was {} before, and {} after", ended(before), ended(after)))
    });
    let (were, are) = (shutdowns(&before.outcome, 0), shutdowns(&after.outcome, earlier));
    let connection =
        (were != are).then(|| violation(None, format!("the client sent {were:?} before, and {are:?} after")));
    requests.chain(connection).collect()
}

/// The client's RST_STREAM and GOAWAY frames, with the streams that they would have without the earlier requests.
fn shutdowns(outcome: &Outcome, earlier: usize) -> Vec<String> {
    let shift = |stream: StreamId| if stream.is_client_initiated() { 2 * earlier as i64 } else { 0 };
    let before = |stream: StreamId| i64::from(stream.get()) - shift(stream);
    let resets = outcome.resets.iter().map(|(stream, code)| format!("RST_STREAM {code} on {}", before(*stream)));
    resets.chain(outcome.goaways.iter().map(|code| format!("GOAWAY {code}"))).collect()
}
