//! The same script always gives the same observation, whatever was played before it, in any order, on any thread.

use conformance::{
    comparison::Harness,
    generators::Sequence,
    outcome::{Side, digest},
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

/// Plays the scripts in order, legacy first; then modern in reverse, with legacy and another script between.
fn check(first: &Harness, second: &Harness, scripts: &[Script]) {
    let play = |script: &Script| first.run(script).sides.map(|side| digest([side]));
    let digests: Vec<PerStack<u64>> = scripts.iter().map(play).collect();
    let check = |side: &Side, script: usize| {
        let expected = digests[script][side.stack];
        assert_eq!(digest([side]), expected, "played again, the outcome differs: {}", scripts[script].to_toml());
    };
    for index in (0..scripts.len()).rev() {
        let opposite = scripts.len() - 1 - index;
        let modern = second.side::<Modern>(&scripts[index]);
        let legacy = second.side::<Legacy>(&scripts[opposite]);
        check(&modern, index);
        check(&legacy, opposite);
    }
}
