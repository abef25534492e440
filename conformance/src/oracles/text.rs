//! The text of an error decides nothing: an error that prints what hyper or h2 prints is not an error of theirs.

use super::chains::Examination;
use crate::error_chains::Layer;

pub(super) fn of_chain(examination: &Examination<'_>) -> Option<String> {
    let layers = &examination.error_chain.layers;
    let imitated = layers.iter().find_map(|layer| match layer {
        Layer::Imitation(imitated) => Some(*imitated),
        _ => None,
    })?;
    let plain = |layer: &Layer| if matches!(layer, Layer::Imitation(_)) { Layer::Shown } else { *layer };
    let variant = examination.error_chain.with_layers(layers.iter().map(plain));
    let (Ok(said), Ok(without)) = (&examination.answer, &examination.answer_to(&variant)?) else { return None };
    (said != without).then(|| {
        let text = imitated.text();
        format!("with a layer that prints \"{text}\", it says: {said}; with another text: {without}")
    })
}
