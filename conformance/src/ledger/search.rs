//! The search for repairs that leave nothing wrong, for clients and servers alike.

use crate::script::{Script, Step};

/// Plays scripts, finds their faults, and repairs them.
pub trait Replayer {
    /// The result of playing a script.
    type Comparison;
    /// A known divergence.
    type Entry: 'static;

    /// The known divergences, in the order in which their repairs are tried.
    fn entries(&self) -> &'static [&'static Self::Entry];

    /// Plays the script.
    fn play(&self, script: &Script) -> Self::Comparison;

    /// How far the script went well: a step or a number of frames; `None` if nothing is wrong.
    fn fault(&self, comparison: &Self::Comparison) -> Option<usize>;

    /// The script with an entry's triggers before the fault repaired; `None` if there are none.
    fn repaired(
        &self,
        entry: &Self::Entry,
        script: &Script,
        comparison: &Self::Comparison,
        fault: usize,
    ) -> Option<Script>;
}

/// The result of a search.
pub enum Explanation<Entry: 'static> {
    /// With these entries repaired, nothing is wrong.
    Repaired(Vec<&'static Entry>),
    /// No repairs were found that leave nothing wrong.
    Unexplained,
}

/// The maximum number of scripts played for one explanation: a repair can let the exchange run into the next trigger,
/// and the most promising repair can be a dead end.
pub const ATTEMPTS: usize = 1_000;

/// Searches for entries whose repairs leave nothing wrong with the script of `comparison`. Plays at most `attempts`
/// scripts.
pub fn search<B: Replayer>(
    bench: &B,
    script: &Script,
    comparison: &B::Comparison,
    attempts: usize,
) -> Explanation<B::Entry> {
    let mut search = Search { bench, left: attempts, played: vec![script.clone()], used: Vec::new() };
    if search.explains(script, comparison) { Explanation::Repaired(search.used) } else { Explanation::Unexplained }
}

/// A search for repairs that leave nothing wrong, most promising first.
struct Search<'b, B: Replayer> {
    bench: &'b B,
    /// The number of scripts that may still be played.
    left: usize,
    /// Every script played: repairs in another order often give the same script.
    played: Vec<Script>,
    /// The entries whose repairs are in the current script.
    used: Vec<&'static B::Entry>,
}

impl<B: Replayer> Search<'_, B> {
    fn explains(&mut self, script: &Script, comparison: &B::Comparison) -> bool {
        let Some(fault) = self.bench.fault(comparison) else { return true };
        let mut attempts: Vec<Attempt<B>> = Vec::new();
        for entry in self.bench.entries() {
            let Some(repaired) = self.bench.repaired(entry, script, comparison, fault) else { continue };
            if self.left == 0 || self.played.contains(&repaired) {
                continue;
            }
            self.left -= 1;
            self.played.push(repaired.clone());
            let comparison = self.bench.play(&repaired);
            let reached = self.bench.fault(&comparison);
            if reached.is_none() {
                self.note(entry);
                return true;
            }
            attempts.push(Attempt { entry, repaired, reached, comparison });
        }
        // No single repair is enough. The repair after which the script goes well for longest is tried first.
        attempts.sort_by_key(|attempt| std::cmp::Reverse(attempt.reached));
        attempts.iter().any(|attempt| {
            let before = self.used.len();
            self.note(attempt.entry);
            let explained = self.explains(&attempt.repaired, &attempt.comparison);
            if !explained {
                self.used.truncate(before);
            }
            explained
        })
    }

    fn note(&mut self, entry: &'static B::Entry) {
        if !self.used.iter().any(|known| std::ptr::eq(*known, entry)) {
            self.used.push(entry);
        }
    }
}

/// A script with one more entry repaired.
struct Attempt<B: Replayer> {
    entry: &'static B::Entry,
    repaired: Script,
    comparison: B::Comparison,
    reached: Option<usize>,
}

/// The script of these steps, each replaced by the steps that `repair` returns for its index, if any; `None` if no step
/// is replaced.
pub fn with_repairs(steps: &[Step], repair: impl Fn(usize) -> Option<Vec<Step>>) -> Option<Script> {
    let mut repaired = Vec::with_capacity(steps.len());
    let mut any = false;
    for (index, step) in steps.iter().enumerate() {
        match repair(index) {
            Some(others) => {
                any = true;
                repaired.extend(others);
            }
            None => repaired.push(step.clone()),
        }
    }
    any.then(|| Script::new(repaired))
}
