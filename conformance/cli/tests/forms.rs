//! One run, and the forms in which it is written: JUnit XML and what is new since an earlier run. The table and the JSON are
//! tested with the command line, the page in `html.rs`.

use conformance::{
    report::{
        Run,
        baseline::{BaselineDiff, Gist},
    },
    run::{self, RunConfig},
    scenarios,
    stacks::Profile,
};

use conformance_cli::{junit::junit, terminal::summary};

/// Two scenarios: one gets what it expects, the other one expects what is wrong.
fn run(expected_of_the_second: &str) -> Run {
    let goaway = "{ send = \"GOAWAY\", last_stream_id = 0, error_code = \"NO_ERROR\" }, { close = \"eof\" }";
    let steps = format!("steps = [{{ send = \"SETTINGS\" }}, {{ await = \"HEADERS\", stream = 1 }}, {goaway}]\n");
    let one = |name: &str, processed: &str| {
        format!(
            "[[scenario]]\nname = \"{name}\"\nexpect = [{{ processed = \"{processed}\", advice = \"Retry\" }}]\n{steps}"
        )
    };
    let text = one("right", "No") + &one("second", expected_of_the_second);
    let scenarios = scenarios::parse("mine", &text).expect("both are valid");
    let (corpus, profile) = (Vec::new(), Profile::Equal);
    run::run(&RunConfig { scenarios, corpus, cases: 0, error_chains: 0, seed: 1, profile }, &())
}

fn gist(run: &Run) -> Gist {
    let value = serde_json::to_value(run).expect("a run serialises");
    serde_json::from_value(value).expect("a run has what a gist needs")
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
    let baseline = BaselineDiff::between(&gist(&before), &gist(&after));
    assert_eq!(baseline.found.len(), 1);
    assert!(baseline.found[0].starts_with("second: expectation"), "{baseline:?}");
    assert!(baseline.moved.is_empty() && baseline.turned.is_empty() && baseline.gone.is_empty());
    let back = BaselineDiff::between(&gist(&after), &gist(&before));
    assert_eq!((&back.gone, back.found.len()), (&baseline.found, 0));
    after.baseline = Some(baseline);
    let shown = anstream::adapter::strip_str(&summary(&after)).to_string();
    assert!(shown.contains("since the earlier run\n  found     second: expectation"), "{shown}");
}

#[test]
fn a_scenario_that_comes_to_something_else_is_told_with_both() {
    let now = run("No");
    let mut earlier = serde_json::to_value(&now).expect("a run serialises");
    let request = &mut earlier["themes"][0]["scenarios"][0]["case"]["modern"]["requests"][0];
    request["kind"] = "io".into();
    request["verdict"]["advice"] = "GiveUp".into();
    let earlier: Gist = serde_json::from_value(earlier).expect("it still is a run");
    let baseline = BaselineDiff::between(&earlier, &gist(&now));
    let [turned] = &baseline.turned[..] else { panic!("one scenario has turned: {baseline:?}") };
    assert_eq!(turned.scenario, "right");
    assert_eq!(turned.before, ["io in head, processed No, GiveUp"]);
    assert_eq!(turned.after, ["remote GOAWAY in head, processed No, Retry"]);
    assert!(BaselineDiff::between(&gist(&now), &gist(&now)).is_empty());
}
