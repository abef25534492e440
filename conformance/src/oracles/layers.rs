//! The layers that code above a client puts around an error change nothing, or make a verdict less certain.

use super::chains::Examination;
use crate::{
    classifiers::Opinion,
    error_chains::{ErrorChain, Layer},
    vocabulary::Processed,
};

pub(super) fn of_chain(examination: &Examination<'_>) -> Option<String> {
    let error_chain = examination.error_chain;
    let own = |layer: &Layer| matches!(layer, Layer::Enclosed(_) | Layer::ForeignEnclosed(_));
    let bare = error_chain.with_layers(error_chain.layers.iter().copied().filter(own));
    if bare == *error_chain {
        return None;
    }
    // An I/O error around another error may be a signal itself, and a layer that skips one signal can show the next.
    // The law applies only if neither is the case.
    let hides = hides_and_shows_nothing_else(error_chain);
    if !hides && examination.expected_of(&bare)? != examination.expected {
        return None;
    }
    let (Ok(said), Ok(without)) = (&examination.answer, &examination.answer_to(&bare)?) else { return None };
    // What a retry policy promises is for the law of completeness; the rest is its own choice, in every wrapping.
    let chosen = matches!(said, Opinion::Retry(_)) && error_chain.layers.iter().any(|layer| layer.may_skip());
    let skips = hides || examination.skipped().is_some();
    let allowed = said == without || chosen || skips && is_no_more_certain(said, without);
    (!allowed).then(|| format!("with the layers it says: {said}; without them: {without} ({bare})"))
}

fn is_no_more_certain(said: &Opinion, without: &Opinion) -> bool {
    match (said, without) {
        (Opinion::Retry(certain) | Opinion::Unprocessed(certain), _) => !certain,
        (Opinion::Verdict(Processed::Maybe, _), _) => true,
        (Opinion::Verdict(processed, _), Opinion::Verdict(before, _)) => processed == before,
        (Opinion::Verdict(..), _) => false,
    }
}

fn hides_and_shows_nothing_else(error_chain: &ErrorChain) -> bool {
    let layers = &error_chain.layers;
    layers.contains(&Layer::Hidden) && layers.iter().all(|layer| layer.only_shows() || *layer == Layer::Hidden)
}
