//! A script on both stacks, against all laws.

use super::{Finding, Guide, Held, Target, of_scenarios};
use crate::{
    classifiers::{Classifiers, OWN_CLASSIFIERS},
    comparison::Harness,
    judge::{self, Judgement, KnownBy},
    report::{case::shrink, explain::explain},
    script::Script,
    stacks::Profile,
};
use std::{cell::OnceCell, hint::black_box};

/// The target `classify`.
pub const CLASSIFY: Target = Target {
    name: "classify",
    about: "The bytes are a script. Both stacks play it, and every law has to hold.",
    check: |bytes| check_with(OWN_CLASSIFIERS, bytes),
    search: |bytes, guide| search_with(OWN_CLASSIFIERS, bytes, guide),
    smallest: |bytes| smallest(&Script::decode(bytes.to_vec())),
    seeds: || of_scenarios(|script| Some(script.encode())),
};

/// What [`CLASSIFY`] does, with classifiers that are wrong on purpose, perhaps: those of the first call on this thread stay.
pub fn check_with(classifiers: Classifiers, bytes: &[u8]) -> Held {
    check(classifiers, &Script::decode(bytes.to_vec()))
}

/// The same, as a fuzzer wants it.
pub fn search_with(classifiers: Classifiers, bytes: &[u8], guide: &mut dyn Guide) -> Held {
    search(classifiers, &Script::decode(bytes.to_vec()), guide)
}

/// Plays a script on both stacks, and holds it against no law: what [`CLASSIFY`] costs beside this is the price of the laws.
pub fn play(bytes: &[u8], guide: &mut dyn Guide) {
    let script = Script::decode(bytes.to_vec());
    black_box(in_harness(OWN_CLASSIFIERS, |harness| harness.play(&script)));
    guide.played();
}

/// Holds a script against all laws.
pub(super) fn check(classifiers: Classifiers, script: &Script) -> Held {
    in_harness(classifiers, |harness| super::check(harness, script, finding))
}

fn finding(known_by: KnownBy, judgement: Judgement, script: &Script) -> Finding {
    let shrink = Some(shrink(script, judgement.profile));
    let case = judgement.into_case("found", script);
    Finding { known_by, explanation: explain(&case), replay: case.replay, shrink }
}

/// The finding of the smallest script that breaks the laws as this one does.
pub(super) fn smallest(script: &Script) -> Option<Box<Finding>> {
    let smallest = in_harness(OWN_CLASSIFIERS, |harness| judge::smallest(harness, script));
    check(OWN_CLASSIFIERS, &smallest).err()
}

/// Holds a script against all laws, as a fuzzer wants it.
pub(super) fn search(classifiers: Classifiers, script: &Script, guide: &mut dyn Guide) -> Held {
    in_harness(classifiers, |harness| super::search(harness, script, finding, guide))
}

fn in_harness<T>(classifiers: Classifiers, work: impl FnOnce(&Harness) -> T) -> T {
    thread_local! {
        static HARNESS: OnceCell<Harness> = const { OnceCell::new() };
    }
    HARNESS.with(|harness| work(harness.get_or_init(|| Harness::with(Profile::Equal, classifiers))))
}
