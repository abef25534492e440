//! Plays scripts on both stacks and checks all laws.

#![no_main]

use conformance::fuzz::CLASSIFY;
use guide::{guided, start};
use libfuzzer_sys::fuzz_target;

#[path = "../guide.rs"]
mod guide;
#[cfg(not(feature = "bytes-only"))]
#[path = "../mutators.rs"]
mod mutators;

fuzz_target!(init: start(&CLASSIFY), |bytes: &[u8]| guided(|guide| CLASSIFY.hold(bytes, guide)));
