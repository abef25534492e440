//! The model of RFC 9113 agrees with every scenario's expectations. Snapshots hold what the model and the laws say of
//! generated scripts. Mutation testing runs these tests.

use conformance::{
    chain::{Chain, Link},
    classifiers::{self, ChainClassifier, OWN_CLASSIFIERS, Opinion, Reader, Verdict, decide},
    client_driver::{Client, ClientInstance, ClientOutcome, ClientRequestOutcome, Endpoint, ErrorLabel},
    comparison::Harness,
    generators::Sequence,
    http2::{
        ErrorCode, Frame, FrameType, SettingId, StreamId, flags,
        hpack::Field,
        wire::{self, PREFACE},
    },
    metamorphic::TRANSFORMATIONS,
    oracles::{LAWS, Law, Violation, clients, expectation, invariance, point_of_divergence},
    outcome::Side,
    peer::Transport,
    rfc9113::{Certainty, Clause, ConnectionState, End, Ground, Handling, Model, is_malformed},
    scenarios::{self, Expectation, Scenario},
    script::{Method, Request, Script, Step},
    stacks::{
        BoxError, End as Ended, Head, Legacy, Modern, Part, Profile, Stack,
        drive::{Spawner, record_stack_panics},
    },
    vocabulary::{Phase, Processed, StackName},
};
use std::{
    cell::RefCell,
    collections::BTreeMap,
    error::Error,
    fmt::Write,
    future::{pending, poll_fn},
    pin::Pin,
    sync::Arc,
};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Where the model differs from the scenario, and why both are right.
const OTHERWISE: [(&str, StackName, &str); 5] = [
    ("request-body-fails", StackName::Legacy, "what a client writes before the body fails is left open"),
    ("request-body-fails", StackName::Modern, "what a client writes before the body fails is left open"),
    ("the-peer-falls-silent", StackName::Legacy, "only the client's own keep-alive, no frame, ends it"),
    ("the-peer-falls-silent", StackName::Modern, "only the client's own keep-alive, no frame, ends it"),
    (
        "headers-on-an-idle-stream",
        StackName::Legacy,
        "a client may have taken the stream for its request already, and goes on",
    ),
];

/// Where the model differs from the scenario, request by request.
fn disagreements(scenario: &Scenario, side: &Side) -> Vec<String> {
    let mut disagreements = Vec::new();
    for (number, (expected, truth)) in scenario.expect.iter().zip(&side.model.truths).enumerate() {
        let Expectation { processed, complete, advice, choice } = expected;
        let within = truth.processed.iter().all(|one| processed.contains(one));
        let exactly = |said: Certainty, expected: bool| said == if expected { Certainty::Yes } else { Certainty::No };
        let agrees = within
            && (*choice
                || processed.iter().all(|one| truth.processed.contains(one))
                    && exactly(truth.complete, *complete)
                    && exactly(truth.open, !*complete && advice.is_empty()));
        if !agrees {
            disagreements.push(format!("request {number}: expected {expected}; {truth:?}"));
        }
    }
    disagreements
}

#[test]
fn the_model_agrees_with_every_scenario() {
    record_stack_panics();
    let harness = Harness::new();
    for scenario in scenarios::built_in().expect("the suite's own scenarios are valid") {
        for side in harness.run(&scenario.script).sides.each() {
            let disagreements = disagreements(&scenario, side);
            let otherwise = OTHERWISE.iter().any(|(name, stack, _)| *name == scenario.name && *stack == side.stack);
            assert_eq!(!disagreements.is_empty(), otherwise, "{} on {}: {disagreements:#?}", scenario.name, side.stack);
        }
    }
}

#[test]
fn a_stack_that_panics_or_never_rests_breaks_liveness() {
    record_stack_panics();
    let script = Script::new(vec![Step::Request(Request::get()), Step::Send(Frame::settings([]))]);
    let mut comparison = Harness::new().run(&script);
    assert_eq!(Law::Liveness.judge(&comparison), []);
    comparison.sides[StackName::Modern].observation.spinning = true;
    let broken = |message: &str| Violation {
        law: Law::Liveness,
        stack: Some(StackName::Modern),
        request: None,
        message: message.into(),
    };
    assert_eq!(Law::Liveness.judge(&comparison), [broken("it keeps itself busy and never rests")]);
    comparison.sides[StackName::Modern].observation.panics.push("at line 1".into());
    assert_eq!(Law::Liveness.judge(&comparison), [broken("it panics: at line 1")]);
}

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

