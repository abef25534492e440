//! The bytes are a script, which both stacks play and all laws check.

use super::{Finding, Guide, Held, Target, of_scenarios};
use crate::{
    classifiers::{Classifiers, OWN_CLASSIFIERS},
    comparison::Harness,
    judge::{self, Judgement, KnownBy},
    report::{case::command, explain::explain, layout::WIDTH},
    script::Script,
    stacks::Profile,
};
use std::{cell::OnceCell, hint::black_box};

/// The target `classify`.
pub const CLASSIFY: Target = Target {
    name: "classify",
    about: "The bytes are a script. Both stacks play it, and every law has to hold.",
    check: |bytes| check_with(OWN_CLASSIFIERS, &decode(bytes)),
    search: |bytes, guide| search_with(OWN_CLASSIFIERS, &decode(bytes), guide),
    smallest: |bytes| smallest(&decode(bytes)),
    seeds: || of_scenarios(|script| Some(script.encode())),
};

fn decode(bytes: &[u8]) -> Script {
    Script::decode(bytes.to_vec())
}

/// Does what [`CLASSIFY`] does with its script, with other classifiers. All calls on a thread use those of the first
/// call.
pub fn check_with(classifiers: Classifiers, script: &Script) -> Held {
    in_harness(classifiers, |harness| super::check(harness, script, finding))
}

/// The same for a fuzzer: see [`Target::search`].
pub fn search_with(classifiers: Classifiers, script: &Script, guide: &mut dyn Guide) -> Held {
    in_harness(classifiers, |harness| super::search(harness, script, finding, guide))
}

/// Plays a script on both stacks and checks no law. The additional time of [`CLASSIFY`] is the cost of the laws.
pub fn play(bytes: &[u8], guide: &mut dyn Guide) {
    black_box(in_harness(OWN_CLASSIFIERS, |harness| harness.play(&decode(bytes))));
    guide.played();
}

fn finding(known_by: KnownBy, judgement: Judgement, script: &Script) -> Finding {
    let shrink = Some(command("minimize", script, judgement.profile));
    let case = judgement.into_case("found", script);
    Finding { known_by, explanation: explain(&case, WIDTH), replay: case.replay, shrink }
}

/// The finding of the smallest script that breaks the laws in the same way.
pub(super) fn smallest(script: &Script) -> Option<Box<Finding>> {
    let smallest = in_harness(OWN_CLASSIFIERS, |harness| judge::smallest(harness, script).script);
    check_with(OWN_CLASSIFIERS, &smallest).err()
}

fn in_harness<T>(classifiers: Classifiers, work: impl FnOnce(&Harness) -> T) -> T {
    thread_local! {
        static HARNESS: OnceCell<Harness> = const { OnceCell::new() };
    }
    HARNESS.with(|harness| work(harness.get_or_init(|| Harness::with(Profile::Equal, classifiers))))
}
