use super::judge_comparison;
use crate::{
    comparison::Harness,
    http2::StreamId,
    ledger::ATTEMPTS,
    metamorphic::{Transformation, settled},
    oracles::{Violation, invariance},
    outcome::Side,
    rfc9113::ConnectionState,
    script::Script,
};

/// The violations that a transformation causes in a script; `None` if it does not apply to the script.
pub fn judge_transformation(
    harness: &Harness,
    script: &Script,
    change: &Transformation,
    choice: usize,
) -> Option<Vec<Violation>> {
    let script = settled(script);
    let changed = (change.apply)(&script, choice)?;
    let before = harness.run(&script);
    let lasts = |side: &Side| {
        let streams = side.observation.record.requests.iter().map(|(_, stream)| *stream);
        let expected = (0..script.requests().count()).map(StreamId::of_request);
        side.model.connection == ConnectionState::Alive && streams.eq(expected)
    };
    if changed.later > 0 && !before.sides.each().into_iter().all(lasts) {
        return None;
    }
    let settled = settled(&changed.script);
    let after = harness.run(&settled);
    let mut violations = invariance::judge(change, &before, &after, changed.earlier);
    if changed.later > 0 {
        let judgement = judge_comparison(harness, &settled, after, ATTEMPTS);
        violations.extend(judgement.violations.into_iter().filter(|_| judgement.unexplained));
    }
    Some(violations)
}
