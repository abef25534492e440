//! A script on both stacks, against all laws.

use super::{Finding, Target, of_scenarios};
use crate::{
    classifiers::Classifiers,
    oracles::Violation,
    report::{case::shrink, explain::explain},
    script::Script,
    stacks::Profile,
    suite::{judge, judge_trial, violations},
    trial::Laboratory,
};
use std::{
    cell::{OnceCell, RefCell},
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
};

/// The target `classify`.
pub const CLASSIFY: Target = Target {
    name: "classify",
    about: "The bytes are a script. Both stacks play it, and every law has to hold.",
    check: |bytes| check_with(Classifiers::OWN, bytes),
    search: |bytes| search(&Script::decode(bytes.to_vec())),
    seeds: || of_scenarios(|script| Some(script.encode())),
};

/// What [`CLASSIFY`] does, with classifiers that are wrong on purpose, perhaps: those of the first call on this thread stay.
pub fn check_with(classifiers: Classifiers, bytes: &[u8]) -> Result<(), Box<Finding>> {
    check(classifiers, &Script::decode(bytes.to_vec()))
}

/// Holds a script against all laws.
pub(super) fn check(classifiers: Classifiers, script: &Script) -> Result<(), Box<Finding>> {
    in_laboratory(classifiers, |laboratory| {
        let judgement = judge(laboratory, script);
        if !judgement.unexplained {
            return Ok(());
        }
        let case = judgement.into_case("found", script);
        Err(Box::new(Finding { explanation: explain(&case), shrink: Some(shrink(script, laboratory.profile())) }))
    })
}

/// Holds a script against all laws, and asks the ledger less and less often for what it has always explained.
pub(super) fn search(script: &Script) -> Result<(), Box<Finding>> {
    let known = in_laboratory(Classifiers::OWN, |laboratory| {
        let trial = laboratory.run(script);
        let violations = violations(&trial);
        violations.is_empty()
            || Explained::has(&violations, script)
            || !judge_trial(laboratory, script, trial).unexplained && Explained::note(&violations)
    });
    if known { Ok(()) } else { check(Classifiers::OWN, script) }
}

fn in_laboratory<T>(classifiers: Classifiers, work: impl FnOnce(&Laboratory) -> T) -> T {
    thread_local! {
        static LABORATORY: OnceCell<Laboratory> = const { OnceCell::new() };
    }
    LABORATORY.with(|laboratory| work(laboratory.get_or_init(|| Laboratory::with(Profile::Equal, classifiers))))
}

thread_local! {
    /// How often the ledger has explained the same broken laws, seen in the same way.
    static EXPLAINED: RefCell<HashMap<u64, u32>> = RefCell::default();
}

/// What the ledger has explained before. An explanation plays a script many times over, and a fuzzer comes back to what is
/// known all the time. Something new behind the same picture is met again and again too, so it is enough to look at a part
/// of them; which part depends on the script alone.
struct Explained;

impl Explained {
    /// After so many explanations of the same picture only a part is looked at,
    const SURE: u32 = 16;
    /// which is one in so many.
    const ONE_IN: u64 = 16;

    fn has(violations: &[Violation], script: &Script) -> bool {
        let times = EXPLAINED.with_borrow(|known| known.get(&digest(violations)).copied().unwrap_or_default());
        times >= Explained::SURE && !digest(script).is_multiple_of(Explained::ONE_IN)
    }

    fn note(violations: &[Violation]) -> bool {
        EXPLAINED.with_borrow_mut(|known| *known.entry(digest(violations)).or_default() += 1);
        true
    }
}

fn digest(value: &(impl Hash + ?Sized)) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}
