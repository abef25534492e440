use crate::{
    error_catalog::{CatalogEntry, ERROR_CATALOG},
    error_chains::{Core, ErrorChain, Layer},
    vocabulary::Phase,
};

/// The smallest error chain found for which `fails` still holds: the fewest layers, then the plainest layers around the
/// simplest entry. Deterministic. Returns `error_chain` unchanged if no simpler chain fails.
pub fn minimize_error_chain(error_chain: &ErrorChain, mut fails: impl FnMut(&ErrorChain) -> bool) -> ErrorChain {
    let mut best = error_chain.clone();
    while let Some(smaller) = simpler(&best).find(|candidate| fails(candidate)) {
        best = smaller;
    }
    best
}

/// Simpler error chains than this one, the simplest first. Repeated simplification always ends.
fn simpler(error_chain: &ErrorChain) -> impl Iterator<Item = ErrorChain> + use<> {
    let replaced = |index: usize, by: Vec<Layer>| {
        let mut layers = error_chain.layers.clone();
        layers.splice(index..=index, by);
        error_chain.with_layers(layers)
    };
    let without = (0..error_chain.layers.len()).map(|index| replaced(index, Vec::new()));
    let layers = error_chain.layers.iter().enumerate();
    let plainer = layers
        .flat_map(|(index, layer)| simpler_layers(*layer).into_iter().map(move |simpler| replaced(index, simpler)));
    let before = |entry: &CatalogEntry| ERROR_CATALOG.iter().take_while(|other| other.name != entry.name).count();
    let (own, foreign) = match error_chain.core {
        Core::Own(entry) => (before(entry), 0),
        Core::Foreign(entry) => (ERROR_CATALOG.len(), before(entry)),
        Core::Endless => (ERROR_CATALOG.len(), 0),
    };
    let cores = ERROR_CATALOG.iter().take(own).map(Core::Own);
    let cores = cores.chain(ERROR_CATALOG.iter().take(foreign).map(Core::Foreign));
    let cores = cores.map(|core| ErrorChain { core, ..error_chain.clone() });
    let phase = (error_chain.phase != Phase::Head).then(|| ErrorChain { phase: Phase::Head, ..error_chain.clone() });
    without.chain(plainer).chain(phase).chain(cores).collect::<Vec<_>>().into_iter()
}

fn simpler_layers(layer: Layer) -> Vec<Vec<Layer>> {
    match layer {
        Layer::Shown => Vec::new(),
        Layer::Deep(layers @ 0..=3) => vec![vec![Layer::Shown; usize::from(layers)]],
        Layer::Deep(layers) => [1, 2, 3, layers / 2, layers - 1].map(|fewer| vec![Layer::Deep(fewer)]).into(),
        _ => vec![vec![Layer::Shown]],
    }
}
