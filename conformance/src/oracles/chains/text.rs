//! An error that prints what hyper or h2 would print is no error of hyper or h2.

use super::{ChainOracle, Examination};
use crate::{error_chains::Layer, oracles::Law};

pub(super) struct Text;

impl ChainOracle for Text {
    fn law(&self) -> Law {
        Law::Text
    }

    fn judge(&self, examination: &Examination<'_>) -> Option<String> {
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
            format!("a layer that prints \"{text}\" makes it say: {said}; one that prints something else: {without}")
        })
    }
}
