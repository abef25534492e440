//! What a client sends, byte for byte, to both servers.

#![no_main]

use conformance::fuzz::SERVER;
use libfuzzer_sys::fuzz_target;

fuzz_target!(init: SERVER.start(), |bytes: &[u8]| SERVER.hold(bytes, &mut ()));
