//! What a client sends, byte for byte, to both servers, which have to agree.

#![no_main]

use conformance::fuzz::SERVER;
use guide::guided;
use libfuzzer_sys::fuzz_target;

#[path = "../guide.rs"]
mod guide;

fuzz_target!(init: SERVER.start(), |bytes: &[u8]| guided(|guide| SERVER.hold(bytes, guide)));