/// How a client has to handle the last of the frames that answer a GET.
fn handling_of_last(frames: impl IntoIterator<Item = Frame>) -> Handling {
    let side = Harness::new().side::<Modern>(&Script::answering(frames));
    side.model.frames.last().expect("the peer has sent frames").handling
}

#[test]
fn the_fields_of_a_head_decide_how_it_is_handled() {
    record_stack_panics();
    use Clause::{
        ConnectionFields, FieldNameColon, FieldNames, FieldSyntax, FieldValueSpace, FieldValues, LatePseudo,
        RepeatedPseudo, SwitchingProtocols, TeField, UndefinedPseudo,
    };
    let malformed = |clause| Handling::StreamError(clause);
    for (fields, handling) in [
        (&[("server", "peer")][..], Handling::Processed),
        (&[("server", "a\tb")], Handling::Processed),
        (&[("connection", "close")], malformed(ConnectionFields)),
        (&[("Server", "peer")], malformed(FieldNames)),
        (&[("", "peer")], malformed(FieldNames)),
        (&[("a:b", "peer")], malformed(FieldNameColon)),
        (&[("a(b", "peer")], Handling::Choice(FieldSyntax)),
        (&[("server", "a\u{1}b")], Handling::Choice(FieldSyntax)),
        (&[("server", " peer")], malformed(FieldValueSpace)),
        (&[("server", "peer\t")], malformed(FieldValueSpace)),
        (&[("server", "pe\ner")], malformed(FieldValues)),
        (&[("te", "gzip")], malformed(TeField)),
        (&[("te", "trailers")], Handling::Choice(TeField)),
        (&[(":path", "/")], malformed(UndefinedPseudo)),
        (&[(":status", "200")], malformed(RepeatedPseudo)),
        (&[("server", "peer"), (":path", "/")], malformed(LatePseudo)),
    ] {
        let fields = [&[(":status", "200")], fields].concat();
        let head = Frame::headers(StreamId::FIRST, fields.iter().copied()).end_stream();
        assert_eq!(handling_of_last([head]), handling, "{fields:?}");
        let fields: Vec<Field> = fields.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        assert_eq!(is_malformed(&fields), matches!(handling, Handling::StreamError(_)), "{fields:?}");
    }
    for (status, handling) in [
        ("101", Handling::Choice(SwitchingProtocols)),
        ("999", Handling::Processed),
        ("099", malformed(UndefinedPseudo)),
        ("20", malformed(UndefinedPseudo)),
        ("0200", malformed(UndefinedPseudo)),
        ("2000", malformed(UndefinedPseudo)),
    ] {
        let head = Frame::headers(StreamId::FIRST, [(":status", status)]);
        assert_eq!(handling_of_last([head]), handling, "{status}");
    }
}

#[test]
fn content_must_have_the_length_in_its_head() {
    record_stack_panics();
    let head = Frame::headers(StreamId::FIRST, [(":status", "200"), ("content-length", "5")]);
    let data = |length| Frame::data(StreamId::FIRST, vec![b'.'; length]);
    let wrong = Handling::StreamError(Clause::ContentLength);
    for (parts, handling) in [
        (vec![data(5).end_stream()], Handling::Processed),
        (vec![data(5), data(0).end_stream()], Handling::Processed),
        (vec![data(2), data(3).end_stream()], Handling::Processed),
        (vec![data(5)], Handling::Processed),
        (vec![data(4).end_stream()], wrong),
        (vec![data(6)], wrong),
        (vec![data(5), data(1)], wrong),
    ] {
        let lengths: Vec<_> = parts.iter().map(|part| (part.payload.len(), part.ends_stream())).collect();
        assert_eq!(handling_of_last([vec![head.clone()], parts].concat()), handling, "{lengths:?}");
    }
}

