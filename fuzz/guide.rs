//! What guides the search: which code of the stacks runs, and in which ways the laws are broken.
//!
//! Three things that libFuzzer would take for discoveries are none, and are taken out of its counters after every run: what
//! the suite's own code goes through to judge a script, how often something ran in one script, and what very many scripts
//! run. They would only make the corpus larger and the search slower.

use conformance::fuzz::{Guide, Target};
use std::{
    arch::global_asm,
    cell::RefCell,
    sync::atomic::{AtomicU8, AtomicUsize, Ordering},
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

/// How many fingerprints can be told apart.
const FINGERPRINTS: usize = 1 << 12;

/// Counters beside those of the code: libFuzzer finds them by their section. One more is always set, because an input that
/// sets none is taken for a sign that nothing is counted.
#[used]
#[unsafe(link_section = "__libfuzzer_extra_counters")]
static BROKEN: [AtomicU8; FINGERPRINTS + 1] = [const { AtomicU8::new(0) }; FINGERPRINTS + 1];

thread_local! {
    static COVERAGE: RefCell<Coverage> =
        const { RefCell::new(Coverage { times: Vec::new(), rare: Vec::new(), ran: Vec::new(), played: false }) };
}

/// What ran, by edges of the code: the counters are one byte for each.
struct Coverage {
    /// How many inputs have run an edge, as long as it is rare.
    times: Vec<u8>,
    /// All bits of a byte for an edge that is rare, none for one that is not.
    rare: Vec<u8>,
    /// The rare edges that this input has run.
    ran: Vec<usize>,
    /// Whether both stacks have played this input, so that what they ran is known.
    played: bool,
}

/// An edge that so many inputs have run is not rare any more: less than what libFuzzer itself takes for abundant.
const OFTEN: u8 = 200;

/// So many counters are looked at together: this runs after every script, and every comparison in it is traced.
const RUN: usize = 64;

/// Starts a target, with its seeds.
pub(crate) fn start(target: &Target) {
    target.start();
    for (_, bytes) in (target.seeds)() {
        counters().fill(0);
        guided(|guide| target.hold(&bytes, guide));
    }
}

/// Runs a target, and leaves in the counters what is worth to be known of the run.
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

/// Makes a discovery of each of the first inputs, so that they are kept, and of none after them.
fn unguided() {
    static RUNS: AtomicUsize = AtomicUsize::new(0);
    counters().fill(0);
    BROKEN.iter().for_each(|counter| counter.store(0, Ordering::Relaxed));
    BROKEN[RUNS.fetch_add(1, Ordering::Relaxed).min(FINGERPRINTS)].store(1, Ordering::Relaxed);
}

impl Coverage {
    /// Notes which rare edges have run, if that is not known yet.
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

/// Whether any byte has bits of both.
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
    // SAFETY: the linker puts the two addresses at the ends of one section of bytes. A fuzz target has one thread, nothing
    // else holds a reference into the section, and every byte of it may have any value.
    unsafe {
        let [start, stop] = COUNTERS;
        std::slice::from_raw_parts_mut(start as *mut u8, stop - start)
    }
}
