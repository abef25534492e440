//! Metamorphic transformations change no outcome, and a classifier that depends on one is caught.

use conformance::{
    chain::{Chain, Link},
    classifiers::{self, Advice, ChainClassifier, Classifiers, OWN_CLASSIFIERS, Reader, Verdict, decide},
    comparison::Harness,
    generators::Sequence,
    judge::Settled,
    metamorphic::{TRANSFORMATIONS, Transformation},
    scenarios,
    script::Script,
    stacks::{Profile, panics::record_stack_panics},
    vocabulary::{Phase, StackName},
};
use std::error::Error;

fn generated(batches: u64) -> impl Iterator<Item = (usize, Script)> {
    (0..batches).flat_map(|batch| Sequence::of_scripts(9, batch).take(500)).enumerate()
}

#[test]
fn every_transformation_applies_often_and_changes_no_outcome() {
    record_stack_panics();
    let harness = Harness::new();
    let scenarios = scenarios::built_in().expect("the suite's own scenarios are valid");
    let scenarios = scenarios.into_iter().map(|scenario| scenario.script).enumerate();
    let mut made = vec![0; TRANSFORMATIONS.len()];
    for (number, script) in scenarios.into_iter().chain(generated(8)) {
        let settled = Settled::new(&harness, &script);
        for (change, made) in TRANSFORMATIONS.iter().zip(&mut made) {
            let Some(violations) = settled.judge(change, number * 7_919) else { continue };
            *made += 1;
            assert!(violations.is_empty(), "{}: {}\n{}", change.name, violations[0], script.to_toml());
        }
    }
    for (change, made) in TRANSFORMATIONS.iter().zip(made) {
        assert!(made > 500, "{} was applied {made} times", change.name);
    }
}

/// The transformation with that name.
fn change(name: &str) -> &'static Transformation {
    TRANSFORMATIONS.iter().find(|change| change.name == name).expect("there is such a transformation")
}

/// Whether a generated script shows that the transformation changes what these classifiers say.
fn matters(name: &str, classifiers: Classifiers) -> bool {
    record_stack_panics();
    let harness = Harness::with(Profile::Equal, classifiers);
    let differs = |(number, script): (usize, Script)| {
        Settled::new(&harness, &script).judge(change(name), number).is_some_and(|violations| !violations.is_empty())
    };
    generated(8).any(differs)
}

/// Reads the `Debug` text of an error, which holds the debug data of a GOAWAY.
struct ReadsText;

impl Reader for ReadsText {
    fn link(&self, error: &(dyn Error + 'static)) -> Link {
        if format!("{error:?}").contains("too_many_pings") { Link::Elapsed } else { classifiers::Modern.link(error) }
    }

    fn inner<'e>(&self, error: &'e (dyn Error + 'static)) -> Option<&'e (dyn Error + 'static)> {
        classifiers::Modern.inner(error)
    }
}

#[test]
fn a_reader_of_debug_data_is_caught() {
    let modern = ChainClassifier { reader: &ReadsText, decide };
    assert!(matters("debug-data", OWN_CLASSIFIERS.with(StackName::Modern, modern)));
}

thread_local! {
    static DECIDED: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// Gives different advice for every third error.
fn fickle(chain: &Chain, phase: Phase) -> Verdict {
    DECIDED.set(DECIDED.get() + 1);
    let advice = if DECIDED.get().is_multiple_of(3) { Advice::GiveUp } else { Advice::Retry };
    Verdict { advice, ..decide(chain, phase) }
}

#[test]
fn a_decision_that_depends_on_earlier_errors_is_caught() {
    let modern = ChainClassifier { decide: fickle, ..OWN_CLASSIFIERS[StackName::Modern] };
    for name in ["pieces", "harmless-frames", "later-streams"] {
        assert!(matters(name, OWN_CLASSIFIERS.with(StackName::Modern, modern)), "{name}");
    }
}
