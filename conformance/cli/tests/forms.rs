//! The output forms of a run: text with its findings, JUnit XML, and the difference to an earlier run. The tests of the
//! command line cover the tables and the JSON, `html.rs` covers the page.

use conformance::{
    classifiers::Advice,
    judge::KnownBy,
    outcome::Kind,
    report::{
        BrokenErrorChain, BrokenTransformation, Found, Run, Theme,
        baseline::{BaselineDiff, ClientChange},
        clients::ClientReport,
        layout::WIDTH,
        shards::Shard,
    },
    run::{self, RunConfig, play_clients},
    scenarios::{self, Scenario, THEMES},
    stacks::Profile,
    vocabulary::StackName,
};
use conformance_cli::{html, junit::junit, terminal::summary};
use conformance_clients::CLIENTS;
use std::collections::BTreeSet;

/// Two scenarios with the same steps: the first expects Retry, which is right, the second expects this.
fn scenarios(expected_of_the_second: &str) -> Vec<Scenario> {
    let goaway = "{ send = \"GOAWAY\", last_stream_id = 0, error_code = \"NO_ERROR\" }, { close = \"eof\" }";
    let steps = format!("steps = [{{ send = \"SETTINGS\" }}, {{ await = \"HEADERS\", stream = 1 }}, {goaway}]\n");
    let one = |name: &str, advice: &str| {
        format!("[[scenario]]\nname = \"{name}\"\nexpect = [{{ processed = \"No\", advice = \"{advice}\" }}]\n{steps}")
    };
    let text = one("right", "Retry") + &one("second", expected_of_the_second);
    scenarios::parse("mine", &text).expect("both are valid")
}

fn run(expected_of_the_second: &str) -> Run {
    let (scenarios, corpus, profile) = (scenarios(expected_of_the_second), Vec::new(), Profile::Equal);
    run::run(&RunConfig { scenarios, corpus, cases: 0, error_chains: 0, seed: 1, profile, shard: Shard::WHOLE }, &())
}

#[test]
fn a_run_is_read_back_as_it_was_written() {
    let (before, mut run) = (run("Retry"), run("GiveUp"));
    run.clients = play_clients(&scenarios("GiveUp"), CLIENTS.iter().copied(), &()).expect("the clients can be driven");
    run.baseline = Some(BaselineDiff::between(&before, &run));
    let scenarios: usize = run.themes.iter().map(|theme| theme.scenarios.len()).sum();
    assert_eq!((scenarios, run.violations.len(), run.clients.len()), (2, 1, CLIENTS.len()));
    assert!(run.clients.iter().all(|client: &ClientReport| client.scenarios.len() == 2));
    let written = serde_json::to_string(&run).expect("a run can be written");
    assert_eq!(serde_json::from_str::<Run>(&written).expect("a run can be read"), run);
}

fn text(run: &Run, verbose: bool) -> String {
    anstream::adapter::strip_str(&summary(run, verbose, WIDTH)).to_string()
}

/// A run with a finding of each kind, and two findings in scripts, of which the second is smaller.
fn with_every_kind_of_finding() -> Run {
    let mut run = run("GiveUp");
    let mut smaller = run.violations[0].smallest.clone();
    (smaller.name, smaller.script) = ("smaller".into(), "requests = []\nsteps = [\n]\n".into());
    let first = &smaller.violations[0];
    run.broken_error_chains.push(BrokenErrorChain {
        error_chains: 2,
        smallest: "arc > hyper:eof in head".into(),
        stack: first.stack.expect("one stack shows it"),
        law: first.law,
        message: "it is read as something else".into(),
        replay: "cargo run --release -- explain \"chain:arc > hyper:eof in head\"".into(),
    });
    run.violations.push(Found::new(3, KnownBy::from("smaller: a law".to_owned()), smaller));
    run.broken_transformations.push(BrokenTransformation {
        change: "padding".into(),
        rfc: "§6.1: \"Padding octets have no semantic value.\"".into(),
        scripts: 1,
        message: "request 0 ended differently".into(),
        before: "cargo run --release -- explain hex:00".into(),
        after: "cargo run --release -- explain hex:01".into(),
    });
    // Only a run of the whole suite must meet every required clause.
    run.themes.resize_with(THEMES.len(), || Theme { name: String::new(), scenarios: Vec::new() });
    run.generated = Run::COVERING;
    run.clauses.retain(|clause| clause.required && !clause.is_met());
    run.clauses.truncate(1);
    let (client, scenario, what) = ("a client".into(), "right".into(), "request 0: safety: it was sent twice".into());
    let wrong = vec![ClientChange { client, scenario, what }];
    run.baseline = Some(BaselineDiff { wrong, ..BaselineDiff::default() });
    run
}

