//! The search for the repairs that leave nothing broken, whatever it is that plays the scripts.

use crate::script::{Script, Step};

/// Plays scripts, and says what is wrong then and what can be repaired.
pub trait Replayer {
    /// What came of a script.
    type Comparison;
    /// A known divergence.
    type Entry: 'static;

    /// The known divergences, in the order in which their repairs are tried.
    fn entries(&self) -> &'static [&'static Self::Entry];

    /// Plays the script.
    fn play(&self, script: &Script) -> Self::Comparison;

    /// How far all went well; `None` if nothing is wrong.
    fn fault(&self, comparison: &Self::Comparison) -> Option<usize>;

    /// The script with the triggers of an entry repaired, if they come before the fault; `None` if there are none.
    fn repaired(
        &self,
        entry: &Self::Entry,
        script: &Script,
        comparison: &Self::Comparison,
        fault: usize,
    ) -> Option<Script>;
}

/// What became of what is wrong with a script.
pub enum Explanation<Entry: 'static> {
    /// With these entries repaired nothing is.
    Repaired(Vec<&'static Entry>),
    /// It is something else.
    Unexplained,
}

/// How many scripts are played for one explanation: a repair can let the exchange run on into the next trigger, and what
/// looks best at first can lead nowhere.
pub const ATTEMPTS: usize = 1_000;

/// Looks for entries whose repair leaves nothing wrong with the script of `comparison`, and plays at most `attempts` scripts for
/// it.
pub fn search<B: Replayer>(
    bench: &B,
    script: &Script,
    comparison: &B::Comparison,
    attempts: usize,
) -> Explanation<B::Entry> {
    let mut search = Search { bench, left: attempts, played: vec![script.clone()], used: Vec::new() };
    if search.explains(script, comparison) { Explanation::Repaired(search.used) } else { Explanation::Unexplained }
}

/// A search for repairs that leave nothing wrong, the most promising first.
struct Search<'b, B: Replayer> {
    bench: &'b B,
    /// How many more scripts may be played.
    left: usize,
    /// Every script that was played: repairs in another order often come to the same.
    played: Vec<Script>,
    /// The entries whose repairs are in the script that is looked at.
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
        // No repair is enough alone. The one after which all goes well for longest stays first.
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

/// A script with one entry more repaired.
struct Attempt<B: Replayer> {
    entry: &'static B::Entry,
    repaired: Script,
    comparison: B::Comparison,
    reached: Option<usize>,
}

/// The script of these steps, with what `repair` puts in the place of the step at an index; `None` if that is nothing
/// anywhere.
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
