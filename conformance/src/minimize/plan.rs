use crate::{
    chain::Phase,
    plans::{Core, ErrorPlan, Layer},
    specimens::SPECIMENS,
};

/// The smallest plan found for which `fails` still holds: the fewest layers, then the plainest ones around the simplest
/// specimen. Deterministic; `plan` itself comes back if nothing can be taken from it.
pub fn minimize_plan(plan: &ErrorPlan, mut fails: impl FnMut(&ErrorPlan) -> bool) -> ErrorPlan {
    let mut best = plan.clone();
    while let Some(smaller) = simpler(&best).find(|candidate| fails(candidate)) {
        best = smaller;
    }
    best
}

/// Plans that say less than this one, the simplest first. Every chain of them ends.
fn simpler(plan: &ErrorPlan) -> impl Iterator<Item = ErrorPlan> + use<> {
    let without = (0..plan.layers.len()).map(|index| {
        let others = plan.layers.iter().enumerate().filter(move |(other, _)| *other != index);
        plan.with_layers(others.map(|(_, layer)| *layer))
    });
    let plainer = plan.layers.iter().enumerate().flat_map(|(index, layer)| {
        simpler_layers(*layer).into_iter().map(move |simpler| {
            let mut layers = plan.layers.clone();
            layers.splice(index..=index, simpler);
            plan.with_layers(layers)
        })
    });
    let place = match plan.core {
        Core::Own(specimen) => SPECIMENS.iter().position(|other| other.name == specimen.name),
        Core::Foreign(_) | Core::Endless => None,
    };
    let cores = SPECIMENS.iter().take(place.unwrap_or(SPECIMENS.len())).map(Core::Own);
    let foreign = match plan.core {
        Core::Foreign(specimen) => SPECIMENS.iter().position(|other| other.name == specimen.name).unwrap_or_default(),
        Core::Own(_) | Core::Endless => 0,
    };
    let cores = cores.chain(SPECIMENS.iter().take(foreign).map(Core::Foreign));
    let cores = cores.map(|core| ErrorPlan { core, ..plan.clone() });
    let phase = (plan.phase != Phase::Head).then(|| ErrorPlan { phase: Phase::Head, ..plan.clone() });
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
