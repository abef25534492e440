//! Checks error chains against the laws for error chains.

#![no_main]

use conformance_clients::CHAIN;
use guide::{guided, start};
use libfuzzer_sys::fuzz_target;

#[path = "../guide.rs"]
mod guide;

fuzz_target!(init: start(&CHAIN), |bytes: &[u8]| guided(|guide| CHAIN.hold(bytes, guide)));