#[test]
fn a_response_without_content_may_end_with_an_empty_frame() {
    record_stack_panics();
    let head = Frame::response(StreamId::FIRST, 204);
    for (length, handling) in [(0, Handling::Processed), (1, Handling::Choice(Clause::NoContent))] {
        let data = Frame::data(StreamId::FIRST, vec![b'.'; length]);
        assert_eq!(handling_of_last([head.clone(), data]), handling, "{length}");
    }
}

/// A client that writes frames which no stack writes, and then only reads: it ends no stream and no connection.
struct OnlyReads;

thread_local! {
    /// The frames that it writes.
    static WRITES: RefCell<Vec<Frame>> = RefCell::default();
}

impl Stack for OnlyReads {
    type Client = Arc<Transport>;
    type Body = ();

    const NAME: StackName = StackName::Modern;

    async fn connect(mut transport: Transport, _: Profile, _: Spawner) -> Result<Arc<Transport>, BoxError> {
        let mut bytes = PREFACE.to_vec();
        WRITES.with_borrow(|frames| frames.iter().for_each(|frame| wire::encode(frame, &mut bytes)));
        poll_fn(|cx| Pin::new(&mut transport).poll_write(cx, &bytes)).await?;
        let mut buffer = [0; 64];
        let mut buffer = ReadBuf::new(&mut buffer);
        while poll_fn(|cx| Pin::new(&mut transport).poll_read(cx, &mut buffer)).await.is_ok() {
            buffer.clear();
        }
        Ok(Arc::new(transport))
    }

    async fn send(_: Arc<Transport>, _: usize, _: Request) -> Result<(Head, ()), (Phase, BoxError)> {
        pending().await
    }

    async fn next_part((): &mut ()) -> Option<Result<Part, BoxError>> {
        None
    }
}

/// The SETTINGS_MAX_HEADER_LIST_SIZE that the client announces, in bytes.
const LIMIT: usize = 200;

/// The SETTINGS and the request that a client with these settings writes.
fn asking(settings: &[(SettingId, u32)]) -> Vec<Frame> {
    let request = [(":method", "GET"), (":scheme", "http"), (":path", "/0")];
    vec![Frame::settings(settings.iter().copied()), Frame::headers(StreamId::FIRST, request)]
}

/// The model of a client that writes these frames, and receives SETTINGS and the other frames.
fn model_of(writes: Vec<Frame>, frames: impl IntoIterator<Item = Frame>) -> Model {
    WRITES.set(writes);
    let opening = [Step::Request(Request::get()), Step::Send(Frame::settings([])), Step::Pass(0)];
    let steps = opening.into_iter().chain(frames.into_iter().map(Step::Send)).collect();
    Harness::new().side::<OnlyReads>(&Script::new(steps)).model
}

/// How that client has to handle the last of the frames.
fn last_handling(writes: Vec<Frame>, frames: impl IntoIterator<Item = Frame>) -> Handling {
    model_of(writes, frames).frames.last().expect("the peer has sent frames").handling
}

/// How a client that has sent its whole request has to handle each of the frames.
fn handled_silently(frames: impl IntoIterator<Item = Frame>) -> Vec<Handling> {
    model_of_reading(frames).frames.iter().map(|frame| frame.handling).collect()
}

fn model_of_reading(frames: impl IntoIterator<Item = Frame>) -> Model {
    let settings = [(SettingId::MAX_HEADER_LIST_SIZE, LIMIT as u32), (SettingId::INITIAL_WINDOW_SIZE, 1 << 20)];
    let mut writes = asking(&settings);
    writes[1].flags |= flags::END_STREAM;
    model_of(writes, frames)
}

