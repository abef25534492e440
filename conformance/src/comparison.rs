//! A comparison: one script on both stacks, and what each made of it. The laws judge comparisons.

use crate::{
    classifiers::Classifiers,
    outcome::{self, Outcome, Side},
    rfc9113::Model,
    script::Script,
    stacks::{Driver, Legacy, Modern, Observation, Profile, Stack},
};
use std::rc::Rc;

/// One script on both stacks.
#[derive(Debug)]
pub struct Comparison {
    /// What hyper 0.14 on h2 0.3 made of it.
    pub legacy: Side,
    /// What hyper 1 on h2 0.4 made of it.
    pub modern: Side,
}

/// Runs comparisons: a driver, the settings of the stacks, and the classifiers that read their errors.
pub struct Harness {
    driver: Rc<Driver>,
    profile: Profile,
    classifiers: Classifiers,
}

impl Harness {
    /// A harness with stacks on equal settings, and with the suite's own classifiers.
    pub fn new() -> Harness {
        Harness::with(Profile::Equal, Classifiers::OWN)
    }

    /// A harness with these settings and classifiers.
    pub fn with(profile: Profile, classifiers: Classifiers) -> Harness {
        Harness { driver: Rc::new(Driver::new()), profile, classifiers }
    }

    /// The same harness with other settings of the stacks.
    pub fn on(&self, profile: Profile) -> Harness {
        Harness { driver: self.driver.clone(), profile, classifiers: self.classifiers }
    }

    /// The settings of the stacks.
    pub fn profile(&self) -> Profile {
        self.profile
    }

    /// Plays the script on both stacks, and reads what came of it.
    pub fn run(&self, script: &Script) -> Comparison {
        self.read(script, self.play(script))
    }

    /// Plays the script on both stacks, legacy first.
    pub fn play(&self, script: &Script) -> [Observation; 2] {
        [self.driver.observe::<Legacy>(script, self.profile), self.driver.observe::<Modern>(script, self.profile)]
    }

    /// Reads what [`Harness::play`] observed.
    pub fn read(&self, script: &Script, [legacy, modern]: [Observation; 2]) -> Comparison {
        Comparison {
            legacy: self.read_side::<Legacy>(script, legacy),
            modern: self.read_side::<Modern>(script, modern),
        }
    }

    /// Plays the script on one stack, and reads what came of it.
    pub fn side<S: Stack>(&self, script: &Script) -> Side {
        self.read_side::<S>(script, self.driver.observe::<S>(script, self.profile))
    }

    fn read_side<S: Stack>(&self, script: &Script, observation: Observation) -> Side {
        let outcome = Outcome::new(&observation, &self.classifiers.of(S::NAME));
        let model = Model::of(script, &observation.record);
        Side { stack: S::NAME, observation, outcome, model }
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
        outcome::digest(self.sides())
    }

    /// Both sides, legacy first.
    pub fn sides(&self) -> [&Side; 2] {
        [&self.legacy, &self.modern]
    }
}
