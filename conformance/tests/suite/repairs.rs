//! Explained means repaired: a ledger entry excuses its own divergence and nothing else.
//!
//! Each test script has a second fault after the trigger of an entry: the peer resets another request with a code that
//! a wrong reader misreads. That fault must stay visible after the repair.

use crate::{
    triggers::{Threshold, begin_at, fired},
    wrong::{CrossedH2, MARK, MisreadsMark, legacy_reader},
};
use conformance::{
    comparison::Harness,
    generators::Sequence,
    http2::{Frame, FrameType, SettingId, StreamId, View, flags, hpack},
    judge::{Judgement, judge, known_by, smallest},
    ledger::{
        Divergence, Harm, Judged, LEDGER,
        assertions::{ASSERTIONS, are_known},
    },
    metamorphic::one_stream_later,
    minimize::{Minimized, minimize},
    oracles::Law,
    outcome::Side,
    report::locked,
    scenarios,
    script::{Body, BodyEnd, IoFailure, Method, Request, Script, Step},
    stacks::{Profile, panics::record_stack_panics},
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

/// The number of steps, without those that a repair may add: passing time, perhaps in place of a client or a request that is
/// dropped, and the first SETTINGS.
fn counted(script: &Script) -> usize {
    let frames = script.steps().iter().filter(|step| step.frame().is_some());
    let preface = usize::from(frames.take(1).any(|step| step.frame() == Some(&Frame::settings([]))));
    script.steps().iter().filter(|step| !matches!(step, Step::Pass(_) | Step::DropClient | Step::Cancel(_))).count()
        - preface
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
        let repaired = Side::repaired(entry, &Side::reading(&scenario.script, &comparison), last);
        let repaired = repaired.expect("its scenario has its trigger");
        assert_eq!(counted(&repaired), counted(&scenario.script), "{} drops or adds a step", entry.name);
        let again = Side::repaired(entry, &Side::reading(&repaired, &comparison), repaired.steps().len());
        assert!(again.is_none_or(|again| again == repaired));
    }
}

/// A response without END_STREAM, then these frames.
fn answered(frames: impl IntoIterator<Item = Frame>) -> Script {
    Script::answering([Frame::response(StreamId::FIRST, 200)].into_iter().chain(frames))
}

/// A DATA frame with padding of which flow control counts this many octets.
fn padded(stream: StreamId, counted: usize) -> Frame {
    Frame::data(stream, vec![b'.'; counted - 1]).padded(0)
}

/// Requests whose responses have so many octets each on a transport that refuses to write.
fn padded_responses(counted: &[usize]) -> Script {
    let streams: Vec<StreamId> = (0..counted.len()).map(StreamId::of_request).collect();
    let mut steps = vec![Step::Request(Request::get()); counted.len()];
    steps.extend([Step::Send(Frame::settings([])), Step::awaits(FrameType::HEADERS, streams[streams.len() - 1])]);
    steps.extend([Step::Pass(0), Step::FailWrite { failure: IoFailure::BROKEN_PIPE, after: 0 }]);
    for (stream, counted) in streams.into_iter().zip(counted) {
        steps.push(Step::Send(Frame::response(stream, 200)));
        let first = (*counted).min(16_384);
        let lengths = [first, counted - first].into_iter().filter(|length| *length > 0);
        steps.extend(lengths.map(|length| Step::Send(padded(stream, length))));
    }
    Script::new(steps)
}

/// A head whose section has so many octets more than its fields of 4,033 octets, one of them sent and the others
/// references to it.
fn large_head(more: usize) -> Script {
    const LARGE: usize = 4_000;
    let mut block = vec![0x88, 0x40, 1, b'a', 0x7f, 0xa1, 0x1e];
    block.extend([b'.'; LARGE]);
    block.extend([0xbe; 4_158]);
    block.extend(hpack::encode([("x", ".".repeat(more).as_str())]));
    Script::answering([Frame::headers_block(StreamId::FIRST, block).with_flags(flags::END_HEADERS)])
}

