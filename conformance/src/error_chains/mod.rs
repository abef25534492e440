//! Error chains: chains of errors as data, realised with the types of either stack.
//!
//! An error chain is an entry of the error catalogue with layers around it, as code above a client adds them.
//! [`ErrorChain::realise`] makes the error. [`ErrorChain::chain`] says which links a reader must see, worked out from
//! the data alone. So readers and classifiers are checked against something that they did not make themselves.

mod expected;
mod layer;
mod text;

pub use expected::KnownTypes;
pub use layer::{Imitated, Layer};
pub use text::InvalidErrorChain;

use crate::{
    error_catalog::CatalogEntry,
    stacks::{BoxError, Driver},
    vocabulary::{Phase, StackName},
};

/// A chain of errors as data.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ErrorChain {
    /// The layers around the core, outermost first.
    pub layers: Vec<Layer>,
    /// The innermost error.
    pub core: Core,
    /// How far the request had got when it ended in the error.
    pub phase: Phase,
}

/// The innermost error of an error chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Core {
    /// An entry, on the stack that the error chain is realised for.
    Own(&'static CatalogEntry),
    /// An entry, on the other stack.
    Foreign(&'static CatalogEntry),
    /// An error that is its own source, so that the chain never ends.
    Endless,
}

impl ErrorChain {
    /// The entry alone, in the phase in which its application gets it.
    pub fn bare(entry: &'static CatalogEntry) -> ErrorChain {
        ErrorChain { layers: Vec::new(), core: Core::Own(entry), phase: entry.phase }
    }

    /// Whether it can be realised for that stack: a stack may not have the entry.
    pub fn exists_on(&self, stack: StackName) -> bool {
        match self.core {
            Core::Own(entry) => entry.on(stack).is_ok(),
            Core::Foreign(entry) => entry.on(stack.other()).is_ok(),
            // hyper looks for its mark of a timeout along all sources, and would never stop.
            Core::Endless => !self.layers.iter().any(|layer| layer.is_of_hyper()),
        }
    }

    /// Whether it contains errors of the other stack.
    pub fn is_foreign(&self) -> bool {
        let foreign = |layer: &Layer| matches!(layer, Layer::ForeignEnclosed(_));
        matches!(self.core, Core::Foreign(_)) || self.layers.iter().any(foreign)
    }

    /// Whether both stacks have it with the same links.
    pub fn is_equivalent(&self) -> bool {
        match self.core {
            Core::Own(entry) | Core::Foreign(entry) => entry.is_equivalent(),
            Core::Endless => true,
        }
    }

    /// Makes the error for that stack; `None` if the stack does not have the entry.
    pub fn realise(&self, stack: StackName, driver: &Driver) -> Option<BoxError> {
        let core = match self.core {
            Core::Own(entry) => entry.obtain(stack, driver)?,
            Core::Foreign(entry) => entry.obtain(stack.other(), driver)?,
            Core::Endless => layer::Endless::default().into(),
        };
        self.layers.iter().rev().try_fold(core, |inner, layer| layer.around(inner, stack))
    }

    /// The same error chain in every phase.
    pub fn in_every_phase(&self) -> impl Iterator<Item = ErrorChain> + use<> {
        let error_chain = self.clone();
        Phase::ALL.into_iter().map(move |phase| ErrorChain { phase, ..error_chain.clone() })
    }

    /// The same error chain with these layers instead of its own.
    pub fn with_layers(&self, layers: impl IntoIterator<Item = Layer>) -> ErrorChain {
        ErrorChain { layers: layers.into_iter().collect(), ..self.clone() }
    }
}
