//! A trial: one script on both stacks, and what each made of it. The laws judge trials.

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
pub struct Trial {
    /// What hyper 0.14 on h2 0.3 made of it.
    pub legacy: Side,
    /// What hyper 1 on h2 0.4 made of it.
    pub modern: Side,
}

/// Runs trials: a driver, the settings of the stacks, and the classifiers that read their errors.
pub struct Laboratory {
    driver: Rc<Driver>,
    profile: Profile,
    classifiers: Classifiers,
}

impl Laboratory {
    /// A laboratory with stacks on equal settings, and with the suite's own classifiers.
    pub fn new() -> Laboratory {
        Laboratory::with(Profile::Equal, Classifiers::OWN)
    }

    /// A laboratory with these settings and classifiers.
    pub fn with(profile: Profile, classifiers: Classifiers) -> Laboratory {
        Laboratory { driver: Rc::new(Driver::new()), profile, classifiers }
    }

    /// The same laboratory with other settings of the stacks.
    pub fn on(&self, profile: Profile) -> Laboratory {
        Laboratory { driver: self.driver.clone(), profile, classifiers: self.classifiers }
    }

    /// The settings of the stacks.
    pub fn profile(&self) -> Profile {
        self.profile
    }

    /// Plays the script on both stacks, and reads what came of it.
    pub fn run(&self, script: &Script) -> Trial {
        self.read(script, self.play(script))
    }

    /// Plays the script on both stacks, legacy first.
    pub fn play(&self, script: &Script) -> [Observation; 2] {
        [self.driver.observe::<Legacy>(script, self.profile), self.driver.observe::<Modern>(script, self.profile)]
    }

    /// Reads what [`Laboratory::play`] observed.
    pub fn read(&self, script: &Script, [legacy, modern]: [Observation; 2]) -> Trial {
        Trial { legacy: self.read_side::<Legacy>(script, legacy), modern: self.read_side::<Modern>(script, modern) }
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

impl Default for Laboratory {
    fn default() -> Laboratory {
        Laboratory::new()
    }
}

impl Trial {
    /// The [digest](outcome::digest) of both sides.
    pub fn digest(&self) -> u64 {
        outcome::digest(self.sides())
    }

    /// Both sides, legacy first.
    pub fn sides(&self) -> [&Side; 2] {
        [&self.legacy, &self.modern]
    }
}