/// One family for each entry that has a threshold.
const THRESHOLDS: &[Threshold] = &[
    Threshold {
        entry: "empty-data-flood",
        first: 101,
        script: |number| answered(vec![Frame::data(StreamId::FIRST, ""); number]),
    },
    Threshold {
        entry: "small-data-flood",
        first: 193,
        script: |number| answered(vec![Frame::data(StreamId::FIRST, "."); number]),
    },
    Threshold { entry: "padding-in-flow-control", first: 21_845, script: |counted| padded_responses(&[counted]) },
    Threshold {
        entry: "padding-in-flow-control",
        first: 32_768 - 20_000,
        script: |last| padded_responses(&[20_000, last]),
    },
    Threshold {
        entry: "initial-window-size-up-and-down",
        first: 65_537,
        script: |size| {
            let sizes = [i32::MAX as u32, 0, size as u32, 0];
            let settings = sizes.map(|size| Frame::settings([(SettingId::INITIAL_WINDOW_SIZE, size)]));
            Script::answering(settings.into_iter().chain([Frame::response(StreamId::FIRST, 200).end_stream()]))
        },
    },
    Threshold {
        entry: "connection-window-shared-differently",
        first: 65_536,
        script: |both| {
            // The application's content comes in pieces of 32,768 bytes: the last one of the long body is a single byte.
            let bodies = [both - 32_769, 32_769].map(|size| Body::new(size as u32, BodyEnd::Complete));
            let mut steps = bodies.map(|body| Step::Request(Request::new(Method::Put).with_body(body))).to_vec();
            steps.extend([Step::Send(Frame::settings([])), Step::Pass(0)]);
            steps.extend([Step::Send(Frame::response(StreamId::FIRST, 200).end_stream()), Step::Pass(0)]);
            steps.extend([Step::Send(Frame::data(StreamId::FIRST, "more")), Step::Pass(0)]);
            Script::new(steps)
        },
    },
    Threshold {
        entry: "upload-waits-for-room",
        first: 65_535,
        script: |size| {
            let bodies = [Body::new(0, BodyEnd::Never), Body::new(size as u32, BodyEnd::Complete)];
            let mut steps = bodies.map(|body| Step::Request(Request::new(Method::Put).with_body(body))).to_vec();
            steps.extend([Step::Send(Frame::settings([])), Step::Pass(0)]);
            steps.push(Step::Send(Frame::window_update(StreamId::CONNECTION, i32::MAX as u32)));
            Script::new(steps)
        },
    },
    Threshold {
        entry: "conflicting-content-length",
        first: 20,
        script: |digits| {
            let length = "0".repeat(digits);
            let head = Frame::headers(StreamId::FIRST, [(":status", "200"), ("content-length", &length)]).end_stream();
            let script = Script::answering([head]);
            script.with_step(0, Step::Request(Request::new(Method::Head)))
        },
    },
    Threshold {
        entry: "content-length-without-content",
        first: 1,
        script: |length| {
            let fields = [(":status", "200"), ("content-length", &length.to_string())];
            Script::answering([Frame::headers(StreamId::FIRST, fields).end_stream()])
        },
    },
    Threshold { entry: "oversized-header-list", first: 3_894, script: large_head },
];

#[test]
fn a_trigger_with_a_threshold_fires_exactly_where_the_stacks_begin_to_differ() {
    record_stack_panics();
    begin_at(&Harness::new(), THRESHOLDS);
}

/// Scripts on which every trigger is tried: the scenarios, and generated scripts from a fixed seed.
fn tried() -> Vec<(Option<String>, Script)> {
    let scenarios = scenarios::built_in().expect("the suite's own scenarios are valid");
    let scenarios = scenarios.into_iter().map(|scenario| (Some(scenario.name), scenario.script));
    let generated = (0..2).flat_map(|batch| Sequence::of_scripts(9, batch).take(500));
    scenarios.chain(generated.map(|script| (None, script))).collect()
}

/// A trigger that fires where it should not, or not where it should, changes this snapshot. So does one that no longer
/// explains what it did.
#[test]
fn every_trigger_fires_where_the_snapshot_says() {
    record_stack_panics();
    let text = fired(&Harness::new(), tried());
    insta::with_settings!({ snapshot_path => "../../../snapshots", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("triggers", text);
    });
}

/// As bytes and as text.
fn size(script: &Script) -> [usize; 2] {
    [script.encode().len(), script.to_toml().len()]
}

