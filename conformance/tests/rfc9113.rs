//! The model of RFC 9113 agrees with what every scenario expects.

use conformance::{
    outcome::Side,
    rfc9113::{Certainty, Model},
    scenario::{self, Expectation, Scenario},
    stacks::drive::record_stack_panics,
    trial::Laboratory,
};
use std::fmt::Write;

/// Whether what the model says and what the scenario expects can both be so.
fn agree(model: Certainty, expected: bool, choice: bool) -> bool {
    choice || model == Certainty::Either || (model == Certainty::Yes) == expected
}

/// Where the model differs from the scenario, request by request.
fn disagreements(scenario: &Scenario, side: &Side) -> String {
    let model = Model::of(&scenario.script, &side.observation.record);
    let mut text = String::new();
    for (number, (expected, truth)) in scenario.expect.iter().zip(&model.truths).enumerate() {
        let Expectation { processed, complete, advice, choice } = expected;
        let open = !*complete && advice.is_none();
        let agree = truth.processed.iter().all(|one| processed.contains(one))
            && agree(truth.complete, *complete, *choice)
            && agree(truth.open, open, *choice);
        if !agree {
            let name = &scenario.name;
            let _ = writeln!(text, "{name} on {}, request {number}: expected {expected}; {truth:?}", side.stack);
        }
    }
    text
}

#[test]
fn the_model_agrees_with_every_scenario() {
    record_stack_panics();
    let laboratory = Laboratory::new();
    let mut text = String::new();
    for scenario in scenario::built_in().expect("the suite's own scenarios are valid") {
        let trial = laboratory.run(&scenario.script);
        // A stack that goes astray is not in the exchange any more that the scenario describes.
        let [legacy, modern] = trial.sides().map(|side| disagreements(&scenario, side));
        if !legacy.is_empty() && !modern.is_empty() {
            text += &(legacy + &modern);
        } else if !(legacy + &modern).is_empty() {
            eprintln!("one {}", scenario.name);
        }
    }
    assert!(text.is_empty(), "{text}");
}