#[test]
fn unexplained_findings_are_listed_with_their_commands_and_the_smallest_is_shown_in_full() {
    let run = with_every_kind_of_finding();
    let shown = text(&run, false);
    let (list, rest) = shown.split_once("\n\nSince the earlier run\n").expect("it is compared");
    let list = list.split_once("\n\nNothing explains 5 findings:\n").expect("they are counted").1;
    let lines: Vec<&str> = list.lines().collect();
    assert_eq!(lines[..2], ["  smaller: a law (3 cases)", &*format!("      {}", run.violations[1].smallest.replay)]);
    assert!(lines[2].starts_with("  second: expectation on "), "{list}");
    let beginnings = [
        "  error chains: expectation on ",
        "  padding must not matter",
        "  wrong only ",
        "Coverage: 0 of 1 required clauses were met.",
        "  nothing meets ",
    ];
    let places = beginnings.map(|begin| lines.iter().position(|line| line.starts_with(begin)).expect(begin));
    assert!(places.is_sorted(), "{list}");
    for command in
        ["explain hex:", "explain \"chain:arc > hyper:eof in head\"", "explain hex:00", "explain hex:01", "clients"]
    {
        assert!(list.contains(&format!("cargo run --release -- {command}")), "{command} is not in {list}");
    }
    let mut texts = lines.iter().filter(|line| !line.contains("cargo run"));
    assert_eq!(texts.find(|line| line.chars().count() > 100), None);
    assert_eq!(shown.matches("\nThe exchange\n").count(), 1, "{shown}");
    assert!(rest.contains("\nThe smallest of 3 cases:\n\nsmaller\n"), "{rest}");
    assert!(rest.contains("  every case in full, and the tables    --verbose"), "{rest}");
    assert!(shown.ends_with("\n5 unexplained: 2 scenarios, 0 corpus files, 20000 generated scripts, 0 error chains\n"));
    let all = text(&run, true);
    assert_eq!(all.matches("\nThe exchange\n").count(), 2, "{all}");
    assert!(all.contains(list) && all.contains("\ntheme "), "{all}");
}

#[test]
fn the_table_of_clauses_for_senders_has_what_each_stack_broke() {
    let mut scenarios = scenarios::built_in().expect("they are valid");
    scenarios.retain(|scenario| scenario.name == "request-body-fails");
    let (corpus, profile) = (Vec::new(), Profile::Equal);
    let mut run = run::run(
        &RunConfig { scenarios, corpus, cases: 0, error_chains: 0, seed: 1, profile, shard: Shard::WHOLE },
        &(),
    );
    let row = |run: &Run, name: &str| {
        let shown = text(run, true);
        let (_, table) = shown.split_once("\nRFC 9113  for senders ").expect("it is there");
        let row = table.lines().find(|line| line.contains(&format!(" {name} "))).expect("the clause has a row");
        row.split_whitespace().skip(2).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(row(&run, "ResetNotOnIdle"), ["0", "1", "1", "0", "0"]);
    assert_eq!(row(&run, "PingAnswered"), ["0", "0", "0", "0", "0"]);
    // The model only counts how often this one is met.
    assert_eq!(row(&run, "OneReset"), ["0", "1", "–", "–", "–"]);
    let clause = run.clauses.iter_mut().find(|clause| clause.name == "ResetNotOnIdle").expect("it is a clause");
    clause.count_broken(StackName::Modern, false);
    assert_eq!(row(&run, "ResetNotOnIdle"), ["0", "1", "1", "1", "1"]);
    let page = html::page(&run);
    assert!(page.contains("<td class=\"n\">1 <b class=\"bad\">1 unexplained</b></td>"), "{page}");
    assert!(page.contains("RFC 9113 §6.4: RST_STREAM is on an idle stream (known: request-body-fails)"), "{page}");
}

#[test]
fn coverage_is_no_finding_and_fails_only_a_run_that_is_complete_enough() {
    let mut run = run("Retry");
    run.themes.resize_with(THEMES.len(), || Theme { name: String::new(), scenarios: Vec::new() });
    run.clauses.retain(|clause| clause.required);
    assert!(run.unmet().next().is_some());
    for generated in [0, 10, Run::COVERING - 1, Run::COVERING] {
        run.generated = generated;
        let whole = generated == Run::COVERING;
        assert_eq!((run.is_clean(), run.passes(), run.unexplained()), (true, !whole, 0));
        let (shown, junit) = (text(&run, true), junit(&run));
        assert!(shown.contains("\nNothing new is wrong: "), "{shown}");
        assert_eq!(shown.contains("scripts need not meet all"), !whole, "{shown}");
        assert_eq!(shown.contains("\n  nothing meets "), whole, "{shown}");
        assert_eq!(shown.contains("\nAll explained, but nothing meets "), whole, "{shown}");
        assert_eq!(junit.contains("type=\"unmet\""), whole, "{junit}");
    }
}

#[test]
fn an_interrupted_run_says_so_first_and_last() {
    let (mut right, mut wrong) = (run("Retry"), run("GiveUp"));
    (right.interrupted, wrong.interrupted) = (true, true);
    let [right, wrong] = [right, wrong].map(|run| text(&run, true));
    let first = "\n\nInterrupted: what did not run is not known.\n";
    assert!(right.contains(&format!("{first}Nothing new was wrong until then: ")), "{right}");
    assert!(
        right.ends_with("\nInterrupted, with 0 unexplained until then: what did not run is not known\n"),
        "{right}"
    );
    assert!(wrong.contains(&format!("{first}Nothing explains 1 finding:\n")), "{wrong}");
    assert!(
        wrong.ends_with("\nInterrupted, with 1 unexplained until then: what did not run is not known\n"),
        "{wrong}"
    );
}

#[test]
fn junit_has_a_test_for_each_scenario_and_law_and_fails_those_with_findings() {
    let clean = junit(&run("Retry"));
    assert!(clean.contains("failures=\"0\""), "{clean}");
    for name in ["right", "second", "equivalence", "completeness", "padding"] {
        assert!(clean.contains(&format!("<testcase name=\"{name}\"")), "{name} is no test in {clean}");
    }
    let broken = junit(&run("GiveUp"));
    assert_eq!(broken.matches("<failure").count(), 1, "{broken}");
    let (before, failure) = broken.split_once("<failure").expect("it is there");
    let test = before.rsplit("<testcase").next().unwrap_or_default();
    assert!(test.starts_with(" name=\"second\""), "{test}");
    for part in ["type=\"expectation\"", "explain", "GOAWAY last_stream_id=0"] {
        assert!(failure.contains(part), "{part} is not in {failure}");
    }
}

/// The attributes of each tag of this name.
fn tags<'xml>(xml: &'xml str, name: &str) -> Vec<&'xml str> {
    let begin = format!("<{name} ");
    xml.split(&begin).skip(1).map(|rest| rest.split('>').next().unwrap_or_default()).collect()
}

