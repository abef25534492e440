//! Error plans, against the laws over plans.

#![no_main]

use conformance::fuzz::CHAIN;
use libfuzzer_sys::fuzz_target;

fuzz_target!(init: CHAIN.start(), |bytes: &[u8]| CHAIN.hold(bytes, &mut ()));
