//! The model of RFC 9113 agrees with what every scenario expects, and it and the laws say of generated scripts what they
//! said before: that is what mutation testing holds them to.

use conformance::{
    chain::{Chain, Link, Phase},
    classifiers::{self, ChainClassifier, Classifiers, Processed, Reader, Verdict, decide},
    generators::Sequence,
    http2::hpack::Field,
    oracles::{LAWS, expectation, point_of_divergence},
    outcome::Side,
    rfc9113::{Certainty, ConnectionState, Ground, Handling, Model, is_malformed},
    scenario::{self, Expectation, Scenario},
    script::Script,
    stacks::{Profile, drive::record_stack_panics},
    trial::Laboratory,
};
use std::{collections::BTreeMap, error::Error, fmt::Write};

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

/// What is counted over generated scripts, by what it is.
type Counts = BTreeMap<String, usize>;

fn count(counts: &mut Counts, what: String) {
    *counts.entry(what).or_default() += 1;
}

fn handling(handling: Handling) -> String {
    let kind = match handling {
        Handling::Processed => "processed",
        Handling::Discarded(_) => "discarded",
        Handling::Choice(_) => "choice",
        Handling::StreamError(_) => "stream error",
        Handling::ConnectionError(_) => "connection error",
        Handling::Unread => "unread",
    };
    handling.clause().map_or(kind.into(), |clause| format!("{kind} by {} {}", clause.section(), clause.name()))
}

fn connection(state: ConnectionState) -> String {
    match state {
        ConnectionState::Alive => "alive".into(),
        ConnectionState::Draining { .. } => "draining".into(),
        ConnectionState::Broken { clause, .. } => format!("broken by {}", clause.name()),
        ConnectionState::EndedByClient => "ended by the client".into(),
        ConnectionState::Closed => "closed".into(),
    }
}

fn ground(ground: Option<Ground>) -> String {
    ground.map_or("nothing".into(), |by| format!("{} by {}", by.what(), by.clause.name()))
}

/// Counts all that the model says of one side.
fn count_model(counts: &mut Counts, model: &Model) {
    for clause in model.clauses.iter() {
        count(counts, format!("met {}", clause.name()));
    }
    for frame in &model.frames {
        count(counts, format!("frame {}", handling(frame.handling)));
    }
    for truth in &model.truths {
        let processed: Vec<_> = truth.processed.iter().map(ToString::to_string).collect();
        let known = if truth.is_known { ", known" } else { "" };
        let processed = processed.join(" or ");
        count(counts, format!("processed {processed}{known}: {}", ground(Some(truth.because))));
        count(counts, format!("complete {}, open {}: ended by {}", truth.complete, truth.open, ground(truth.ended_by)));
    }
    count(counts, format!("connection {}", connection(model.connection)));
}

/// Everything that is played here: scenarios, and scripts of a fixed seed.
fn played() -> Vec<Script> {
    let scenarios = scenario::built_in().expect("the suite's own scenarios are valid");
    let generated = (0..3).flat_map(|batch| Sequence::of_scripts(8, batch).take(500));
    scenarios.into_iter().map(|scenario| scenario.script).chain(generated).collect()
}

#[test]
fn the_model_says_of_generated_scripts_what_it_said() {
    record_stack_panics();
    let laboratory = Laboratory::new();
    let mut counts = Counts::new();
    for script in played() {
        for side in laboratory.run(&script).sides() {
            count_model(&mut counts, &side.model);
        }
    }
    snapshot("model", &counts);
}

/// Reads legacy's errors with the reader of modern, and so none of them.
struct OtherReader;

impl Reader for OtherReader {
    fn link(&self, error: &(dyn Error + 'static)) -> Link {
        classifiers::Modern.link(error)
    }

    fn inner<'e>(&self, error: &'e (dyn Error + 'static)) -> Option<&'e (dyn Error + 'static)> {
        classifiers::Legacy.inner(error)
    }
}

/// Says No of whatever the peer or the library reported, and Maybe of the rest.
fn says_no(chain: &Chain, phase: Phase) -> Verdict {
    let processed = if chain.h2().is_some() { Processed::No } else { Processed::Maybe };
    Verdict { processed, ..decide(chain, phase) }
}

#[test]
fn the_laws_say_of_generated_scripts_what_they_said() {
    record_stack_panics();
    let reader = ChainClassifier { reader: &OtherReader, decide };
    let wrong =
        Classifiers { legacy: ChainClassifier { decide: says_no, ..Classifiers::OWN.legacy }, ..Classifiers::OWN };
    let laboratories = [
        ("right", Laboratory::new()),
        ("other reader", Laboratory::with(Profile::Equal, Classifiers { legacy: reader, ..Classifiers::OWN })),
        ("says no", Laboratory::with(Profile::Equal, wrong)),
    ];
    let mut counts = Counts::new();
    for law in LAWS {
        count(&mut counts, format!("{}: {}", law.law(), law.law().text()));
    }
    let scripts = played();
    let scenarios = scenario::built_in().expect("the suite's own scenarios are valid");
    for (name, laboratory) in &laboratories {
        for script in &scripts {
            let trial = laboratory.run(script);
            let violations: Vec<_> = LAWS.iter().flat_map(|law| law.judge(&trial)).collect();
            for violation in &violations {
                let stack = violation.stack.map(|stack| stack.to_string()).unwrap_or_default();
                // What follows of both stacks is in the snapshots of the scenarios.
                let message = violation.message.split(": legacy").next().unwrap_or_default();
                count(&mut counts, format!("{name}: {} {stack}: {message}", violation.law));
            }
            let steps = violations.iter().filter_map(|violation| violation.step(&trial)).map(|step| step + 1);
            *counts.entry(format!("{name}: sum of the steps of violations")).or_default() += steps.sum::<usize>();
            let step = point_of_divergence(&trial).map_or(0, |step| step + 1);
            *counts.entry(format!("{name}: sum of the points of divergence")).or_default() += step;
        }
        for scenario in &scenarios {
            for violation in expectation::judge(scenario, &laboratory.run(&scenario.script)) {
                let stated = expectation::is_stated(scenario, &violation);
                count(&mut counts, format!("{name}: {violation}, stated {stated}"));
            }
        }
    }
    snapshot("laws", &counts);
}

fn snapshot(name: &str, counts: &Counts) {
    let mut text = String::new();
    for (what, times) in counts {
        let _ = writeln!(text, "{times:6}  {what}");
    }
    insta::with_settings!({ snapshot_path => "../../snapshots", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(name, text);
    });
}

#[test]
fn fields_alone_can_make_a_response_malformed() {
    let fields = |names: &[(&str, &str)]| -> Vec<Field> {
        names.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect()
    };
    assert!(!is_malformed(&fields(&[(":status", "200"), ("server", "peer")])));
    for malformed in [
        &[(":status", "200"), ("connection", "close")][..],
        &[(":status", "200"), ("Server", "peer")],
        &[(":status", "200"), ("a:b", "peer")],
        &[(":status", "200"), ("", "peer")],
        &[(":status", "200"), ("server", " peer")],
        &[(":status", "200"), ("server", "peer\t")],
        &[(":status", "200"), ("server", "pe\ner")],
        &[(":status", "200"), ("te", "gzip")],
        &[(":status", "20")],
        &[(":status", "2000")],
        &[(":path", "/")],
        &[("server", "peer"), (":status", "200")],
        &[(":status", "200"), (":status", "200")],
    ] {
        assert!(is_malformed(&fields(malformed)), "{malformed:?}");
    }
}
