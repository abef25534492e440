use std::{
    cell::RefCell,
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
};

thread_local! {
    /// How often the ledger has explained what is alike.
    static EXPLAINED: RefCell<HashMap<u64, u64>> = RefCell::default();
}

/// What a ledger has explained before. An explanation plays a script many times over, and a fuzzer comes back to what is
/// known all the time. Something new that is like what is known is met again and again too, so it is enough to look at a
/// part of them; which part depends on the case, and on how often the like was explained.
pub(super) struct Explained;

impl Explained {
    /// At least one of so many cases that are alike is looked at.
    const RAREST: u64 = 1_024;

    /// Whether a case is passed over that is like others in these ways, the first of which says most: never if one of them is
    /// new, and else, where the first was explained so often, in all cases but one in the square of that.
    pub(super) fn often(fingerprints: &[u64], case: &(impl Hash + ?Sized)) -> bool {
        let times = |fingerprint: &u64| EXPLAINED.with_borrow(|known| known.get(fingerprint).copied().unwrap_or(0));
        let first = fingerprints.first().map_or(0, times);
        fingerprints.iter().all(|fingerprint| times(fingerprint) > 0)
            && !digest(case).is_multiple_of((first + 1).pow(2).min(Explained::RAREST))
    }

    /// Notes that the ledger has explained a case that is like others in these ways.
    pub(super) fn once_more(fingerprints: &[u64]) {
        EXPLAINED.with_borrow_mut(|known| fingerprints.iter().for_each(|like| *known.entry(*like).or_default() += 1));
    }
}

pub(super) fn digest(value: &(impl Hash + ?Sized)) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}
