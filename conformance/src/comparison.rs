//! A comparison: one script played on both stacks, with the outcome on each. The laws judge comparisons.

use crate::{
    classifiers::{ChainClassifier, Classifiers, OWN_CLASSIFIERS},
    outcome::{Outcome, Side},
    rfc9113::Model,
    script::Script,
    stacks::{Driver, Observation, Profile, Stack, observe},
    vocabulary::{PerStack, StackName},
};
use std::rc::Rc;

/// One script played on both stacks: on their clients, or on their servers with another type of side.
#[derive(Debug)]
pub struct Comparison<S = Side> {
    /// The outcome on each stack.
    pub sides: PerStack<S>,
}

/// Runs comparisons. Holds a driver, what it drives with which settings, and the classifiers that read the errors.
pub struct Harness<S = Side> {
    driver: Rc<Driver>,
    profile: Profile,
    observe: PerStack<Observe>,
    classifiers: Classifiers,
    read: Read<S>,
}

/// Plays a script on a stack.
type Observe = fn(&Driver, &Script, Profile) -> Observation;

/// Reads what a stack made of a script.
type Read<S> = fn(StackName, &Script, Observation, &ChainClassifier) -> S;

impl<S> Harness<S> {
    /// A harness that observes and reads in these ways.
    pub(crate) fn of(
        profile: Profile,
        observe: PerStack<Observe>,
        classifiers: Classifiers,
        read: Read<S>,
    ) -> Harness<S> {
        Harness { driver: Rc::new(Driver::new()), profile, observe, classifiers, read }
    }

    /// The same harness with other settings for the stacks.
    pub fn on(&self, profile: Profile) -> Harness<S> {
        Harness { driver: self.driver.clone(), profile, ..*self }
    }

    /// The settings of the stacks.
    pub fn profile(&self) -> Profile {
        self.profile
    }

    /// Plays the script on both stacks and reads the outcomes.
    pub fn run(&self, script: &Script) -> Comparison<S> {
        self.read(script, self.play(script))
    }

    /// Plays the script on both stacks, legacy first.
    pub fn play(&self, script: &Script) -> PerStack<Observation> {
        self.observe.map(|observe| observe(&self.driver, script, self.profile))
    }

    /// Reads the outcomes from what [`Harness::play`] observed.
    pub fn read(&self, script: &Script, observations: PerStack<Observation>) -> Comparison<S> {
        let mut observations = observations.into_iter();
        let mut next = |stack| Some((self.read)(stack, script, observations.next()?, &self.classifiers[stack]));
        Comparison { sides: PerStack::of(|stack| next(stack).expect("there is one for each stack")) }
    }
}

impl Harness {
    /// A harness with equal settings for the clients of both stacks and the suite's own classifiers.
    pub fn new() -> Harness {
        Harness::with(Profile::Equal, OWN_CLASSIFIERS)
    }

    /// A harness for the clients of both stacks, with these settings and classifiers.
    pub fn with(profile: Profile, classifiers: Classifiers) -> Harness {
        Harness::of(profile, PerStack::of(observe), classifiers, read_client)
    }

    /// Plays the script on one stack and reads the outcome.
    pub fn side<S: Stack>(&self, script: &Script) -> Side {
        let observation = self.driver.observe::<S>(script, self.profile);
        read_client(S::NAME, script, observation, &self.classifiers[S::NAME])
    }
}

fn read_client(stack: StackName, script: &Script, observation: Observation, classifier: &ChainClassifier) -> Side {
    let outcome = Outcome::new(&observation, classifier);
    let model = Model::of(script, &observation.record);
    Side { stack, observation, outcome, model }
}

impl Default for Harness {
    fn default() -> Harness {
        Harness::new()
    }
}
