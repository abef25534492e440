//! What must not matter does not matter, and a classifier to which it does is caught.

use conformance::{
    chain::{Chain, Link},
    classifiers::{self, Advice, ChainClassifier, Classifiers, OWN_CLASSIFIERS, Reader, Verdict, decide},
    comparison::Harness,
    generators::Sequence,
    judge::judge_transformation,
    metamorphic::{TRANSFORMATIONS, Transformation},
    scenarios,
    script::Script,
    stacks::{Profile, drive::record_stack_panics},
    vocabulary::{Phase, StackName},
};
use std::error::Error;

fn generated(batches: u64) -> impl Iterator<Item = (usize, Script)> {
    (0..batches).flat_map(|batch| Sequence::of_scripts(9, batch).take(500)).enumerate()
}

#[test]
fn every_change_can_be_made_often_and_makes_no_difference() {
    record_stack_panics();
    let harness = Harness::new();
    let scenarios = scenarios::built_in().expect("the suite's own scenarios are valid");
    let scenarios: Vec<_> = scenarios.into_iter().map(|scenario| scenario.script).enumerate().collect();
    for change in TRANSFORMATIONS {
        let mut made = 0;
        for (number, script) in scenarios.iter().cloned().chain(generated(8)) {
            let Some(violations) = judge_transformation(&harness, &script, change, number * 7_919) else { continue };
            made += 1;
            assert!(violations.is_empty(), "{}: {}\n{}", change.name, violations[0], script.to_toml());
        }
        assert!(made > 500, "{} was made {made} times", change.name);
    }
}

/// The change of that name.
fn change(name: &str) -> &'static Transformation {
    TRANSFORMATIONS.iter().find(|change| change.name == name).expect("there is such a change")
}

/// Whether scripts show that the change matters to these classifiers.
fn matters(name: &str, classifiers: Classifiers) -> bool {
    record_stack_panics();
    let harness = Harness::with(Profile::Equal, classifiers);
    let differs = |(number, script): (usize, Script)| {
        judge_transformation(&harness, &script, change(name), number).is_some_and(|violations| !violations.is_empty())
    };
    generated(8).any(differs)
}

/// Reads what an error prints, with its debug data in it.
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

/// Changes its mind from one error to the next.
fn fickle(chain: &Chain, phase: Phase) -> Verdict {
    DECIDED.set(DECIDED.get() + 1);
    let advice = if DECIDED.get().is_multiple_of(3) { Advice::GiveUp } else { Advice::Retry };
    Verdict { advice, ..decide(chain, phase) }
}

#[test]
fn a_decision_that_depends_on_what_came_before_is_caught() {
    let modern = ChainClassifier { decide: fickle, ..OWN_CLASSIFIERS[StackName::Modern] };
    for name in ["pieces", "harmless-frames", "later-streams"] {
        assert!(matters(name, OWN_CLASSIFIERS.with(StackName::Modern, modern)), "{name}");
    }
}
