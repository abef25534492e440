//! A script on both stacks, against all laws.

use super::{Finding, Target, of_scenarios};
use crate::{
    classifiers::Classifiers,
    report::{case::shrink, explain::explain},
    script::Script,
    stacks::Profile,
    suite::judge,
    trial::Laboratory,
};
use std::cell::OnceCell;

/// The target `classify`.
pub const CLASSIFY: Target = Target {
    name: "classify",
    about: "The bytes are a script. Both stacks play it, and every law has to hold.",
    check: |bytes| check_with(Classifiers::OWN, bytes),
    seeds: || of_scenarios(|script| Some(script.encode())),
};

/// What [`CLASSIFY`] does, with classifiers that are wrong on purpose, perhaps: those of the first call on this thread stay.
pub fn check_with(classifiers: Classifiers, bytes: &[u8]) -> Result<(), Box<Finding>> {
    check(classifiers, &Script::decode(bytes.to_vec()))
}

/// Holds a script against all laws.
pub(super) fn check(classifiers: Classifiers, script: &Script) -> Result<(), Box<Finding>> {
    thread_local! {
        static LABORATORY: OnceCell<Laboratory> = const { OnceCell::new() };
    }
    LABORATORY.with(|laboratory| {
        let laboratory = laboratory.get_or_init(|| Laboratory::with(Profile::Equal, classifiers));
        let judgement = judge(laboratory, script);
        if !judgement.unexplained {
            return Ok(());
        }
        let case = judgement.into_case("found", script);
        Err(Box::new(Finding { explanation: explain(&case), shrink: shrink(script, laboratory.profile()) }))
    })
}
