//! What guides the search: which code of the stacks runs, and in which ways the laws are broken. What the suite's own code
//! goes through to judge a script is not a discovery, and would only make the corpus larger and the search slower.

use conformance::fuzz::Guide;
use std::{
    arch::global_asm,
    cell::RefCell,
    sync::atomic::{AtomicU8, Ordering},
};

// The ends of the section of coverage counters, as addresses: the names themselves belong to the instrumentation.
global_asm!(
    ".pushsection .data.rel.ro.coverage_counters, \"aw\"",
    ".balign 8",
    ".globl coverage_counters",
    "coverage_counters: .quad __start___sancov_cntrs, __stop___sancov_cntrs",
    ".popsection",
);

unsafe extern "C" {
    #[link_name = "coverage_counters"]
    static COUNTERS: [usize; 2];
}

/// How many likenesses can be told apart.
const LIKENESSES: usize = 1 << 12;

/// Counters beside those of the code: libFuzzer finds them by their section.
#[used]
#[unsafe(link_section = "__libfuzzer_extra_counters")]
static BROKEN: [AtomicU8; LIKENESSES] = [const { AtomicU8::new(0) }; LIKENESSES];

thread_local! {
    /// The counters when both stacks had played; empty before, and where a target did not say when.
    static PLAYED: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Runs a target, and leaves the counters as they were when both stacks had played, if it says when that was.
pub(crate) fn guided(run: impl FnOnce(&mut dyn Guide)) {
    PLAYED.with_borrow_mut(Vec::clear);
    run(&mut Stacks);
    PLAYED.with_borrow(|played| {
        if !played.is_empty() {
            counters().copy_from_slice(played);
        }
    });
}

struct Stacks;

impl Guide for Stacks {
    fn played(&mut self) {
        PLAYED.with_borrow_mut(|played| {
            played.clear();
            played.extend_from_slice(counters());
        });
    }

    fn broken(&mut self, likeness: u64) {
        BROKEN[likeness as usize % LIKENESSES].store(1, Ordering::Relaxed);
    }
}

fn counters() -> &'static mut [u8] {
    // SAFETY: the linker puts the two addresses at the ends of one section of bytes. A fuzz target has one thread, nothing
    // else holds a reference into the section, and every byte of it may have any value.
    unsafe {
        let [start, stop] = COUNTERS;
        std::slice::from_raw_parts_mut(start as *mut u8, stop - start)
    }
}
