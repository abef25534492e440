//! What becomes of the expectations of scenarios: met, stated, explained by the ledger, or disputed by the model.

use conformance::{
    classifiers::Advice,
    comparison::Harness,
    http2::{ErrorCode, Frame, StreamId},
    judge::{Judgement, judge, judge_scenario},
    ledger::{Judged, LOST},
    outcome::Side,
    scenarios::{self, But, Scenario},
    script::{Script, Step},
    stacks::panics::record_stack_panics,
};

/// What the judge says of this scenario of the suite after a change.
fn changed(name: &str, change: impl FnOnce(&mut Scenario)) -> Judgement {
    record_stack_panics();
    let scenarios = scenarios::built_in().expect("the suite's own scenarios are valid");
    let mut scenario = scenarios.into_iter().find(|scenario| scenario.name == name).expect("there is such a scenario");
    change(&mut scenario);
    judge_scenario(&Harness::new(), &scenario)
}

#[test]
fn what_a_scenario_states_of_the_ledger_is_explained_by_it() {
    record_stack_panics();
    let harness = Harness::new();
    let mut stated = 0;
    for mut scenario in scenarios::built_in().expect("the suite's own scenarios are valid") {
        let of_the_ledger = |but: &But| but.because.contains("ledger has it as");
        if scenario.but.is_empty() || !scenario.but.iter().all(of_the_ledger) {
            continue;
        }
        let with = judge_scenario(&harness, &scenario);
        assert!(!with.unexplained && with.expectations.unstated.is_empty(), "{}", scenario.name);
        let buts: Vec<_> = scenario.but.drain(..).collect();
        let without = judge_scenario(&harness, &scenario);
        assert!(!without.unexplained, "{}: {:?}", scenario.name, without.violations);
        let unstated = without.expectations.unstated;
        assert_eq!(unstated.len(), buts.len(), "{}: {unstated:?}", scenario.name);
        for But { request, because } in buts {
            let names = &unstated[&request];
            let are_stated = !names.is_empty() && names.iter().all(|name| because.contains(name));
            assert!(are_stated, "{}: {request}: {names:?}", scenario.name);
        }
        stated += 1;
    }
    assert!(stated > 20, "only {stated} scenarios state something of the ledger");
}

#[test]
fn what_both_stacks_lose_is_explained_only_where_its_repair_meets_the_expectation() {
    for (name, entry) in [
        ("goaway-enhance-your-calm-at-our-stream-then-eof", "goaway-code-is-lost"),
        ("a-field-block-cut-inside-an-integer-beside-another-request", "culprit-is-not-named"),
    ] {
        let right = changed(name, |scenario| scenario.but.clear());
        let named: Vec<_> = right.divergences.iter().map(|entry| entry.name).collect();
        assert_eq!(
            (right.unexplained, &named, &right.expectations.unstated),
            (false, &vec![entry], &[(0, [entry].into())].into()),
            "{name}"
        );
        let wrong = changed(name, |scenario| {
            scenario.but.clear();
            scenario.expect[0].advice = vec![Advice::UseHttp1];
        });
        assert!(wrong.unexplained && wrong.divergences.is_empty() && wrong.expectations.unstated.is_empty(), "{name}");
    }
}

#[test]
fn a_but_is_offered_only_for_what_the_ledger_explains_on_both_stacks() {
    // The ledger has what legacy does; modern ends the request, and gives other advice.
    let judgement = changed("rst-stream-cancel-mid-body", |scenario| {
        scenario.but.clear();
        scenario.expect[0].advice = vec![Advice::UseHttp1];
    });
    assert!(judgement.unexplained && judgement.expectations.unstated.is_empty());
    assert_eq!(judgement.divergences.len(), 1);
}

#[test]
fn nothing_is_lost_of_a_complete_response_or_on_a_connection_that_lives() {
    record_stack_panics();
    let harness = Harness::new();
    let goaway = Frame::goaway(StreamId::FIRST, ErrorCode::ENHANCE_YOUR_CALM, b"");
    let malformed = Frame::headers(StreamId::FIRST, [(":status", "200"), ("connection", "close")]).end_stream();
    let complete = [Frame::response(StreamId::FIRST, 200).end_stream(), goaway.clone()];
    for (name, frames, is_lost) in [
        ("goaway-code-is-lost", &[goaway][..], true),
        ("goaway-code-is-lost", &complete, false),
        ("culprit-is-not-named", &[Frame::data(StreamId::FIRST, "")], true),
        ("culprit-is-not-named", &[malformed], false),
    ] {
        let script = Script::answering(frames.iter().cloned());
        let script = Script::new([script.steps(), &[Step::Pass(0), Step::Close]].concat());
        let entry = LOST.iter().find(|entry| entry.name == name).expect("the ledger has it");
        let repaired = Side::repaired(entry, &Side::reading(&script, &harness.run(&script)), script.steps().len());
        assert_eq!(repaired.is_some(), is_lost, "{name}: {}", script.to_toml());
    }
}

