//! Law 1 over the AWS SDK's own legacy classifier: it reads every error as what it is, as far as it means to look.

use crate::{
    chain::StackName,
    clients::LegacyClassifier,
    error_chains::{Core, ErrorChain, KnownTypes, Layer},
    stacks::{Driver, Enclosure},
};
use std::iter;

/// What the AWS SDK's legacy classifier says of an error chain, and what it means to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Its word for the error.
    pub said: String,
    /// The word that it has for such an error, if it sees every type that it looks for.
    pub meant: &'static str,
}

/// Puts an error chain to the SDK's legacy classifier: another word than the one that it means is law 1 broken, as it was when
/// that classifier looked for the types of the other stack. `None` for what the stack does not have, and for a chain without
/// an end, which the classifier would read for ever.
pub fn said_and_meant(classifier: &LegacyClassifier, error_chain: &ErrorChain, driver: &Driver) -> Option<Answer> {
    let is_readable = error_chain.core != Core::Endless && error_chain.exists_on(StackName::Legacy);
    let error = is_readable.then(|| error_chain.realise(StackName::Legacy, driver))??;
    // hyper's error of a connector looks for a timeout wherever sources lead, as its error of a request's body does.
    let body = Layer::Enclosed(Enclosure::RequestBody);
    let inside_hyper = error_chain.with_layers(iter::once(body).chain(error_chain.layers.iter().copied()));
    let chain = inside_hyper.chain_by_sources(StackName::Legacy, KnownTypes::Own)?;
    Some(Answer { said: classifier.classify(error)?.text, meant: LegacyClassifier::means(&chain) })
}
