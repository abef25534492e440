//! Scripts, on both stacks, against no law: what `classify` costs beside this is the price of the laws.

#![no_main]

use conformance::{
    fuzz::{CLASSIFY, Guide},
    script::Script,
    stacks::{Driver, Legacy, Modern, Profile},
};
use guide::{guided, start};
use libfuzzer_sys::fuzz_target;
use std::hint::black_box;

#[path = "../guide.rs"]
mod guide;
#[cfg(not(feature = "bytes-only"))]
#[path = "../mutators.rs"]
mod mutators;

thread_local! {
    static DRIVER: Driver = Driver::new();
}

fuzz_target!(init: start(&CLASSIFY), |bytes: &[u8]| guided(|guide: &mut dyn Guide| {
    let script = Script::decode(bytes.to_vec());
    DRIVER.with(|driver| {
        black_box(driver.observe::<Legacy>(&script, Profile::Equal));
        black_box(driver.observe::<Modern>(&script, Profile::Equal));
    });
    guide.played();
}));
