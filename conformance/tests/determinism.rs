//! The same script always gives the same observation, whatever was played before it, in any order, on any thread.

use conformance::{
    comparison::{Comparison, Harness},
    generators::Sequence,
    script::Script,
    stacks::{Legacy, Modern, drive::record_stack_panics},
    vocabulary::PerStack,
};
use std::{num::NonZeroUsize, thread};

const SCRIPTS: usize = 200_000;
const BATCH: usize = 500;

#[test]
fn the_order_in_which_scripts_are_played_does_not_matter() {
    record_stack_panics();
    let threads = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    thread::scope(|scope| {
        for thread in 0..threads {
            scope.spawn(move || {
                let (first, second) = (Harness::new(), Harness::new());
                for batch in (0..SCRIPTS / BATCH).filter(|batch| batch % threads == thread) {
                    check(&first, &second, &Sequence::of_scripts(4, batch as u64).take(BATCH).collect::<Vec<_>>());
                }
            });
        }
    });
}

/// Plays the scripts in order, legacy first; then in reverse, modern first, with another script between the stacks.
fn check(first: &Harness, second: &Harness, scripts: &[Script]) {
    let digests: Vec<u64> = scripts.iter().map(|script| first.run(script).digest()).collect();
    for (index, script) in scripts.iter().enumerate().rev() {
        let modern = second.side::<Modern>(script);
        let between = second.side::<Modern>(&scripts[scripts.len() - 1 - index]);
        let comparison = Comparison { sides: PerStack::new([second.side::<Legacy>(script), modern]) };
        assert_eq!(comparison.digest(), digests[index], "played again, the outcome differs: {}", script.to_toml());
        drop(between);
    }
}
