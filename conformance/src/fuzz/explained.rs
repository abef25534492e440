use std::{
    cell::RefCell,
    collections::{BTreeSet, HashMap},
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
    /// After every so many explanations of the like one case more is passed over for one that is looked at,
    const EVERY: u64 = 4;
    /// up to so many.
    const RAREST: u64 = 256;

    pub(super) fn often(likenesses: &BTreeSet<u64>, case: &(impl Hash + ?Sized)) -> bool {
        let times =
            |known: &HashMap<u64, u64>| likenesses.iter().map(|like| known.get(like).copied().unwrap_or(0)).min();
        let times = EXPLAINED.with_borrow(times).unwrap_or(0);
        !digest(case).is_multiple_of((times / Explained::EVERY + 1).min(Explained::RAREST))
    }

    pub(super) fn once_more(likenesses: BTreeSet<u64>) -> bool {
        EXPLAINED.with_borrow_mut(|known| likenesses.into_iter().for_each(|like| *known.entry(like).or_default() += 1));
        true
    }
}

pub(super) fn digest(value: &(impl Hash + ?Sized)) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}
