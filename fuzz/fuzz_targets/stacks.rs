//! Scripts, on both stacks, against no law: what `classify` costs beside this is the price of the laws.

#![no_main]

use conformance::{
    script::Script,
    stacks::{Driver, Legacy, Modern, Profile, drive::record_stack_panics},
};
use libfuzzer_sys::fuzz_target;

#[cfg(not(feature = "bytes-only"))]
#[path = "../mutators.rs"]
mod mutators;

thread_local! {
    static DRIVER: Driver = Driver::new();
}

fuzz_target!(init: record_stack_panics(), |bytes: &[u8]| {
    let script = Script::decode(bytes.to_vec());
    DRIVER.with(|driver| {
        std::hint::black_box(driver.observe::<Legacy>(&script, Profile::Equal));
        std::hint::black_box(driver.observe::<Modern>(&script, Profile::Equal));
    });
});
