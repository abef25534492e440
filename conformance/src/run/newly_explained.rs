//! The scripts that an entry of the ledger explains only since an earlier run.

use crate::{
    classifiers::OWN_CLASSIFIERS,
    comparison::Harness,
    generators::Sequence,
    judge::smallest,
    report::{Run, baseline::BaselineDiff, case::command},
};

/// Adds the commands that play the smallest of these scripts, at most three for each entry. The run must have been made
/// with the stacks of this program.
pub fn add_replays(diff: &mut BaselineDiff, run: &Run) {
    const SHOWN: usize = 3;
    let harness = Harness::with(run.profile, OWN_CLASSIFIERS);
    for changed in &mut diff.explained {
        let scripts = changed.new.iter().filter_map(|number| Sequence::script(run.seed, *number));
        let mut scripts: Vec<_> = scripts.collect();
        scripts.sort_by_cached_key(|script| (script.steps().len(), script.encode()));
        // Different scripts can become the same small one.
        for script in scripts.iter().take(2 * SHOWN) {
            if changed.replay.len() == SHOWN {
                break;
            }
            let command = command("explain", &smallest(&harness, script).script, run.profile);
            if !changed.replay.contains(&command) {
                changed.replay.push(command);
            }
        }
    }
}
