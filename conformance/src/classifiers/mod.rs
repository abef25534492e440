//! From an error to a verdict: may the request have been processed, and what is there to do now?
//!
//! A [`Reader`] turns the errors of one stack into a [`Chain`], and is the only place that knows their types ([`Legacy`],
//! [`Modern`]). One function, [`decide`], turns a chain and the phase of the request into a [`Verdict`]; it cannot see
//! which stack the chain came from. A [`Classifier`] is the two together.

mod decision;
mod legacy;
mod modern;
mod verdict;

pub use decision::decide;
pub use legacy::Legacy;
pub use modern::Modern;
pub use verdict::{Advice, Processed, Verdict};

use crate::chain::{Chain, IoKind, Link, Phase, StackName};
use std::{error::Error, io};

/// Reads the error chains of one stack.
pub trait Reader: Sync {
    /// The stack whose errors it reads.
    fn stack(&self) -> StackName;

    /// What the outermost error says of itself.
    fn link(&self, error: &(dyn Error + 'static)) -> Link;

    /// The error inside it.
    fn inner<'e>(&self, error: &'e (dyn Error + 'static)) -> Option<&'e (dyn Error + 'static)> {
        shown_inner(error)
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

/// What an error of neither hyper nor h2 says of itself.
pub fn common_link(error: &(dyn Error + 'static)) -> Link {
    if let Some(error) = error.downcast_ref::<io::Error>() {
        return Link::Io(IoKind(error.kind()));
    }
    if error.is::<tokio::time::error::Elapsed>() { Link::Elapsed } else { Link::Other }
}

/// The error inside one of neither hyper nor h2. The source of an `io::Error` is that of the error inside it; that error
/// itself would be skipped.
pub fn shown_inner<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e (dyn Error + 'static)> {
    match error.downcast_ref::<io::Error>() {
        Some(error) => error.get_ref().map(|inner| inner as &(dyn Error + 'static)),
        None => error.source(),
    }
}

/// A reader and a decision: what a client has in its place.
#[derive(Clone, Copy)]
pub struct Classifier {
    /// Reads the chain.
    pub reader: &'static dyn Reader,
    /// Decides by it.
    pub decide: fn(&Chain, Phase) -> Verdict,
}

/// A classifier for each stack.
#[derive(Clone, Copy)]
pub struct Classifiers {
    /// For the errors of hyper 0.14 and h2 0.3.
    pub legacy: Classifier,
    /// For the errors of hyper 1 and h2 0.4.
    pub modern: Classifier,
}

impl Classifiers {
    /// The suite's own: the two readers, and the one decision.
    pub const OWN: Classifiers =
        Classifiers { legacy: Classifier { reader: &Legacy, decide }, modern: Classifier { reader: &Modern, decide } };

    /// The classifier for this stack's errors.
    pub fn of(&self, stack: StackName) -> Classifier {
        match stack {
            StackName::Legacy => self.legacy,
            StackName::Modern => self.modern,
        }
    }
}
