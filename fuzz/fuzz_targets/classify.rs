//! Scripts, on both stacks, against all laws.

#![no_main]

use conformance::fuzz::CLASSIFY;
use guide::guided;
use libfuzzer_sys::fuzz_target;

#[path = "../guide.rs"]
mod guide;
#[cfg(not(feature = "bytes-only"))]
#[path = "../mutators.rs"]
mod mutators;

fuzz_target!(init: CLASSIFY.start(), |bytes: &[u8]| guided(|guide| CLASSIFY.hold(bytes, guide)));
