use super::judge_comparison;
use crate::{
    comparison::{Comparison, Harness},
    http2::StreamId,
    ledger::ATTEMPTS,
    metamorphic::{Transformation, settled},
    oracles::{Violation, invariance},
    outcome::Side,
    rfc9113::ConnectionState,
    script::Script,
};
use std::cell::OnceCell;

/// A settled script, to which transformations are applied.
pub struct Settled<'h> {
    harness: &'h Harness,
    script: Script,
    /// The script played as it is, for all transformations.
    before: OnceCell<Comparison>,
}

impl Settled<'_> {
    /// The script, [settled].
    pub fn new<'h>(harness: &'h Harness, script: &Script) -> Settled<'h> {
        Settled { harness, script: settled(script), before: OnceCell::new() }
    }

    /// The violations that a transformation causes in the script; `None` if it does not apply to the script.
    pub fn judge(&self, change: &Transformation, choice: usize) -> Option<Vec<Violation>> {
        let Settled { harness, script, .. } = self;
        let changed = (change.apply)(script, choice)?;
        let before = self.before.get_or_init(|| harness.run(script));
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
        let mut violations = invariance::judge(change, before, &after, changed.earlier);
        if changed.later > 0 {
            let judgement = judge_comparison(harness, &settled, after, ATTEMPTS);
            violations.extend(judgement.violations.into_iter().filter(|_| judgement.unexplained));
        }
        Some(violations)
    }
}
