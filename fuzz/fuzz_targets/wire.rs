//! Sends the bytes, as those of a server, to both clients and checks all laws.

#![no_main]

use conformance::fuzz::WIRE;
use guide::{guided, start};
use libfuzzer_sys::fuzz_target;

#[path = "../guide.rs"]
mod guide;

fuzz_target!(init: start(&WIRE), |bytes: &[u8]| guided(|guide| WIRE.hold(bytes, guide)));
