//! Error plans: a chain of errors as data, which is realised with the types of either stack.
//!
//! A plan is a specimen and the layers around it, as the code above a client puts them there. [`ErrorPlan::realise`] makes
//! the error; [`ErrorPlan::chain`] says what a reader has to see of it, worked out from the plan alone. So readers and
//! classifiers are held to something that they did not make themselves.

mod expected;
mod layer;
mod text;

pub use expected::Knows;
pub use layer::{Imitated, Layer};
pub use text::PlanError;

use crate::{
    chain::{Phase, StackName},
    specimens::Specimen,
    stacks::{BoxError, Driver},
};

/// A chain of errors as data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorPlan {
    /// What stands around the specimen, outermost first.
    pub layers: Vec<Layer>,
    /// What is innermost.
    pub core: Core,
    /// How far the request had come when the error came.
    pub phase: Phase,
}

/// What is innermost in a plan.
#[derive(Clone, Copy, Debug)]
pub enum Core {
    /// A specimen of the stack that the plan is realised for.
    Own(&'static Specimen),
    /// A specimen of the other stack.
    Foreign(&'static Specimen),
    /// An error whose `source()` never ends.
    Endless,
}

impl PartialEq for Core {
    fn eq(&self, other: &Core) -> bool {
        match (self, other) {
            (Core::Own(one), Core::Own(other)) | (Core::Foreign(one), Core::Foreign(other)) => one.name == other.name,
            (Core::Endless, Core::Endless) => true,
            _ => false,
        }
    }
}

impl Eq for Core {}

impl ErrorPlan {
    /// The specimen alone, in the phase in which its application gets it.
    pub fn bare(specimen: &'static Specimen) -> ErrorPlan {
        ErrorPlan { layers: Vec::new(), core: Core::Own(specimen), phase: specimen.phase }
    }

    /// Whether it can be realised for that stack: a stack may not have the specimen.
    pub fn exists_on(&self, stack: StackName) -> bool {
        match self.core {
            Core::Own(specimen) => specimen.on(stack).is_ok(),
            Core::Foreign(specimen) => specimen.on(stack.other()).is_ok(),
            // hyper looks for its mark of a timeout wherever sources lead, and would never come to an end.
            Core::Endless => !self.layers.iter().any(|layer| layer.is_of_hyper()),
        }
    }

    /// Whether errors of the other stack stand in it.
    pub fn is_foreign(&self) -> bool {
        let foreign = |layer: &Layer| matches!(layer, Layer::ForeignEnclosed(_));
        matches!(self.core, Core::Foreign(_)) || self.layers.iter().any(foreign)
    }

    /// Whether both stacks have it as the same links.
    pub fn is_equivalent(&self) -> bool {
        match self.core {
            Core::Own(specimen) | Core::Foreign(specimen) => specimen.is_equivalent(),
            Core::Endless => true,
        }
    }

    /// Makes the error for that stack; `None` if the stack does not have the specimen.
    pub fn realise(&self, stack: StackName, driver: &Driver) -> Option<BoxError> {
        let core = match self.core {
            Core::Own(specimen) => specimen.obtain(stack, driver)?,
            Core::Foreign(specimen) => specimen.obtain(stack.other(), driver)?,
            Core::Endless => layer::Endless::default().into(),
        };
        self.layers.iter().rev().try_fold(core, |inner, layer| layer.around(inner, stack))
    }

    /// The same error in every phase.
    pub fn in_every_phase(&self) -> impl Iterator<Item = ErrorPlan> + use<> {
        let plan = self.clone();
        Phase::ALL.into_iter().map(move |phase| ErrorPlan { phase, ..plan.clone() })
    }

    /// The same plan with some layers left out, or others in their place.
    pub fn with_layers(&self, layers: impl IntoIterator<Item = Layer>) -> ErrorPlan {
        ErrorPlan { layers: layers.into_iter().collect(), ..self.clone() }
    }
}
