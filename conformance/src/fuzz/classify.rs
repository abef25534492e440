//! A script on both stacks, against all laws.

use super::{
    Finding, Guide, Held, Target,
    explained::{Explained, digest},
    of_scenarios,
};
use crate::{
    classifiers::Classifiers,
    report::{case::shrink, explain::explain},
    script::Script,
    stacks::Profile,
    suite::{self, Likeness, judge, judge_trial, violations},
    trial::Laboratory,
};
use std::{cell::OnceCell, hint::black_box};

/// The target `classify`.
pub const CLASSIFY: Target = Target {
    name: "classify",
    about: "The bytes are a script. Both stacks play it, and every law has to hold.",
    check: |bytes| check_with(Classifiers::OWN, bytes),
    search: |bytes, guide| search_with(Classifiers::OWN, bytes, guide),
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
    black_box(in_laboratory(Classifiers::OWN, |laboratory| laboratory.play(&script)));
    guide.played();
}

/// Holds a script against all laws.
pub(super) fn check(classifiers: Classifiers, script: &Script) -> Held {
    in_laboratory(classifiers, |laboratory| {
        let judgement = judge(laboratory, script);
        if !judgement.unexplained {
            return Ok(());
        }
        let like = suite::known_by(&judgement, script);
        let case = judgement.into_case("found", script);
        let shrink = Some(shrink(script, laboratory.profile()));
        Err(Box::new(Finding { like, explanation: explain(&case), replay: case.replay, shrink }))
    })
}

/// The finding of the smallest script that breaks the laws as this one does.
pub(super) fn smallest(script: &Script) -> Option<Box<Finding>> {
    let smallest = in_laboratory(Classifiers::OWN, |laboratory| suite::smallest(laboratory, script));
    check(Classifiers::OWN, &smallest).err()
}

/// Holds a script against all laws, and asks the ledger less and less often for what it has always explained.
pub(super) fn search(classifiers: Classifiers, script: &Script, guide: &mut dyn Guide) -> Held {
    let known = in_laboratory(classifiers, |laboratory| {
        let observations = laboratory.play(script);
        guide.played();
        let trial = laboratory.read(script, observations);
        let violations = violations(&trial);
        let likeness = |violation| digest(&Likeness::of(&trial, violation));
        let likenesses: Vec<u64> = violations.iter().map(likeness).collect();
        likenesses.iter().for_each(|likeness| guide.broken(*likeness));
        if likenesses.is_empty() || Explained::often(&likenesses, script) {
            return true;
        }
        let explained = !judge_trial(laboratory, script, trial).unexplained;
        if explained {
            Explained::once_more(&likenesses);
        }
        explained
    });
    if known { Ok(()) } else { check(classifiers, script) }
}

fn in_laboratory<T>(classifiers: Classifiers, work: impl FnOnce(&Laboratory) -> T) -> T {
    thread_local! {
        static LABORATORY: OnceCell<Laboratory> = const { OnceCell::new() };
    }
    LABORATORY.with(|laboratory| work(laboratory.get_or_init(|| Laboratory::with(Profile::Equal, classifiers))))
}
