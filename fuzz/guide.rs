//! What guides the search: which code of the stacks runs, and in which ways the laws are broken.
//!
//! Three things that libFuzzer would take for discoveries are none, and are taken out of its counters after every run: what
//! the suite's own code goes through to judge a script, how often something ran, and what most seeds run. They would only
//! make the corpus larger and the search slower.

use conformance::fuzz::{Guide, Target};
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

/// Counters beside those of the code: libFuzzer finds them by their section. One more is always set, because an input that
/// sets none is taken for a sign that nothing is counted.
#[used]
#[unsafe(link_section = "__libfuzzer_extra_counters")]
static BROKEN: [AtomicU8; LIKENESSES + 1] = [const { AtomicU8::new(0) }; LIKENESSES + 1];

thread_local! {
    static COVERAGE: RefCell<Coverage> = const { RefCell::new(Coverage { played: Vec::new(), common: Vec::new() }) };
}

/// The counters, one byte for every edge of the code.
struct Coverage {
    /// When both stacks had played; empty before.
    played: Vec<u8>,
    /// 1 for what most seeds run; empty before that is known.
    common: Vec<u8>,
}

/// Starts a target, and finds out what most of its seeds run.
pub(crate) fn start(target: &Target) {
    target.start();
    let seeds = (target.seeds)();
    let mut times = vec![0; counters().len()];
    for (_, bytes) in &seeds {
        counters().fill(0);
        guided(|guide| target.hold(bytes, guide));
        times.iter_mut().zip(counters().iter()).for_each(|(times, counter)| *times += usize::from(*counter));
    }
    let common = times.into_iter().map(|times| u8::from(times > seeds.len() / 2)).collect();
    COVERAGE.with_borrow_mut(|coverage| coverage.common = common);
}

/// Runs a target, and leaves in the counters what is worth to be known of the run.
pub(crate) fn guided(run: impl FnOnce(&mut dyn Guide)) {
    COVERAGE.with_borrow_mut(|coverage| coverage.played.clear());
    run(&mut Stacks);
    COVERAGE.with_borrow_mut(|Coverage { played, common }| {
        if played.is_empty() {
            played.extend_from_slice(counters());
        }
        common.resize(played.len(), 0);
        leave(counters(), played, common);
    });
    BROKEN[LIKENESSES].store(1, Ordering::Relaxed);
}

/// How many counters are handled at once: this runs after every script, and is instrumented itself.
const RUN: usize = 64;

/// Sets the counters of what had run, and is not common, to 1, and the others to 0.
fn leave(counters: &mut [u8], played: &[u8], common: &[u8]) {
    let (counters, last) = counters.as_chunks_mut::<RUN>();
    let (runs, last_played) = played.as_chunks::<RUN>();
    let (common, last_common) = common.as_chunks::<RUN>();
    for ((counters, played), common) in counters.iter_mut().zip(runs).zip(common) {
        let words = played.as_chunks::<8>().0.iter().zip(common.as_chunks::<8>().0);
        for (counters, (played, common)) in counters.as_chunks_mut::<8>().0.iter_mut().zip(words) {
            let left = ones(u64::from_ne_bytes(*played)) & !u64::from_ne_bytes(*common);
            *counters = left.to_ne_bytes();
        }
    }
    for (counter, (played, common)) in last.iter_mut().zip(last_played.iter().zip(last_common)) {
        *counter = ones((*played).into()) as u8 & !common;
    }
}

/// A word with 1 in every byte that is not 0. It compares nothing, because libFuzzer would look at every comparison.
fn ones(word: u64) -> u64 {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const LOW: u64 = 0x7f * ONES;
    (((word & LOW) + LOW) | word) >> 7 & ONES
}

struct Stacks;

impl Guide for Stacks {
    fn played(&mut self) {
        COVERAGE.with_borrow_mut(|coverage| {
            coverage.played.clear();
            coverage.played.extend_from_slice(counters());
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