#[test]
fn each_request_is_explained_by_the_entries_that_concern_it() {
    record_stack_panics();
    let text = r#"
        [[scenario]]
        name = "two-entries"
        requests = [{ method = "GET" }, { method = "GET" }]
        expect = [{ processed = "Yes", advice = "GiveUp" }, { processed = "Yes", advice = "Retry" }]
        steps = [
          { send = "SETTINGS" },
          { await = "HEADERS", stream = 3 },
          { send = "HEADERS", stream = 1, headers = [["server", "x"]], end_stream = true },
          { send = "HEADERS", stream = 3, status = 200 },
          { pass_ms = 0 },
          { send = "RST_STREAM", stream = 3, error_code = "NO_ERROR" },
        ]
    "#;
    let scenario = &scenarios::parse("mine", text).expect("it is valid")[0];
    let judgement = judge_scenario(&Harness::new(), scenario);
    let unstated = [(0, ["missing-status"].into()), (1, ["no-error-ends-the-body"].into())].into();
    assert_eq!((judgement.unexplained, &judgement.expectations.unstated), (false, &unstated));
    let but = judgement.into_scenario_case(scenario).but_to_state.expect("there is something to add");
    assert!(but.contains("request = 0, because = \"The ledger has it as missing-status.\""), "{but}");
    assert!(but.contains("request = 1, because = \"The ledger has it as no-error-ends-the-body.\""), "{but}");
}

#[test]
fn what_the_other_stack_meets_is_explained_if_the_ledger_has_why_they_differ() {
    record_stack_panics();
    let text = r#"
        [[scenario]]
        name = "a-flood-beside-another-request"
        requests = [{ method = "POST", body = { size = 5 } }, { method = "GET" }]
        expect = [{ processed = "Yes", choice = true }, { processed = "Maybe", advice = "BackOff" }]
        steps = [
          { send = "SETTINGS" },
          { await = "HEADERS", stream = 3 },
          { send = "HEADERS", stream = 1, status = 200 },
          { pass_ms = 0 },
          { send = "DATA", stream = 1, data = "m", times = 2500 },
          { pass_ms = 0 },
        ]
    "#;
    let judgement = judge_scenario(&Harness::new(), &scenarios::parse("mine", text).expect("it is valid")[0]);
    let unstated = [(1, ["small-data-flood"].into())].into();
    assert_eq!((judgement.unexplained, &judgement.expectations.unstated), (false, &unstated));
}

#[test]
fn what_the_model_disputes_is_said_first_and_blames_no_stack() {
    let judgement = changed("goaway-below-our-stream", |scenario| {
        scenario.expect[0].complete = true;
        scenario.expect[0].advice.clear();
    });
    assert_eq!((&*judgement.expectations.disputed, judgement.unexplained), (&[0][..], false));
    let [first] = &judgement.violations[..] else { panic!("{:?}", judgement.violations) };
    assert_eq!((first.stack, first.request), (None, Some(0)), "{first:?}");
    assert!(first.message.starts_with("the model disagrees with this expectation"), "{first:?}");
    assert!(first.message.ends_with("by the frames it is processed No, ended without a whole response"), "{first:?}");
}

#[test]
fn an_exception_that_no_longer_applies_is_unexplained() {
    let stale = But { request: 0, because: "The ledger has it as missing-status.".into() };
    let judgement = changed("goaway-below-our-stream", |scenario| scenario.but.push(stale));
    assert!(judgement.unexplained && judgement.expectations.unstated.is_empty());
}

#[test]
fn the_ledger_excuses_no_advice_that_neither_stack_gives() {
    record_stack_panics();
    let harness = Harness::new();
    let mut changed = 0;
    for mut scenario in scenarios::built_in().expect("the suite's own scenarios are valid") {
        let judgement = judge(&harness, &scenario.script);
        let differs = |request| {
            let mut broken = judgement.violations.iter().filter(|broken| broken.request == Some(request)).peekable();
            broken.peek().is_some() && broken.all(|broken| broken.stack.is_none())
        };
        let request = (0..scenario.expect.len())
            .find(|request| differs(*request) && is_given_by_no_stack(&judgement, *request, Advice::UseHttp1));
        let Some(request) = request else { continue };
        let expected = &mut scenario.expect[request];
        (expected.complete, expected.choice, expected.advice) = (false, false, vec![Advice::UseHttp1]);
        scenario.but.clear();
        assert!(judge_scenario(&harness, &scenario).unexplained, "{} is excused", scenario.name);
        changed += 1;
    }
    assert!(changed >= 3, "only {changed} scenarios show it");
}

/// Whether the request fails on both stacks, with other advice.
fn is_given_by_no_stack(judgement: &Judgement, request: usize, advice: Advice) -> bool {
    let verdict = |side: &Side| side.outcome.requests[request].verdict().map(|verdict| verdict.advice);
    judgement.comparison.sides.each().into_iter().all(|side| verdict(side).is_some_and(|given| given != advice))
}
