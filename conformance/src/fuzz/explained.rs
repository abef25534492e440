//! The fingerprints that the ledger has explained. An explanation plays a script many times, and a fuzzer repeats known
//! cases all the time. New problems with known fingerprints repeat too, so it is enough to check some of the cases. The
//! choice depends on the case, and on how often its first fingerprint was explained.

use std::{
    cell::RefCell,
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
};

thread_local! {
    /// The number of times that the ledger has explained each fingerprint.
    static EXPLAINED: RefCell<HashMap<u64, u64>> = RefCell::default();
}

/// Checks at least one in 1,024 similar cases.
const RAREST: u64 = 1_024;

/// Whether to skip a case with these fingerprints. A case with a new one is never skipped. Otherwise about one case
/// in (n + 1)² is checked, where n is how often the first fingerprint, which says most, was explained.
pub(super) fn often(fingerprints: &[u64], case: &(impl Hash + ?Sized)) -> bool {
    let times = |fingerprint: &u64| EXPLAINED.with_borrow(|known| known.get(fingerprint).copied().unwrap_or(0));
    let first = fingerprints.first().map_or(0, times);
    fingerprints.iter().all(|fingerprint| times(fingerprint) > 0)
        && !digest(case).is_multiple_of((first + 1).pow(2).min(RAREST))
}

/// Notes that the ledger has explained a case with these fingerprints.
pub(super) fn once_more(fingerprints: &[u64]) {
    EXPLAINED.with_borrow_mut(|known| fingerprints.iter().for_each(|like| *known.entry(*like).or_default() += 1));
}

pub(super) fn digest(value: &(impl Hash + ?Sized)) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}
