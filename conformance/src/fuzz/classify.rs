//! The bytes are a script, which both stacks play and all laws check.

use super::{Finding, Guide, Held, Target, of_scenarios};
use crate::{
    classifiers::{Classifiers, OWN_CLASSIFIERS},
    comparison::Harness,
    judge::{self, Judgement, KnownBy},
    report::{case::command, explain::explain},
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

/// Does what [`CLASSIFY`] does, with other classifiers. All calls on a thread use those of the first call.
pub fn check_with(classifiers: Classifiers, bytes: &[u8]) -> Held {
    check(classifiers, &Script::decode(bytes.to_vec()))
}

/// The same for a fuzzer: see [`Target::search`].
pub fn search_with(classifiers: Classifiers, bytes: &[u8], guide: &mut dyn Guide) -> Held {
    search(classifiers, &Script::decode(bytes.to_vec()), guide)
}

/// Plays a script on both stacks and checks no law. The additional time of [`CLASSIFY`] is the cost of the laws.
pub fn play(bytes: &[u8], guide: &mut dyn Guide) {
    let script = Script::decode(bytes.to_vec());
    black_box(in_harness(OWN_CLASSIFIERS, |harness| harness.play(&script)));
    guide.played();
}

/// Checks a script against all laws.
pub(super) fn check(classifiers: Classifiers, script: &Script) -> Held {
    in_harness(classifiers, |harness| super::check(harness, script, finding))
}

fn finding(known_by: KnownBy, judgement: Judgement, script: &Script) -> Finding {
    let shrink = Some(command("minimize", script, judgement.profile));
    let case = judgement.into_case("found", script);
    Finding { known_by, explanation: explain(&case), replay: case.replay, shrink }
}

/// The finding of the smallest script that breaks the laws in the same way.
pub(super) fn smallest(script: &Script) -> Option<Box<Finding>> {
    let smallest = in_harness(OWN_CLASSIFIERS, |harness| judge::smallest(harness, script));
    check(OWN_CLASSIFIERS, &smallest).err()
}

/// Checks a script against all laws, for a fuzzer.
pub(super) fn search(classifiers: Classifiers, script: &Script, guide: &mut dyn Guide) -> Held {
    in_harness(classifiers, |harness| super::search(harness, script, finding, guide))
}

fn in_harness<T>(classifiers: Classifiers, work: impl FnOnce(&Harness) -> T) -> T {
    thread_local! {
        static HARNESS: OnceCell<Harness> = const { OnceCell::new() };
    }
    HARNESS.with(|harness| work(harness.get_or_init(|| Harness::with(Profile::Equal, classifiers))))
}
