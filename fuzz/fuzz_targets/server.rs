//! What a client sends, byte for byte, to both servers.

#![no_main]

use conformance::fuzz::SERVER;
use guide::{guided, start};
use libfuzzer_sys::fuzz_target;

#[path = "../guide.rs"]
mod guide;

fuzz_target!(init: start(&SERVER), |bytes: &[u8]| guided(|guide| SERVER.hold(bytes, guide)));
