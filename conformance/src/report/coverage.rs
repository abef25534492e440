//! Coverage: which of the clauses that a run has to reach it reached. A clause that nothing reached is no finding,
//! because nothing is known to be wrong.

use super::{ClauseReport, Run, layout::count, shards::Shard};
use crate::scenarios::THEMES;

impl Run {
    /// The number of generated scripts from which on a run has to reach every required clause.
    pub const COVERING: u64 = 20_000;

    /// Whether the run passes: nothing is unexplained, and it reached what it had to reach.
    pub fn passes(&self) -> bool {
        self.is_clean() && self.missed().next().is_none()
    }

    /// The required clauses that no case reached.
    pub fn unmet(&self) -> impl Iterator<Item = &ClauseReport> {
        self.clauses.iter().filter(|clause| clause.required && !clause.is_met())
    }

    /// The clauses for senders, and every other clause that a stack broke.
    pub fn for_senders(&self) -> impl Iterator<Item = &ClauseReport> {
        self.clauses.iter().filter(|clause| clause.for_senders.is_some() || clause.is_broken())
    }

    /// Whether the run is complete enough to be held to its coverage: every theme, [`Run::COVERING`] generated scripts,
    /// not interrupted, and no shard.
    pub fn has_to_cover(&self) -> bool {
        let is_whole = !self.interrupted && self.shard == Shard::WHOLE;
        self.themes.len() == THEMES.len() && self.generated >= Run::COVERING && is_whole
    }

    /// The required clauses that no case of a run reached which had to reach them.
    pub fn missed(&self) -> impl Iterator<Item = &ClauseReport> {
        self.unmet().filter(|_| self.has_to_cover())
    }

    /// The answer of the run in a few words.
    pub fn answer(&self) -> String {
        let unexplained = format!("{} unexplained", self.unexplained());
        match self.missed().count() as u64 {
            _ if self.interrupted => format!("Interrupted, with {unexplained} until then"),
            _ if !self.is_clean() => unexplained,
            0 => "All explained".into(),
            missed => format!("All explained, but nothing meets {}", count(missed, "required clause")),
        }
    }

    /// The coverage in one sentence.
    pub fn coverage(&self) -> String {
        let required = self.clauses.iter().filter(|clause| clause.required).count();
        let (unmet, scripts) = (self.unmet().count(), count(self.generated, "script"));
        let met = format!("{} of {required} required clauses were met", required - unmet);
        match (unmet, self.has_to_cover()) {
            (0, _) | (_, true) => format!("{met}."),
            (_, false) if self.interrupted => format!("{met} until then."),
            (_, false) if self.shard != Shard::WHOLE => format!("{met} by shard {}.", self.shard),
            (_, false) => format!("{met}; a run of {scripts} need not meet all."),
        }
    }
}
