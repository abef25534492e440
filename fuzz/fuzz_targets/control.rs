//! Measures how soon the original fault is found: a reader that looks for h2 0.4's error in hyper 0.14's chain.

#![no_main]

use conformance::{fuzz::search_with, script::Script, stacks::panics::record_stack_panics};
use guide::guided;
use libfuzzer_sys::fuzz_target;
use wrong::{CrossedH2, legacy_reader};

#[allow(dead_code, reason = "`start` runs the seeds, which would be findings")]
#[path = "../guide.rs"]
mod guide;
#[cfg(not(feature = "bytes-only"))]
#[path = "../mutators.rs"]
mod mutators;

#[path = "../../conformance/tests/suite/wrong/mod.rs"]
mod wrong;

fuzz_target!(init: record_stack_panics(), |bytes: &[u8]| guided(|guide| {
    if let Err(finding) = search_with(legacy_reader(&CrossedH2), &Script::decode(bytes.to_vec()), guide) {
        panic!("{finding}");
    }
}));
