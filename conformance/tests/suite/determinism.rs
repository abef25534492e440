//! The same script always gives the same observation, whatever was played before it, in any order, on any thread.

use conformance::{
    classifiers::OWN_CLASSIFIERS,
    generators::Sequence,
    outcome::{Outcome, digest},
    script::Script,
    stacks::{Driver, Legacy, Modern, Profile, Stack, drive::record_stack_panics},
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
                let (first, second) = (Driver::new(), Driver::new());
                for batch in (0..SCRIPTS / BATCH).filter(|batch| batch % threads == thread) {
                    check(&first, &second, &Sequence::of_scripts(4, batch as u64).take(BATCH).collect::<Vec<_>>());
                }
            });
        }
    });
}

/// Plays the scripts in order, legacy first; then modern in reverse, with legacy and another script between.
fn check(first: &Driver, second: &Driver, scripts: &[Script]) {
    let both = scripts.iter().map(|script| (played::<Legacy>(first, script), played::<Modern>(first, script)));
    let (legacy, modern): (Vec<u64>, Vec<u64>) = both.unzip();
    for (index, script) in scripts.iter().enumerate().rev() {
        let opposite = scripts.len() - 1 - index;
        let again = played::<Modern>(second, script);
        assert_eq!(again, modern[index], "played again, the outcome differs: {}", script.to_toml());
        let again = played::<Legacy>(second, &scripts[opposite]);
        assert_eq!(again, legacy[opposite], "played again, the outcome differs: {}", scripts[opposite].to_toml());
    }
}

/// The digest of what a script does on a stack.
fn played<S: Stack>(driver: &Driver, script: &Script) -> u64 {
    let observation = driver.observe::<S>(script, Profile::Equal);
    let outcome = Outcome::new(&observation, &OWN_CLASSIFIERS[S::NAME]);
    digest([(S::NAME, &observation.record, &outcome)])
}
