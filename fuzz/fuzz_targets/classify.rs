//! Scripts, on both stacks, against all laws.

#![no_main]

use conformance::fuzz::CLASSIFY;
use libfuzzer_sys::fuzz_target;

#[cfg(not(feature = "bytes-only"))]
#[path = "../mutators.rs"]
mod mutators;

fuzz_target!(init: CLASSIFY.start(), |bytes: &[u8]| CLASSIFY.hold(bytes));
