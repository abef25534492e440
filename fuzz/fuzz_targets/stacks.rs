//! Plays scripts on both stacks without checking laws. The difference in speed to `classify` is the cost of the laws.

#![no_main]

use conformance::fuzz::{CLASSIFY, play};
use guide::{guided, start};
use libfuzzer_sys::fuzz_target;

#[path = "../guide.rs"]
mod guide;
#[cfg(not(feature = "bytes-only"))]
#[path = "../mutators.rs"]
mod mutators;

fuzz_target!(init: start(&CLASSIFY), |bytes: &[u8]| guided(|guide| play(bytes, guide)));