#[test]
fn a_client_may_refuse_a_field_section_above_its_announced_limit() {
    record_stack_panics();
    // A field counts as its name, its value and 32 bytes (§6.5.2).
    let status = ":status".len() + "200".len() + 32;
    for (size, handling) in [
        (LIMIT - 1, Handling::Processed),
        (LIMIT, Handling::Processed),
        (LIMIT + 1, Handling::Choice(Clause::SectionSize)),
    ] {
        let value = "x".repeat(size - status - 32 - "server".len());
        let head = Frame::headers(StreamId::FIRST, [(":status", "200"), ("server", value.as_str())]);
        assert_eq!(handled_silently([head]).last(), Some(&handling), "{size}");
    }
}

#[test]
fn a_frame_that_is_too_long_is_skipped() {
    record_stack_panics();
    let head = Frame::response(StreamId::FIRST, 200);
    let data = Frame::data(StreamId::FIRST, vec![b'.'; 16_385]);
    let handled = handled_silently([head, data, Frame::ping([0; 8])]);
    assert_eq!(handled[2..], [Handling::StreamError(Clause::FrameSize), Handling::Processed]);
}

#[test]
fn content_beyond_a_window_may_be_refused() {
    record_stack_panics();
    let head = Frame::response(StreamId::FIRST, 200);
    let data = |length| Frame::data(StreamId::FIRST, vec![b'.'; length]);
    for (last, handling) in [(16_383, Handling::Processed), (16_384, Handling::Choice(Clause::UnableToAccept))] {
        let frames = [head.clone(), data(16_384), data(16_384), data(16_384), data(last)];
        // The stream's window is the smaller one in the first assertion, the connection's in the second.
        assert_eq!(handling_of_last(frames.clone()), handling, "{last}");
        assert_eq!(handled_silently(frames).last(), Some(&handling), "{last}");
    }
}

#[test]
fn a_new_initial_window_does_not_affect_a_stream_with_a_complete_request() {
    record_stack_panics();
    let more = Frame::window_update(StreamId::FIRST, 100);
    let most = Frame::settings([(SettingId::INITIAL_WINDOW_SIZE, 0x7fff_ffff)]);
    assert_eq!(handled_silently([more, most])[1..], [Handling::Processed; 2]);
}

#[test]
fn the_clause_on_another_goaway_is_met_by_an_error_after_a_shutdown() {
    record_stack_panics();
    let goaway = |code| Frame::goaway(StreamId::FIRST, code, b"");
    let (shutdown, error) = (ErrorCode::NO_ERROR, ErrorCode::INTERNAL_ERROR);
    for (codes, met) in [([shutdown, shutdown], false), ([shutdown, error], true), ([error, error], false)] {
        let model = model_of_reading(codes.map(goaway));
        assert_eq!(model.clauses.contains(Clause::AnotherGoaway), met, "{codes:?}");
    }
}

#[test]
fn a_client_may_forget_a_stream_that_it_reset_once_time_has_passed() {
    record_stack_panics();
    let malformed = Frame::headers(StreamId::FIRST, [(":path", "/")]);
    let data = Frame::data(StreamId::FIRST, vec![b'.'; 5]);
    for (between, met) in [(Step::Split(9), false), (Step::Pass(0), true)] {
        let mut steps = Script::answering([malformed.clone()]).steps().to_vec();
        steps.extend([between.clone(), Step::Send(data.clone())]);
        let side = Harness::new().side::<Modern>(&Script::new(steps));
        assert_eq!(side.outcome.resets.len(), 1);
        assert_eq!(side.model.clauses.contains(Clause::NoTimers), met, "{between:?}");
    }
}

#[test]
fn a_frame_that_is_too_long_is_an_error_of_its_stream_or_connection_by_its_type() {
    record_stack_panics();
    let of_connection = Handling::ConnectionError;
    for (kind, handling) in [
        (FrameType::DATA, Handling::StreamError(Clause::FrameSize)),
        (FrameType::HEADERS, of_connection(Clause::FrameSizeOfConnection)),
        (FrameType::RST_STREAM, of_connection(Clause::ResetSize)),
        (FrameType::WINDOW_UPDATE, of_connection(Clause::WindowUpdateSize)),
        (FrameType::PING, of_connection(Clause::PingSize)),
        (FrameType::GOAWAY, of_connection(Clause::FrameSizeOfConnection)),
        (FrameType::PRIORITY, Handling::StreamError(Clause::FrameSize)),
    ] {
        let frame = Frame::new(kind, 0, StreamId::FIRST, vec![0; 16_385]);
        assert_eq!(handled_silently([frame]).last(), Some(&handling), "{kind}");
    }
}

