//! From an error to a verdict: may the request have been processed, and what should the application do?
//!
//! A [`Reader`] turns the errors of one stack into a [`Chain`]. Only readers know the errors' types ([`Legacy`],
//! [`Modern`], and [`Both`] for code that may meet either). One function, [`decide`], turns a chain and the phase of
//! the request into a [`Verdict`]; it cannot see which stack the chain came from. A [`ChainClassifier`] is both.
//!
//! A third-party classifier need not know chains: a [`Classifier`] only has to give an [`Opinion`] on an error.

mod decision;
mod legacy;
mod modern;
mod opinion;
mod verdict;

pub use decision::{Proof, decide, deciding_link, proof};
pub use legacy::Legacy;
pub use modern::Modern;
pub use opinion::{Classifier, Opinion, RetryPolicy, by, retries, retries_request};
pub use verdict::{Advice, Verdict};

use crate::{
    chain::{Chain, IoKind, Link},
    vocabulary::{PerStack, Phase},
};
use std::{error::Error, io, sync::Arc};
use tokio::time::error::Elapsed;

/// Reads error chains.
pub trait Reader: Sync {
    /// The link for the outermost error.
    fn link(&self, error: &(dyn Error + 'static)) -> Link;

    /// The error inside it.
    fn inner<'e>(&self, error: &'e (dyn Error + 'static)) -> Option<&'e (dyn Error + 'static)> {
        common_inner(error)
    }

    /// The whole chain, up to [`Chain::READING_LIMIT`] links.
    fn read(&self, error: &(dyn Error + 'static)) -> Chain {
        let mut links = vec![self.link(error)];
        let mut next = self.inner(error);
        while let Some(error) = next {
            if links.len() == Chain::READING_LIMIT {
                return Chain { links, cut: true };
            }
            links.push(self.link(error));
            next = self.inner(error);
        }
        Chain { links, cut: false }
    }
}

/// Reads the errors of both stacks.
#[derive(Clone, Copy, Debug)]
pub struct Both;

impl Reader for Both {
    fn link(&self, error: &(dyn Error + 'static)) -> Link {
        legacy::own_link(error).or_else(|| modern::own_link(error)).unwrap_or_else(|| common_link(error))
    }

    fn inner<'e>(&self, error: &'e (dyn Error + 'static)) -> Option<&'e (dyn Error + 'static)> {
        legacy::own_inner(error).or_else(|| modern::own_inner(error)).or_else(|| common_inner(error))
    }
}

/// The link for an error that is not of the reader's own stack.
pub fn common_link(error: &(dyn Error + 'static)) -> Link {
    if let Some(error) = error.downcast_ref::<io::Error>() {
        return Link::Io(IoKind(error.kind()));
    }
    if error.is::<Elapsed>() {
        return Link::Elapsed;
    }
    let of_a_stack = legacy::own_link(error).is_some() || modern::own_link(error).is_some();
    if of_a_stack { Link::Foreign } else { Link::Other }
}

/// The error inside an error that is not of the reader's own stack. A wrapper that forwards `source()` to the error
/// that it holds skips that error, so it is opened where its type can be named: `io::Error`, and `Arc` and `Box` of the
/// types that a chain can contain.
pub fn common_inner<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e (dyn Error + 'static)> {
    if let Some(error) = error.downcast_ref::<io::Error>() {
        return error.get_ref().map(|inner| inner as &(dyn Error + 'static));
    }
    let held = held_as::<io::Error>(error)
        .or_else(|| held_as::<Elapsed>(error))
        .or_else(|| legacy::held(error))
        .or_else(|| modern::held(error))
        .or_else(|| error.downcast_ref::<Arc<dyn Error + Send + Sync>>().map(|held| &**held as &(dyn Error + 'static)))
        .or_else(|| error.downcast_ref::<Arc<dyn Error>>().map(|held| &**held));
    held.or_else(|| error.source())
}

/// The error that an `Arc` or a `Box` of an `E` holds; `None` if the error is neither.
fn held_as<'e, E: Error + 'static>(error: &'e (dyn Error + 'static)) -> Option<&'e (dyn Error + 'static)> {
    let shared = error.downcast_ref::<Arc<E>>().map(|held| &**held);
    shared.or_else(|| error.downcast_ref::<Box<E>>().map(|held| &**held)).map(|held| held as &(dyn Error + 'static))
}

/// A reader and a decision: the suite's own kind of classifier.
#[derive(Clone, Copy)]
pub struct ChainClassifier {
    /// Reads the chain.
    pub reader: &'static dyn Reader,
    /// Decides from the chain and the phase.
    pub decide: fn(&Chain, Phase) -> Verdict,
}

/// A classifier for each stack.
pub type Classifiers = PerStack<ChainClassifier>;

/// The suite's own classifiers: the reader of each stack, and the one decision.
pub const OWN_CLASSIFIERS: Classifiers =
    PerStack::new([ChainClassifier { reader: &Legacy, decide }, ChainClassifier { reader: &Modern, decide }]);
