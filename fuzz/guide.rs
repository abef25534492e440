//! Guides the search by the code of the stacks that runs and by the ways in which laws are broken.
//!
//! libFuzzer would count three other things as discoveries, so they are removed from its counters after every run: the
//! suite's own code that judges a script, how often an edge ran in one script, and edges that very many scripts run.
//! They would only make the corpus larger and the search slower.

use conformance::fuzz::{Guide, Target};
use std::{
    arch::global_asm,
    cell::RefCell,
    sync::atomic::{AtomicU8, AtomicUsize, Ordering},
};

// The addresses of both ends of the coverage counter section, under our own name: the instrumentation owns the symbols.
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

/// The number of fingerprints that can be told apart.
const FINGERPRINTS: usize = 1 << 12;

/// Extra counters, which libFuzzer finds by their section: one per fingerprint. The last one is always set, because
/// libFuzzer takes an input that sets no counter as a sign that there is no instrumentation.
#[used]
#[unsafe(link_section = "__libfuzzer_extra_counters")]
static BROKEN: [AtomicU8; FINGERPRINTS + 1] = [const { AtomicU8::new(0) }; FINGERPRINTS + 1];

thread_local! {
    static COVERAGE: RefCell<Coverage> =
        const { RefCell::new(Coverage { times: Vec::new(), rare: Vec::new(), ran: Vec::new(), played: false }) };
}

/// The edges of the code that ran. libFuzzer has one byte-sized counter per edge.
struct Coverage {
    /// The number of inputs that have run each edge, counted while the edge is rare.
    times: Vec<u8>,
    /// 0xff for a rare edge, 0 for any other.
    rare: Vec<u8>,
    /// The rare edges that this input ran.
    ran: Vec<usize>,
    /// Whether the edges of this input are recorded. They are once both stacks have played it.
    played: bool,
}

/// An edge that this many inputs have run is no longer rare. libFuzzer's own limit for abundant features is higher.
const OFTEN: u8 = 200;

/// The number of counters tested at once. The test runs after every script, and every comparison in it is traced.
const RUN: usize = 64;

/// Starts a target and runs its seeds.
pub(crate) fn start(target: &Target) {
    target.start();
    for (_, bytes) in (target.seeds)() {
        counters().fill(0);
        guided(|guide| target.hold(&bytes, guide));
    }
}

/// Runs a target and leaves only the rare edges of the run in the counters.
pub(crate) fn guided(run: impl FnOnce(&mut dyn Guide)) {
    COVERAGE.with_borrow_mut(|coverage| coverage.played = false);
    run(&mut Stacks);
    if cfg!(feature = "unguided") {
        return unguided();
    }
    COVERAGE.with_borrow_mut(|coverage| {
        coverage.note(counters());
        counters().fill(0);
        coverage.ran.iter().for_each(|edge| counters()[*edge] = 1);
    });
    BROKEN[FINGERPRINTS].store(1, Ordering::Relaxed);
}

/// Makes each of the first inputs a discovery, so that libFuzzer keeps it, and no later input.
fn unguided() {
    static RUNS: AtomicUsize = AtomicUsize::new(0);
    counters().fill(0);
    BROKEN.iter().for_each(|counter| counter.store(0, Ordering::Relaxed));
    BROKEN[RUNS.fetch_add(1, Ordering::Relaxed).min(FINGERPRINTS)].store(1, Ordering::Relaxed);
}

impl Coverage {
    /// Records the rare edges that ran, unless this input's are recorded already.
    fn note(&mut self, counters: &[u8]) {
        if std::mem::replace(&mut self.played, true) {
            return;
        }
        self.times.resize(counters.len(), 0);
        self.rare.resize(counters.len(), u8::MAX);
        let (runs, rest) = counters.as_chunks::<RUN>();
        let with_rare_edges =
            runs.iter().zip(self.rare.as_chunks().0).enumerate().filter(|(_, (run, rare))| both(run, rare));
        self.ran.clear();
        self.ran.extend(with_rare_edges.flat_map(|(index, _)| index * RUN..(index + 1) * RUN));
        self.ran.extend(counters.len() - rest.len()..counters.len());
        self.ran.retain(|edge| counters[*edge] & self.rare[*edge] != 0);
        for edge in &self.ran {
            self.times[*edge] += 1;
            self.rare[*edge] = if self.times[*edge] < OFTEN { u8::MAX } else { 0 };
        }
    }
}

/// Whether a counter in `run` is set for an edge in `rare`.
fn both(run: &[u8; RUN], rare: &[u8; RUN]) -> bool {
    let words = run.as_chunks().0.iter().zip(rare.as_chunks().0);
    words.fold(0, |bits, (run, rare)| bits | u64::from_ne_bytes(*run) & u64::from_ne_bytes(*rare)) != 0
}

struct Stacks;

impl Guide for Stacks {
    fn played(&mut self) {
        COVERAGE.with_borrow_mut(|coverage| coverage.note(counters()));
    }

    fn broken(&mut self, fingerprint: u64) {
        BROKEN[fingerprint as usize % FINGERPRINTS].store(1, Ordering::Relaxed);
    }
}

fn counters() -> &'static mut [u8] {
    // SAFETY: the linker sets the two addresses to the ends of one section of bytes. A fuzz target has one thread,
    // nothing else holds a reference into the section, and each of its bytes may have any value.
    unsafe {
        let [start, stop] = COUNTERS;
        std::slice::from_raw_parts_mut(start as *mut u8, stop - start)
    }
}
