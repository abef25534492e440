//! A script on both stacks, against all laws.

use super::{Finding, Target};
use crate::{
    report::{case::shrink, explain::explain},
    script::Script,
    suite::judge,
    trial::Laboratory,
};

/// The target `classify`.
pub const CLASSIFY: Target = Target {
    name: "classify",
    about: "The bytes are a script. Both stacks play it, and every law has to hold.",
    check: |bytes| check(&Script::decode(bytes.to_vec())),
};

/// Holds a script against all laws.
pub(super) fn check(script: &Script) -> Result<(), Box<Finding>> {
    thread_local! {
        static LABORATORY: Laboratory = Laboratory::new();
    }
    LABORATORY.with(|laboratory| {
        let judgement = judge(laboratory, script);
        if !judgement.unexplained {
            return Ok(());
        }
        let case = judgement.into_case("found", script);
        Err(Box::new(Finding { explanation: explain(&case), shrink: shrink(script, laboratory.profile()) }))
    })
}
