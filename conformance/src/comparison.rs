//! A comparison: one script played on both stacks, with the outcome on each. The laws judge comparisons.

use crate::{
    classifiers::{Classifiers, OWN_CLASSIFIERS},
    outcome::{self, Outcome, Side},
    rfc9113::Model,
    script::Script,
    stacks::{Driver, Observation, Profile, Stack, observe},
    vocabulary::{PerStack, StackName},
};
use std::rc::Rc;

/// One script played on both stacks.
#[derive(Debug)]
pub struct Comparison {
    /// The outcome on each stack.
    pub sides: PerStack<Side>,
}

/// Runs comparisons. Holds a driver, the settings of the stacks, and the classifiers that read their errors.
pub struct Harness {
    driver: Rc<Driver>,
    profile: Profile,
    classifiers: Classifiers,
}

impl Harness {
    /// A harness with equal settings for both stacks and the suite's own classifiers.
    pub fn new() -> Harness {
        Harness::with(Profile::Equal, OWN_CLASSIFIERS)
    }

    /// A harness with these settings and classifiers.
    pub fn with(profile: Profile, classifiers: Classifiers) -> Harness {
        Harness { driver: Rc::new(Driver::new()), profile, classifiers }
    }

    /// The same harness with other settings for the stacks.
    pub fn on(&self, profile: Profile) -> Harness {
        Harness { driver: self.driver.clone(), profile, classifiers: self.classifiers }
    }

    /// The settings of the stacks.
    pub fn profile(&self) -> Profile {
        self.profile
    }

    /// Plays the script on both stacks and reads the outcomes.
    pub fn run(&self, script: &Script) -> Comparison {
        self.read(script, self.play(script))
    }

    /// Plays the script on both stacks, legacy first.
    pub fn play(&self, script: &Script) -> PerStack<Observation> {
        PerStack::of(|stack| observe(stack)(&self.driver, script, self.profile))
    }

    /// Reads the outcomes from what [`Harness::play`] observed.
    pub fn read(&self, script: &Script, observations: PerStack<Observation>) -> Comparison {
        let mut observations = observations.into_iter();
        let mut next = |stack| Some(self.read_side(stack, script, observations.next()?));
        Comparison { sides: PerStack::of(|stack| next(stack).expect("there is one for each stack")) }
    }

    /// Plays the script on one stack and reads the outcome.
    pub fn side<S: Stack>(&self, script: &Script) -> Side {
        self.read_side(S::NAME, script, self.driver.observe::<S>(script, self.profile))
    }

    fn read_side(&self, stack: StackName, script: &Script, observation: Observation) -> Side {
        let outcome = Outcome::new(&observation, &self.classifiers[stack]);
        let model = Model::of(script, &observation.record);
        Side { stack, observation, outcome, model }
    }
}

impl Default for Harness {
    fn default() -> Harness {
        Harness::new()
    }
}

impl Comparison {
    /// The [digest](outcome::digest) of both sides.
    pub fn digest(&self) -> u64 {
        outcome::digest(self.sides.each())
    }
}
