//! The grammar of error chains. [`error_chains`] is a proptest strategy, which shrinks to the fewest layers; fuzzers
//! use `Arbitrary`. Both draw from the same choices. [`every_catalog_entry`] is not random: it lists all entries.

use crate::{
    error_catalog::{CatalogEntry, ERROR_CATALOG},
    error_chains::{Core, ErrorChain, Imitated, Layer},
    script::IoFailure,
    stacks::Enclosure,
    vocabulary::{Phase, StackName},
};
use arbitrary::{Arbitrary, Unstructured};
use proptest::{collection::vec, prelude::*, sample::select};
use std::sync::LazyLock;

/// The maximum number of layers of an error chain.
const LAYERS: usize = 5;

/// The layers to choose from, the simplest first. Layers that are listed more than once are chosen more often.
static CHOICES: LazyLock<Vec<Layer>> = LazyLock::new(|| {
    let once = [
        Layer::Shown,
        Layer::Arc,
        Layer::Box,
        Layer::Transparent,
        Layer::Hidden,
        Layer::Enclosed(Enclosure::Connect),
        Layer::Enclosed(Enclosure::RequestBody),
        Layer::Enclosed(Enclosure::Read),
        Layer::ForeignEnclosed(Enclosure::Connect),
        Layer::ForeignEnclosed(Enclosure::RequestBody),
        Layer::ForeignEnclosed(Enclosure::Read),
    ];
    let shown = std::iter::repeat_n(Layer::Shown, 10);
    let deep = [5, 100].map(Layer::Deep);
    shown
        .chain(once.into_iter().flat_map(|layer| [layer; 4]))
        .chain(Imitated::ALL.map(Layer::Imitation))
        .chain(IoFailure::ALL.map(Layer::Io))
        .chain(deep)
        .collect()
});

/// The phases to choose from. Phases that are listed more than once are chosen more often.
const PHASES: [Phase; 8] = [
    Phase::Head,
    Phase::Head,
    Phase::Head,
    Phase::Head,
    Phase::Body,
    Phase::Sending,
    Phase::Connection,
    Phase::Trailers,
];

/// The entries of the error catalogue that at least one stack can realise.
static OBTAINABLE: LazyLock<Vec<&'static CatalogEntry>> = LazyLock::new(|| {
    ERROR_CATALOG.iter().filter(|one| StackName::ALL.iter().any(|stack| one.on(*stack).is_ok())).collect()
});

/// The number of choices for the core, the innermost error.
const CORES: u8 = 48;

/// Builds an error chain from the choices. Most chains have one of the stack's own errors as their core.
fn error_chain(mut layers: Vec<Layer>, core: u8, entry: &'static CatalogEntry, phase: Phase) -> ErrorChain {
    let core = match core {
        0..41 => Core::Own(entry),
        41..47 => Core::Foreign(entry),
        _ => Core::Endless,
    };
    if core == Core::Endless {
        // hyper would follow its sources forever.
        layers.retain(|layer| !layer.is_of_hyper());
    }
    ErrorChain { layers, core, phase }
}

/// Every entry alone, then every entry inside each of the stack's own wrapping errors, in the phase in which an
/// application gets it. The chains are few enough to run in [every phase](ErrorChain::in_every_phase), so that finding
/// a fault in the handling of one phase or entry does not depend on the seed.
pub fn every_catalog_entry() -> impl Iterator<Item = ErrorChain> {
    let bare = || OBTAINABLE.iter().map(|entry| ErrorChain::bare(entry));
    let enclosed = move |enclosure| bare().map(move |bare| bare.with_layers([Layer::Enclosed(enclosure)]));
    bare().chain(Enclosure::ALL.into_iter().flat_map(enclosed))
}

/// Error chains of up to five layers.
pub fn error_chains() -> impl Strategy<Value = ErrorChain> {
    (vec(select(&CHOICES[..]), 0..=LAYERS), 0..CORES, select(&OBTAINABLE[..]), select(&PHASES[..]))
        .prop_map(|(layers, core, entry, phase)| error_chain(layers, core, entry, phase))
}

impl<'a> Arbitrary<'a> for ErrorChain {
    fn arbitrary(u: &mut Unstructured<'a>) -> arbitrary::Result<ErrorChain> {
        let phase = *u.choose(&PHASES)?;
        let core = u.int_in_range(0..=CORES - 1)?;
        let entry = u.choose(&OBTAINABLE)?;
        let layers = (0..u.int_in_range(0..=LAYERS)?).map(|_| u.choose(&CHOICES).copied()).collect::<Result<_, _>>()?;
        Ok(error_chain(layers, core, entry, phase))
    }
}