#[test]
fn a_minimised_case_is_never_larger_and_keeps_its_law_its_group_and_its_explanation() {
    record_stack_panics();
    let (right, wrong) = (Harness::new(), Harness::with(Profile::Equal, legacy_reader(&CrossedH2)));
    let scenarios = scenarios::built_in().expect("the suite's own scenarios are valid");
    let short = scenarios.iter().filter(|scenario| scenario.script.steps().len() < 200);
    for (scenario, harness) in short.flat_map(|scenario| [(scenario, &right), (scenario, &wrong)]) {
        let before = judge(harness, &scenario.script);
        if before.violations.is_empty() {
            continue;
        }
        let least = smallest(harness, &scenario.script).script;
        let after = judge(harness, &least);
        let [bytes, text] = size(&scenario.script);
        assert!(size(&least)[0] <= bytes && size(&least)[1] <= text, "{} grew: {}", scenario.name, least.to_toml());
        let (old, new) = (known_by(&before, &scenario.script), known_by(&after, &least));
        assert_eq!(old.fingerprint, new.fingerprint, "{}", scenario.name);
        let entries = |judgement: &Judgement| judgement.divergences.iter().map(|entry| entry.name).collect::<Vec<_>>();
        assert_eq!((before.unexplained, entries(&before)), (after.unexplained, entries(&after)), "{}", scenario.name);
        assert!(new.repaired_in_vain.iter().all(|entry| old.repaired_in_vain.contains(entry)), "{}", scenario.name);
    }
}

#[test]
fn a_search_for_a_smaller_case_says_when_it_ran_out_of_effort() {
    let with_pings = |number| Script::answering(vec![Frame::ping(*b"whatever"); number]);
    for (number, is_exhausted) in [(10, false), (20_000, true)] {
        let script = with_pings(number);
        assert_eq!(minimize(&script, |_| false), Minimized { script, is_exhausted });
    }
}

#[test]
fn a_search_for_repairs_combines_four_entries_in_hundreds_of_steps() {
    record_stack_panics();
    let scenarios = scenarios::parse("four", include_str!("../four_divergences.toml")).expect("it is valid");
    let judgement = judge(&Harness::new(), &scenarios[0].script);
    assert_eq!((judgement.divergences.len(), judgement.unexplained), (4, false));
}

#[test]
fn a_search_for_repairs_has_a_bound_after_which_a_case_is_unexplained() {
    record_stack_panics();
    let harness = Harness::new();
    let scenarios = scenarios::parse("unexplained", include_str!("../unexplained.toml")).expect("it is valid");
    let steps = scenarios[0].script.steps();
    for (steps, is_explained) in [(&steps[..11], true), (steps, false)] {
        let judgement = judge(&harness, &Script::new(steps.to_vec()));
        assert_eq!((judgement.divergences.len() == 2, judgement.unexplained), (is_explained, !is_explained));
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

/// The laws of which a fault with this harm breaks one, if it breaks any on its own stack.
fn laws(harm: Harm) -> &'static [Law] {
    match harm {
        Harm::DataLost | Harm::Malformed => &[Law::Integrity],
        // A bare stack sends nothing again: the request that should have ended shows it.
        Harm::RunTwice => &[Law::Safety, Law::Conduct, Law::Liveness],
        Harm::Hang => &[Law::Liveness],
        Harm::Failure => &[Law::Completeness, Law::Liveness, Law::Conduct, Law::Integrity],
        Harm::Protocol => &[Law::Conduct],
    }
}

#[test]
fn the_harm_of_an_entry_is_what_its_scenario_shows() {
    record_stack_panics();
    let scenarios = scenarios::built_in().expect("the suite's own scenarios are valid");
    let mut wrong = Vec::new();
    for entry in LEDGER {
        let scenario = scenarios.iter().find(|scenario| scenario.name == entry.scenario).expect("it has one");
        let judgement = judge(&Harness::new(), &scenario.script);
        let laws_of = |stack| {
            let of = judgement.violations.iter().filter(move |violation| violation.stack == stack);
            of.map(|violation| violation.law).collect::<Vec<_>>()
        };
        for (stack, harm) in entry.harm.iter() {
            let Some(harm) = *harm else { continue };
            let broken = laws_of(Some(stack));
            let shown = match broken.is_empty() {
                // It shows only in the difference to the stack that is right.
                true => laws_of(None).contains(&Law::Equivalence),
                false => broken.iter().any(|law| laws(harm).contains(law)),
            };
            if !shown {
                wrong.push(format!("{} on {stack}: {harm}, but {broken:?}", entry.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