#[test]
fn a_stream_of_the_server_is_reserved_idle_or_skipped() {
    record_stack_panics();
    let stream = |id| StreamId::from_word(id);
    let promise = Frame::push_promise(StreamId::FIRST, stream(4), [(":method", "GET"), (":path", "/")]);
    for (id, handling) in [
        (2, Handling::StreamError(Clause::DataOnClosed)),
        (4, Handling::ConnectionError(Clause::FrameOnReservedStream)),
        (6, Handling::ConnectionError(Clause::OnIdle)),
    ] {
        let handled = handled_silently([promise.clone(), Frame::data(stream(id), "")]);
        assert_eq!(handled.last(), Some(&handling), "{id}");
    }
}

#[test]
fn an_answer_that_came_before_its_request_may_count_or_not() {
    record_stack_panics();
    let answer = |id| Step::Send(Frame::response(StreamId::from_word(id), 200).end_stream());
    let steps = vec![
        Step::Request(Request::get()),
        Step::Send(Frame::settings([(SettingId::MAX_CONCURRENT_STREAMS, 1)])),
        Step::awaits(FrameType::HEADERS, StreamId::FIRST),
        Step::Request(Request::get()),
        Step::Pass(0),
        answer(3),
        Step::Pass(0),
        answer(1),
        Step::Pass(0),
    ];
    // Legacy only: modern ends the connection here.
    let side = Harness::new().side::<Legacy>(&Script::new(steps));
    let truths: Vec<_> = side.model.truths.iter().map(|truth| (truth.stream.is_some(), truth.complete)).collect();
    assert_eq!(truths, [(true, Certainty::Yes), (true, Certainty::Either)]);
}

#[test]
fn a_promise_is_an_error_once_the_peer_knows_that_the_client_wants_none() {
    record_stack_panics();
    let writes = [asking(&[(SettingId::ENABLE_PUSH, 0)]), vec![Frame::settings_ack()]].concat();
    let promise = Frame::push_promise(StreamId::FIRST, StreamId::from_word(2), [(":method", "GET"), (":path", "/")]);
    let disabled = Clause::PushDisabled;
    assert_eq!(last_handling(writes.clone(), [promise.clone()]), Handling::Choice(disabled));
    assert_eq!(last_handling(writes, [Frame::settings_ack(), promise]), Handling::ConnectionError(disabled));
}

#[test]
fn a_client_takes_what_it_announces() {
    record_stack_panics();
    let head = Frame::response(StreamId::FIRST, 200);
    let data = |length| Frame::data(StreamId::FIRST, vec![b'.'; length]);
    let large = asking(&[(SettingId::MAX_FRAME_SIZE, 20_000)]);
    assert_eq!(last_handling(large.clone(), [head.clone(), data(20_000)]), Handling::Processed);
    assert_eq!(last_handling(large, [head.clone(), data(20_001)]), Handling::StreamError(Clause::FrameSize));
    // Windows start at 65,535 bytes. One of them gets one byte more, the other gets enough.
    let update = Frame::window_update;
    let (stream, connection) = (StreamId::FIRST, StreamId::CONNECTION);
    let whole = [head, data(16_384), data(16_384), data(16_384), data(16_384)];
    let extra_runs = [&whole[..], &[data(1)]].concat();
    for writes in [
        [asking(&[]), vec![update(stream, 1), update(connection, 10)]].concat(),
        [asking(&[]), vec![update(stream, 10), update(connection, 1)]].concat(),
        [asking(&[(SettingId::INITIAL_WINDOW_SIZE, 65_536)]), vec![update(connection, 10)]].concat(),
    ] {
        assert_eq!(last_handling(writes.clone(), whole.clone()), Handling::Processed, "{writes:?}");
        assert_eq!(last_handling(writes, extra_runs.clone()), Handling::Choice(Clause::UnableToAccept));
    }
}

