//! The model of RFC 9113 agrees with every scenario, and says of each frame how a client has to handle it. Mutation testing
//! runs these tests.

use conformance::{
    comparison::Harness,
    http2::{
        ErrorCode, Frame, FrameType, SettingId, StreamId, flags,
        hpack::Field,
        wire::{self, PREFACE},
    },
    oracles::{Law, Violation},
    outcome::Side,
    peer::Transport,
    rfc9113::{Certainty, Clause, Handling, Model, is_malformed},
    scenarios::{self, Expectation, Scenario},
    script::{Request, Script, Step},
    stacks::{
        BoxError, Head, IssuedRequest, Legacy, Modern, Part, Profile, Stack, Unanswered, drive::Spawner,
        panics::record_stack_panics,
    },
    vocabulary::StackName,
};
use std::{
    cell::RefCell,
    future::{pending, poll_fn},
    pin::Pin,
    sync::Arc,
};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Where the model differs from the scenario, and why both are right.
const OTHERWISE: [(&str, StackName, &str); 10] = [
    ("a-tunnel-dropped-without-a-window", StackName::Legacy, "its connection task panics before the rest has come"),
    ("a-tunnel-with-a-content-length", StackName::Legacy, "the stack resets it before the rest has come"),
    ("a-tunnel-with-a-content-length", StackName::Modern, "the stack resets it before the rest has come"),
    ("request-body-fails", StackName::Legacy, "what a client writes before the body fails is left open"),
    ("request-body-fails", StackName::Modern, "what a client writes before the body fails is left open"),
    ("the-peer-falls-silent", StackName::Legacy, "only the client's own keep-alive, no frame, ends it"),
    ("the-peer-falls-silent", StackName::Modern, "only the client's own keep-alive, no frame, ends it"),
    (
        "a-client-dropped-before-its-peer-falls-silent",
        StackName::Legacy,
        "only the client's own keep-alive, no frame, ends it",
    ),
    ("a-client-dropped-before-its-peer-falls-silent", StackName::Modern, "the client sends no PING"),
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
        let Expectation { processed, complete, advice, choice, sent: _ } = expected;
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
    let broken = |message: &str| Violation::new(Law::Liveness, Some(StackName::Modern), None, message);
    assert_eq!(Law::Liveness.judge(&comparison), [broken("it keeps itself busy and never rests")]);
    comparison.sides[StackName::Modern].observation.panics.push("at line 1".into());
    assert_eq!(Law::Liveness.judge(&comparison), [broken("it panics: at line 1")]);
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

    async fn send(_: Arc<Transport>, _: IssuedRequest) -> Result<(Head, ()), Unanswered> {
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
