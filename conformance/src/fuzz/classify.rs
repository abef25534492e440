//! A script on both stacks, against all laws.

use super::{
    Finding, Guide, Held, Target,
    explained::{Explained, digest},
    of_scenarios,
};
use crate::{
    classifiers::{Classifiers, OWN_CLASSIFIERS},
    comparison::Harness,
    judge::{self, Fingerprint, judge, judge_comparison, violations},
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
    in_harness(classifiers, |harness| {
        let judgement = judge(harness, script);
        if !judgement.unexplained {
            return Ok(());
        }
        let known_by = judge::known_by(&judgement, script);
        let case = judgement.into_case("found", script);
        let shrink = Some(shrink(script, harness.profile()));
        Err(Box::new(Finding { known_by, explanation: explain(&case), replay: case.replay, shrink }))
    })
}

/// The finding of the smallest script that breaks the laws as this one does.
pub(super) fn smallest(script: &Script) -> Option<Box<Finding>> {
    let smallest = in_harness(OWN_CLASSIFIERS, |harness| judge::smallest(harness, script));
    check(OWN_CLASSIFIERS, &smallest).err()
}

/// Holds a script against all laws, and asks the ledger less and less often for what it has always explained.
pub(super) fn search(classifiers: Classifiers, script: &Script, guide: &mut dyn Guide) -> Held {
    let known = in_harness(classifiers, |harness| {
        let observations = harness.play(script);
        guide.played();
        let comparison = harness.read(script, observations);
        let violations = violations(&comparison);
        let fingerprint = |violation| digest(&Fingerprint::of(&comparison, violation));
        let fingerprints: Vec<u64> = violations.iter().map(fingerprint).collect();
        fingerprints.iter().for_each(|fingerprint| guide.broken(*fingerprint));
        if fingerprints.is_empty() || Explained::often(&fingerprints, script) {
            return true;
        }
        let explained = !judge_comparison(harness, script, comparison).unexplained;
        if explained {
            Explained::once_more(&fingerprints);
        }
        explained
    });
    if known { Ok(()) } else { check(classifiers, script) }
}

fn in_harness<T>(classifiers: Classifiers, work: impl FnOnce(&Harness) -> T) -> T {
    thread_local! {
        static HARNESS: OnceCell<Harness> = const { OnceCell::new() };
    }
    HARNESS.with(|harness| work(harness.get_or_init(|| Harness::with(Profile::Equal, classifiers))))
}
