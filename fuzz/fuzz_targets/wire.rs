//! What a server sends, byte for byte, against all laws.

#![no_main]

use conformance::fuzz::WIRE;
use libfuzzer_sys::fuzz_target;

fuzz_target!(init: WIRE.start(), |bytes: &[u8]| WIRE.hold(bytes));