#[test]
fn junit_has_the_attributes_that_jenkins_and_surefire_want_and_no_other() {
    let mut run = run("GiveUp");
    run.clauses[0].required = true;
    let xml = junit(&run);
    let names = |tag: &str| {
        let names = tag.split('"').step_by(2).filter_map(|part| part.trim().strip_suffix('='));
        names.map(str::to_owned).collect::<BTreeSet<_>>()
    };
    for suite in tags(&xml, "testsuite") {
        let wanted = ["name", "tests", "skipped", "errors", "failures", "time"].map(String::from);
        assert_eq!(names(suite), BTreeSet::from(wanted), "{suite}");
    }
    for case in tags(&xml, "testcase") {
        assert_eq!(names(case), BTreeSet::from(["name", "classname", "time"].map(String::from)), "{case}");
    }
    let skipped = tags(&xml, "skipped").len();
    let counted = tags(&xml, "testsuite").into_iter().map(|suite| {
        let number = suite.split(" skipped=\"").nth(1).and_then(|rest| rest.split('"').next());
        number.and_then(|number| number.parse::<usize>().ok()).expect("it is a number")
    });
    assert!(skipped > 0 && counted.sum::<usize>() == skipped, "{xml}");
}

#[test]
fn a_new_finding_is_shown_between_the_result_and_the_case() {
    let (before, mut after) = (run("Retry"), run("GiveUp"));
    let baseline = BaselineDiff::between(&before, &after);
    assert_eq!(baseline.found.len(), 1);
    assert!(baseline.found[0].starts_with("second: expectation"), "{baseline:?}");
    assert!(baseline.moved.is_empty() && baseline.changed.is_empty() && baseline.gone.is_empty());
    let back = BaselineDiff::between(&after, &before);
    assert_eq!((&back.gone, back.found.len()), (&baseline.found, 0));
    after.baseline = Some(baseline);
    let shown = text(&after, false);
    let place = |part: &str| shown.find(part).unwrap_or_else(|| panic!("{part:?} is not in {shown}"));
    let answer = place("Nothing explains 1 finding:\n  second: expectation");
    let new = place("Since the earlier run\n  found     second: expectation");
    assert!(answer < new && new < place("\nThe exchange\n"), "{shown}");
}

#[test]
fn a_changed_outcome_of_a_scenario_is_shown_before_and_after() {
    let now = run("Retry");
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
