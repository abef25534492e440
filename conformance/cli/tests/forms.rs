//! One run, and the forms in which it is written: JUnit XML and what is new since an earlier run. The table and the JSON are
//! tested with the command line, the page in `html.rs`.

use conformance::{
    classifiers::Advice,
    outcome::Kind,
    report::{Run, baseline::BaselineDiff, clients::ClientReport},
    run::{self, RunConfig, play_clients},
    scenarios::{self, Scenario},
    stacks::Profile,
    vocabulary::StackName,
};
use conformance_cli::{junit::junit, terminal::summary};
use conformance_clients::CLIENTS;

/// Two scenarios: one gets what it expects, the other one expects what is wrong.
fn scenarios(expected_of_the_second: &str) -> Vec<Scenario> {
    let goaway = "{ send = \"GOAWAY\", last_stream_id = 0, error_code = \"NO_ERROR\" }, { close = \"eof\" }";
    let steps = format!("steps = [{{ send = \"SETTINGS\" }}, {{ await = \"HEADERS\", stream = 1 }}, {goaway}]\n");
    let one = |name: &str, processed: &str| {
        format!(
            "[[scenario]]\nname = \"{name}\"\nexpect = [{{ processed = \"{processed}\", advice = \"Retry\" }}]\n{steps}"
        )
    };
    let text = one("right", "No") + &one("second", expected_of_the_second);
    scenarios::parse("mine", &text).expect("both are valid")
}

fn run(expected_of_the_second: &str) -> Run {
    let (scenarios, corpus, profile) = (scenarios(expected_of_the_second), Vec::new(), Profile::Equal);
    run::run(&RunConfig { scenarios, corpus, cases: 0, error_chains: 0, seed: 1, profile }, &())
}

#[test]
fn a_run_is_read_back_as_it_was_written() {
    let (before, mut run) = (run("No"), run("Yes"));
    run.clients = play_clients(&scenarios("Yes"), CLIENTS.iter().copied(), &()).expect("the clients can be driven");
    run.baseline = Some(BaselineDiff::between(&before, &run));
    let scenarios: usize = run.themes.iter().map(|theme| theme.scenarios.len()).sum();
    assert_eq!((scenarios, run.violations.len(), run.clients.len()), (2, 1, CLIENTS.len()));
    assert!(run.clients.iter().all(|client: &ClientReport| client.scenarios.len() == 2));
    let written = serde_json::to_string(&run).expect("a run can be written");
    assert_eq!(serde_json::from_str::<Run>(&written).expect("a run can be read"), run);
}

#[test]
fn junit_has_a_test_for_each_scenario_and_law_and_fails_those_that_are_not_clean() {
    let clean = junit(&run("No"));
    assert!(clean.contains("failures=\"0\""), "{clean}");
    for name in ["right", "second", "equivalence", "completeness", "padding"] {
        assert!(clean.contains(&format!("<testcase name=\"{name}\"")), "{name} is no test in {clean}");
    }
    let broken = junit(&run("Yes"));
    assert_eq!(broken.matches("<failure").count(), 1, "{broken}");
    let (before, failure) = broken.split_once("<failure").expect("it is there");
    let test = before.rsplit("<testcase").next().unwrap_or_default();
    assert!(test.starts_with(" name=\"second\""), "{test}");
    for part in ["type=\"expectation\"", "explain", "GOAWAY last_stream_id=0"] {
        assert!(failure.contains(part), "{part} is not in {failure}");
    }
}

#[test]
fn what_is_new_is_told_with_what_it_was_before() {
    let (before, mut after) = (run("No"), run("Yes"));
    let baseline = BaselineDiff::between(&before, &after);
    assert_eq!(baseline.found.len(), 1);
    assert!(baseline.found[0].starts_with("second: expectation"), "{baseline:?}");
    assert!(baseline.moved.is_empty() && baseline.changed.is_empty() && baseline.gone.is_empty());
    let back = BaselineDiff::between(&after, &before);
    assert_eq!((&back.gone, back.found.len()), (&baseline.found, 0));
    after.baseline = Some(baseline);
    let shown = anstream::adapter::strip_str(&summary(&after)).to_string();
    assert!(shown.contains("since the earlier run\n  found     second: expectation"), "{shown}");
}

#[test]
fn a_scenario_that_comes_to_something_else_is_told_with_both() {
    let now = run("No");
    let mut earlier = now.clone();
    let end = &mut earlier.themes[0].scenarios[0].case.sides[StackName::Modern].requests[0].end;
    end.kind = Kind::Io;
    end.verdict.as_mut().expect("the request failed").advice = Advice::GiveUp;
    let baseline = BaselineDiff::between(&earlier, &now);
    let [changed] = &baseline.changed[..] else { panic!("one scenario has changed: {baseline:?}") };
    assert_eq!(changed.scenario, "right");
    assert_eq!(changed.before, ["io in phase head, processed No, GiveUp"]);
    assert_eq!(changed.after, ["remote GOAWAY in phase head, processed No, Retry"]);
    assert!(BaselineDiff::between(&now, &now).is_empty());
}
