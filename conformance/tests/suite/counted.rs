//! What the model and the laws say of scenarios and generated scripts, counted. Each count is a snapshot.

use conformance::{
    chain::{Chain, Link},
    classifiers::{self, ChainClassifier, OWN_CLASSIFIERS, Reader, Verdict, decide},
    comparison::Harness,
    generators::Sequence,
    metamorphic::TRANSFORMATIONS,
    oracles::{LAWS, expectation, invariance, point_of_divergence},
    rfc9113::{ConnectionState, End, Ground, Handling, Model},
    scenarios,
    script::Script,
    stacks::{Profile, panics::record_stack_panics},
    vocabulary::{Phase, Processed, StackName},
};
use std::{collections::BTreeMap, error::Error, fmt::Write};

/// The number of times that each line was said.
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
        ConnectionState::Ended(End::Broken { clause, .. }) => format!("broken by {}", clause.name()),
        ConnectionState::Ended(End::Client) => "ended by the client".into(),
        ConnectionState::Ended(End::Transport) => "closed".into(),
    }
}

fn ground(ground: Option<Ground>) -> String {
    ground.map_or("nothing".into(), |by| format!("{} by {}", by.what(), by.clause.name()))
}

/// Counts everything that the model says about one side.
fn count_model(counts: &mut Counts, model: &Model) {
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

/// All scenarios, and generated scripts from a fixed seed.
fn played() -> Vec<Script> {
    let scenarios = scenarios::built_in().expect("the suite's own scenarios are valid");
    let generated = (0..3).flat_map(|batch| Sequence::of_scripts(8, batch).take(500));
    scenarios.into_iter().map(|scenario| scenario.script).chain(generated).collect()
}

#[test]
fn the_model_says_of_scripts_what_the_snapshot_says() {
    record_stack_panics();
    let harness = Harness::new();
    let mut counts = Counts::new();
    for script in played() {
        let comparison = harness.run(&script);
        for side in comparison.sides.each() {
            count_model(&mut counts, &side.model);
        }
        for clause in comparison.sides[StackName::Legacy]
            .model
            .clauses
            .union(comparison.sides[StackName::Modern].model.clauses)
            .iter()
        {
            let required = if clause.is_required() { ", as is required" } else { "" };
            count(&mut counts, format!("met §{} {}{required}", clause.section(), clause.name()));
        }
    }
    snapshot("model", &counts);
}

/// Reads the legacy stack's errors with the modern reader, and so recognises none of them.
struct OtherReader;

impl Reader for OtherReader {
    fn link(&self, error: &(dyn Error + 'static)) -> Link {
        classifiers::Modern.link(error)
    }

    fn inner<'e>(&self, error: &'e (dyn Error + 'static)) -> Option<&'e (dyn Error + 'static)> {
        classifiers::Legacy.inner(error)
    }
}

/// Says No for every error of h2, and Maybe for the rest.
fn says_no(chain: &Chain, phase: Phase) -> Verdict {
    let processed = if chain.h2().is_some() { Processed::No } else { Processed::Maybe };
    Verdict { processed, ..decide(chain, phase) }
}

/// Always says Yes.
fn says_yes(chain: &Chain, phase: Phase) -> Verdict {
    Verdict { processed: Processed::Yes, ..decide(chain, phase) }
}

/// Harnesses with a legacy classifier that is right, and with legacy classifiers that are wrong in one way each.
fn harnesses() -> [(&'static str, Harness); 4] {
    let legacy = |legacy| Harness::with(Profile::Equal, OWN_CLASSIFIERS.with(StackName::Legacy, legacy));
    let own = OWN_CLASSIFIERS[StackName::Legacy];
    [
        ("right", Harness::new()),
        ("other reader", legacy(ChainClassifier { reader: &OtherReader, ..own })),
        ("says no", legacy(ChainClassifier { decide: says_no, ..own })),
        ("says yes", legacy(ChainClassifier { decide: says_yes, ..own })),
    ]
}

#[test]
fn the_laws_say_of_scripts_what_the_snapshot_says() {
    record_stack_panics();
    let mut counts = Counts::new();
    for law in LAWS {
        count(&mut counts, format!("{law}: {}", law.text()));
    }
    let scripts = played();
    for (name, harness) in &harnesses() {
        for script in &scripts {
            let comparison = harness.run(script);
            let violations: Vec<_> = LAWS.iter().flat_map(|law| law.judge(&comparison)).collect();
            for violation in &violations {
                let stack = violation.stack.map(|stack| stack.to_string()).unwrap_or_default();
                // Leaves out the long list of differences: the snapshot of the scenarios has it.
                let message = violation.message.split(": legacy").next().unwrap_or_default();
                count(&mut counts, format!("{name}: {} {stack}: {message}", violation.law));
            }
            let steps = violations.iter().filter_map(|violation| violation.step(&comparison)).map(|step| step + 1);
            *counts.entry(format!("{name}: sum of the steps of violations")).or_default() += steps.sum::<usize>();
            let step = point_of_divergence(&comparison).map_or(0, |step| step + 1);
            *counts.entry(format!("{name}: sum of the points of divergence")).or_default() += step;
        }
    }
    snapshot("laws", &counts);
}

#[test]
fn the_laws_say_of_scenarios_what_the_snapshot_says() {
    record_stack_panics();
    let scenarios = scenarios::built_in().expect("the suite's own scenarios are valid");
    let mut counts = Counts::new();
    for (name, harness) in &harnesses() {
        for scenario in &scenarios {
            for violation in expectation::judge(scenario, &harness.run(&scenario.script)) {
                let stated = expectation::is_stated(scenario, &violation);
                count(&mut counts, format!("{name}: {violation}, stated {stated}"));
            }
        }
    }
    let harness = Harness::new();
    let comparisons: Vec<_> = scenarios.iter().map(|scenario| harness.run(&scenario.script)).collect();
    for comparison in &comparisons {
        for violation in LAWS.iter().flat_map(|law| law.judge(comparison)) {
            count(&mut counts, violation.to_string());
        }
    }
    // The next scenario stands for a transformation that changes the outcome.
    for (before, after) in comparisons.iter().zip(&comparisons[1..]) {
        for earlier in [0, 1] {
            for violation in invariance::judge(TRANSFORMATIONS[0], before, after, earlier) {
                count(&mut counts, format!("after {earlier} earlier: {violation}"));
            }
        }
    }
    snapshot("laws_of_scenarios", &counts);
}

fn snapshot(name: &str, counts: &Counts) {
    let mut text = String::new();
    for (what, times) in counts {
        let _ = writeln!(text, "{times:6}  {what}");
    }
    insta::with_settings!({ snapshot_path => "../../../snapshots", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(name, text);
    });
}
