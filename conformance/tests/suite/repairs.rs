//! Explained means repaired: a ledger entry excuses its own divergence and nothing else.
//!
//! Each test script has a second fault after the trigger of an entry: the peer resets another request with a code that
//! a wrong reader misreads. That fault must stay visible after the repair.

use crate::wrong::{MARK, MisreadsMark, legacy_reader};
use conformance::{
    comparison::Harness,
    http2::{Frame, FrameType, StreamId, View},
    judge::judge,
    ledger::{
        Divergence, Judged, LEDGER,
        assertions::{ASSERTIONS, are_known},
    },
    metamorphic::one_stream_later,
    outcome::Side,
    report::locked,
    scenarios,
    script::{Request, Script, Step},
    stacks::{Profile, drive::record_stack_panics},
};

/// The position of the request that the second fault resets.
#[derive(Clone, Copy, Debug)]
enum Place {
    /// Issued with the first requests.
    Beside,
    /// Issued after everything else.
    Behind,
    /// The first request of the scenario itself.
    First,
    /// Issued and reset before everything else, because nothing is seen after a trigger that ends the connection.
    Ahead,
}

/// The scenario of the entry, with a second fault in this place.
fn with_second_fault(entry: &Divergence, place: Place) -> Script {
    let scenarios = scenarios::built_in().expect("the suite's own scenarios are valid");
    let scenario = scenarios.into_iter().find(|scenario| scenario.name == entry.scenario);
    let script = scenario.unwrap_or_else(|| panic!("{}: there is no scenario {}", entry.name, entry.scenario)).script;
    if let Place::Ahead = place {
        let ahead = [
            Step::Request(Request::get()),
            Step::Send(Frame::settings([])),
            Step::awaits(FrameType::HEADERS, StreamId::FIRST),
            Step::Send(Frame::rst_stream(StreamId::FIRST, MARK)),
            Step::Pass(0),
        ];
        return Script::new(ahead.into_iter().chain(script.steps().iter().map(one_stream_later)).collect());
    }
    let opening = script.steps().iter().take_while(|step| matches!(step, Step::Request(_))).count();
    let stream = match place {
        Place::Beside => StreamId::of_request(opening),
        Place::Behind => StreamId::of_request(script.requests().count()),
        Place::First | Place::Ahead => StreamId::FIRST,
    };
    let mut steps: Vec<Step> = script.steps().iter().filter(|step| !ends_the_connection(step)).map(spares).collect();
    match place {
        Place::Beside => steps.insert(opening, Step::Request(Request::get())),
        Place::Behind => steps.push(Step::Request(Request::get())),
        Place::First => {
            steps.retain(|step| !step.frame().is_some_and(|frame| frame.ends_stream() && frame.stream == stream))
        }
        Place::Ahead => {}
    }
    steps.extend([Step::Pass(0), Step::Send(Frame::rst_stream(stream, MARK))]);
    Script::new(steps)
}

fn ends_the_connection(step: &&Step) -> bool {
    matches!(step, Step::Close | Step::FailRead(_) | Step::FailWrite { .. })
}

/// Raises the last stream ID of a GOAWAY above all requests, so that the request with the second fault survives it.
fn spares(step: &Step) -> Step {
    match step.frame().map(|frame| (frame, frame.view())) {
        Some((frame, View::GoAway { code, debug_data, .. })) => {
            let payload = Frame::goaway(StreamId::of_request(100), code, debug_data).payload;
            Step::Send(Frame { payload, ..frame.clone() })
        }
        _ => step.clone(),
    }
}

#[test]
fn a_second_fault_after_every_trigger_is_still_seen() {
    record_stack_panics();
    let (right, wrong) = (Harness::new(), Harness::with(Profile::Equal, legacy_reader(&MisreadsMark)));
    for entry in LEDGER {
        let seen = [Place::Beside, Place::Behind, Place::First, Place::Ahead].into_iter().any(|place| {
            let script = with_second_fault(entry, place);
            let explained = judge(&right, &script);
            let met = explained.divergences.iter().any(|met| met.name == entry.name);
            met && !explained.unexplained && judge(&wrong, &script).unexplained
        });
        assert!(seen, "{} hides a second fault", entry.name);
    }
}

/// The number of steps, without those that a repair may add: passing time, and the first SETTINGS.
fn counted(script: &Script) -> usize {
    let frames = script.steps().iter().filter(|step| step.frame().is_some());
    let preface = usize::from(frames.take(1).any(|step| step.frame() == Some(&Frame::settings([]))));
    script.steps().iter().filter(|step| !matches!(step, Step::Pass(_))).count() - preface
}

#[test]
fn a_repair_changes_its_trigger_and_nothing_else() {
    record_stack_panics();
    let harness = Harness::new();
    for entry in LEDGER {
        let scenarios = scenarios::built_in().expect("the suite's own scenarios are valid");
        let scenario = scenarios.iter().find(|scenario| scenario.name == entry.scenario).expect("it has a scenario");
        let comparison = harness.run(&scenario.script);
        let last = scenario.script.steps().len();
        let repaired = Side::repaired(entry, &scenario.script, &comparison, last);
        let repaired = repaired.expect("its scenario has its trigger");
        assert_eq!(counted(&repaired), counted(&scenario.script), "{} drops or adds a step", entry.name);
        let again = Side::repaired(entry, &repaired, &comparison, repaired.steps().len());
        assert!(again.is_none_or(|again| again == repaired));
    }
}

#[test]
fn every_known_debug_assertion_is_in_the_release_under_test() {
    for assertion in ASSERTIONS {
        let release = |file: &str| locked().iter().any(|h2| file.starts_with(&format!("{}-{}/", h2.name, h2.version)));
        assert!(release(assertion.file), "{} is not in the release under test", assertion.file);
        let panics = |file: &str, text: &str| [format!("panicked at /registry/src/index/{file}:9:5:\n{text}")];
        assert!(are_known(&panics(assertion.file, "assertion `left == right` failed")));
        assert!(!are_known(&panics(assertion.file, "called `Option::unwrap()` on a `None` value")));
        assert!(!are_known(&panics("h2-0.3/src/lib.rs", "assertion `left == right` failed")));
    }
    assert!(!are_known(&[]));
}