#[test]
fn sent_content_leaves_room_in_the_window_for_an_update() {
    record_stack_panics();
    let upload = [asking(&[]), vec![Frame::data(StreamId::FIRST, vec![b'.'; 100])]].concat();
    let room = 0x7fff_ffff - 65_535 + 100;
    for (stream, error) in [
        (StreamId::FIRST, Handling::StreamError(Clause::WindowOverflow)),
        (StreamId::CONNECTION, Handling::ConnectionError(Clause::WindowOverflow)),
    ] {
        let update = |increment| [Frame::window_update(stream, increment)];
        assert_eq!(last_handling(upload.clone(), update(room)), Handling::Processed, "{stream}");
        assert_eq!(last_handling(upload.clone(), update(room + 1)), error, "{stream}");
    }
}

/// A client that is only judged, never played to.
struct Judged {
    retries: bool,
}

impl Client for Judged {
    fn name(&self) -> &'static str {
        "judged"
    }

    fn about(&self) -> &'static str {
        "A client that is only judged."
    }

    fn version(&self) -> String {
        String::new()
    }

    fn stack(&self) -> StackName {
        StackName::Modern
    }

    fn retries(&self) -> bool {
        self.retries
    }

    fn instance(&self, _: &Endpoint) -> Result<Box<dyn ClientInstance>, BoxError> {
        Err("it is never played to".into())
    }
}

/// The laws that a client breaks if its application sees this end of a POST, or the one that the stack has.
fn broken_by(
    frames: impl IntoIterator<Item = Frame>,
    retries: bool,
    end: Option<Ended>,
    outcome: ClientRequestOutcome,
) -> Vec<Law> {
    let script = Script::answering(frames).with_step(0, Step::Request(Request::new(Method::Post)));
    let Side { mut observation, model, .. } = Harness::new().side::<Modern>(&script);
    if let Some(end) = end {
        observation.requests[0].end = end;
    }
    let requests = vec![outcome];
    let played = ClientOutcome { observation, requests, connections: 1, unplayable: Vec::new(), logged: Vec::new() };
    let violations = clients::judge(&Judged { retries }, &script, &played, &model);
    violations.into_iter().map(|violation| violation.law).collect()
}

#[test]
fn every_law_over_clients_fires_where_a_client_breaks_it_and_nowhere_else() {
    record_stack_panics();
    let once = || ClientRequestOutcome { on_first: 1, ..ClientRequestOutcome::default() };
    let refused = || [Frame::rst_stream(StreamId::FIRST, ErrorCode::REFUSED_STREAM)];
    let reset = || [Frame::rst_stream(StreamId::FIRST, ErrorCode::INTERNAL_ERROR)];
    let cut = || [Frame::response(StreamId::FIRST, 200), reset()[0].clone()];
    let whole = || [Frame::response(StreamId::FIRST, 200).end_stream()];
    let says = |opinion| {
        let label = Some(ErrorLabel { text: "an error".into(), opinion });
        ClientRequestOutcome { label, ..once() }
    };
    for retries in [false, true] {
        assert_eq!(broken_by(reset(), retries, Some(Ended::Open), once()), [Law::Liveness]);
        assert_eq!(broken_by(cut(), retries, Some(Ended::Complete), once()), [Law::Integrity]);
        assert_eq!(broken_by(whole(), retries, None, once()), []);
        assert_eq!(broken_by([], retries, Some(Ended::Open), once()), []);
    }
    let twice = || ClientRequestOutcome { on_later: 1, ..once() };
    assert_eq!(broken_by(reset(), true, None, twice()), [Law::Safety]);
    assert_eq!(broken_by(refused(), true, None, twice()), []);
    assert_eq!(broken_by(refused(), true, None, says(Opinion::Unprocessed(false))), [Law::Completeness]);
    assert_eq!(broken_by(reset(), false, None, says(Opinion::Unprocessed(true))), [Law::Safety]);
    assert_eq!(broken_by(reset(), false, None, says(Opinion::Unprocessed(false))), []);
}
