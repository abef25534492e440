//! Sends the bytes, as those of a client, to both servers and compares them.

#![no_main]

use conformance::fuzz::SERVER;
use guide::{guided, start};
use libfuzzer_sys::fuzz_target;

#[path = "../guide.rs"]
mod guide;

fuzz_target!(init: start(&SERVER), |bytes: &[u8]| guided(|guide| SERVER.hold(bytes, guide)));
