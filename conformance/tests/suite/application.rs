//! What the application does: it cancels requests, reads slowly, and drops its client, and the laws hold for the rest of its
//! connection.

use conformance::{
    comparison::{Comparison, Harness},
    http2::{ErrorCode, Frame, FrameType, StreamId, wire},
    judge::judge,
    metamorphic::one_stream_later,
    outcome::{OutcomeEnd, Side},
    peer::{Event, Record},
    report::{explain::explain, layout::WIDTH},
    rfc9113::Model,
    script::{Reads, Request, Script, Step, bytes::FIRST_DIRECTIVE},
    stacks::{Modern, panics::record_stack_panics},
    vocabulary::Phase,
};

const FIRST: StreamId = StreamId::FIRST;

fn settings() -> Step {
    Step::Send(Frame::settings([]))
}

fn head(stream: StreamId) -> Step {
    Step::Send(Frame::response(stream, 200))
}

fn awaits_head(stream: StreamId) -> Step {
    Step::awaits(FrameType::HEADERS, stream)
}

/// The outcome of a script that breaks no law.
pub(crate) fn lawful(steps: Vec<Step>) -> Comparison {
    record_stack_panics();
    let script = Script::new(steps);
    let judgement = judge(&Harness::new(), &script);
    if !judgement.violations.is_empty() {
        panic!("{}", explain(&judgement.into_case("cancelled", &script), WIDTH));
    }
    judgement.comparison
}

fn resets(side: &Side) -> &[(StreamId, ErrorCode)] {
    &side.outcome.resets
}

#[test]
fn a_request_is_cancelled_wherever_it_is() {
    let get = || Step::Request(Request::get());
    let cancel = || Step::Cancel(0);
    let cancelled = |side: &Side| (side.outcome.requests[0].end.clone(), side.outcome.requests[0].phase);
    // In the body, while the head is awaited, before the client has run, and before there is a connection.
    let cases = [
        (vec![get(), settings(), awaits_head(FIRST), head(FIRST), Step::Pass(0), cancel()], Phase::Body, true),
        (vec![get(), settings(), awaits_head(FIRST), cancel(), Step::Pass(0), head(FIRST)], Phase::Head, true),
        (vec![settings(), Step::Pass(0), get(), cancel()], Phase::Head, false),
        (vec![get(), cancel(), settings()], Phase::Head, false),
    ];
    for (steps, phase, is_reset) in cases {
        for side in lawful(steps).sides.each() {
            assert_eq!(cancelled(side), (OutcomeEnd::Cancelled, phase));
            let reset = [(FIRST, ErrorCode::CANCEL)];
            assert_eq!(resets(side), if is_reset { &reset[..] } else { &[] });
            assert_eq!(side.outcome.requests[0].written, is_reset);
        }
    }
}

#[test]
fn a_cancel_of_what_is_not_open_changes_nothing() {
    let exchange = |cancels: &[(usize, u32)]| {
        let whole = Step::Send(Frame::response(FIRST, 200).end_stream());
        let mut steps = vec![Step::Request(Request::get()), settings(), awaits_head(FIRST), whole, Step::Pass(0)];
        for (place, request) in cancels {
            steps.insert(*place, Step::Cancel(*request));
        }
        lawful(steps)
    };
    let plain = exchange(&[]);
    for cancels in [&[(5, 0)][..], &[(5, 0), (6, 0)], &[(0, 0)], &[(3, 1)], &[(2, u32::MAX)]] {
        for (side, before) in exchange(cancels).sides.each().into_iter().zip(plain.sides.each()) {
            assert_eq!(side.outcome, before.outcome, "{cancels:?}");
            let is_cancel = |event: &Event| matches!(event, Event::Cancelled(_));
            assert!(!side.observation.record.events.iter().any(is_cancel));
        }
    }
}

/// The outcome of more cancelled requests than a client counts, all at once, and of one more. Each is answered late, or none.
fn after_many_cancels(are_answered: bool) -> Comparison {
    let of_request = |request| StreamId::of_request(request);
    let mut steps = vec![settings()];
    steps.extend(vec![Step::Request(Request::get()); MANY]);
    steps.push(awaits_head(of_request(MANY - 1)));
    steps.extend((0..MANY as u32).map(Step::Cancel));
    steps.extend([Step::Pass(0), Step::Request(Request::get()), awaits_head(of_request(MANY))]);
    steps.extend((0..MANY).filter(|_| are_answered).map(of_request).map(head));
    steps.extend([Step::Pass(0), Step::Send(Frame::response(of_request(MANY), 200).end_stream())]);
    lawful(steps)
}

const MANY: usize = 1_100;

#[test]
fn a_connection_outlives_a_thousand_requests_that_time_out() {
    for side in after_many_cancels(false).sides.each() {
        assert_eq!(side.outcome.requests[MANY].end, OutcomeEnd::Complete, "{}", side.stack);
        assert_eq!(resets(side).len(), MANY);
    }
}

/// What actix/actix-web#3788 reports. Both stacks remember 50 streams that they have reset. An answer on another one is an
/// error, which RFC 9113 §5.1 leaves to them; after 1,024 of these they end the connection, and fail what is open on it.
#[test]
fn late_answers_to_a_thousand_cancelled_requests_end_the_connection() {
    for side in after_many_cancels(true).sides.each() {
        let OutcomeEnd::Failed(chain, _) = &side.outcome.requests[MANY].end else { panic!("{}", side.stack) };
        assert_eq!(side.outcome.goaways, [ErrorCode::ENHANCE_YOUR_CALM], "{}: {chain}", side.stack);
    }
}

#[test]
fn corpus_files_that_are_older_than_the_directive_keep_their_meaning() {
    let cancel = FrameType(FIRST_DIRECTIVE.0 + 8);
    let decoded = |flags: u8, payload: &[u8]| {
        let frame = Frame::new(cancel, flags, StreamId::CONNECTION, payload.to_vec());
        let mut bytes = Script::new(Vec::new()).encode();
        wire::encode(&frame, &mut bytes);
        Script::decode(bytes).steps()[1].clone()
    };
    assert_eq!(decoded(0, &[0, 0, 1, 2]), Step::Cancel(258));
    assert_eq!(decoded(0, &[1]), Step::Cancel(1 << 24));
    assert!(matches!(decoded(0xff, &[]), Step::Send(frame) if frame.kind == cancel));
}

#[test]
fn after_one_more_request_every_cancel_means_the_same_request() {
    assert_eq!(one_stream_later(&Step::Cancel(3)), Step::Cancel(4));
    assert_eq!(one_stream_later(&Step::Cancel(u32::MAX)), Step::Cancel(u32::MAX));
}

/// A GET of whose response the application reads so much at first.
fn slow(bytes: u32) -> Step {
    Step::Request(Request::get().reading(Reads::Bytes(bytes)))
}

#[test]
fn an_application_reads_whole_pieces_until_it_has_what_it_wants() {
    let data = |size: usize| Step::Send(Frame::data(FIRST, vec![0; size]));
    let end = || Step::Send(Frame::data(FIRST, "").end_stream());
    let read = |bytes| Step::Read { request: 0, bytes };
    let rest = || Step::Pass(0);
    // Of pieces of 10 bytes each: what it reads at first, and later; how much it has then, and whether it knows the end.
    for (first, later, has, is_complete) in [
        (0, None, 0, false),
        (1, None, 10, false),
        (10, None, 10, false),
        (11, None, 20, false),
        (30, None, 30, false),
        (31, None, 30, true),
        (0, Some(0), 0, false),
        (0, Some(1), 10, false),
        (10, Some(10), 20, false),
        (0, Some(u32::MAX), 30, true),
    ] {
        let mut steps = vec![slow(first), settings(), awaits_head(FIRST), head(FIRST)];
        steps.extend([data(10), data(10), rest(), data(10), end(), rest()]);
        steps.extend(later.map(read));
        for side in lawful(steps).sides.each() {
            let request = &side.outcome.requests[0];
            let end = if is_complete { OutcomeEnd::Complete } else { OutcomeEnd::Open };
            assert_eq!((request.body.len(), &request.end), (has, &end), "{first}, then {later:?}, on {}", side.stack);
        }
    }
}

#[test]
fn what_is_read_before_the_head_comes_counts_and_other_requests_are_read_whole() {
    let whole = |stream| Step::Send(Frame::data(stream, vec![0; 10]).end_stream());
    let other = StreamId::of_request(1);
    let steps = vec![
        Step::Read { request: 0, bytes: 5 },
        slow(0),
        Step::Request(Request::get()),
        Step::Read { request: 0, bytes: 6 },
        Step::Read { request: 1, bytes: 1 },
        Step::Read { request: 7, bytes: 1 },
        settings(),
        awaits_head(other),
        head(FIRST),
        head(other),
        whole(FIRST),
        whole(other),
    ];
    for side in lawful(steps).sides.each() {
        let ends: Vec<_> = side.outcome.requests.iter().map(|request| request.end.clone()).collect();
        assert_eq!(ends, [OutcomeEnd::Complete, OutcomeEnd::Complete], "{}", side.stack);
    }
}

#[test]
fn credit_is_lost_only_if_nobody_holds_it() {
    const SIZE: usize = 16_384;
    // The window of the connection, 98,304 bytes, is full. What is held is the client's to keep; what was read is not.
    for (wanted, is_lost) in [(0, false), (1, true), (SIZE as u32 * 3, true)] {
        let (other, third) = (StreamId::of_request(1), StreamId::of_request(2));
        let mut steps = vec![slow(wanted), slow(0), Step::Request(Request::get()), settings(), awaits_head(third)];
        steps.extend([FIRST, other, third].map(head));
        for stream in [FIRST, other] {
            steps.extend(vec![Step::Send(Frame::data(stream, vec![0; SIZE])); 3]);
        }
        steps.push(Step::Pass(0));
        let script = Script::new(steps);
        let Side { observation, .. } = Harness::new().side::<Modern>(&script);
        let mut record = observation.record;
        let breaches = |record: &Record| Model::of(&script, record).breaches;
        assert_eq!(breaches(&record), []);
        // The same client, if it gave nothing back after its first WINDOW_UPDATE.
        let mut updates = 0;
        let frames = record.clone();
        record.events.retain(|event| match event {
            Event::Written(place) => {
                let frame = frames.client_frame(place.clone()).expect("it is whole");
                let is_update = frame.kind == FrameType::WINDOW_UPDATE;
                updates += usize::from(is_update);
                !is_update || updates == 1
            }
            _ => true,
        });
        assert_eq!(!breaches(&record).is_empty(), is_lost, "{wanted} bytes are read");
    }
}

#[test]
fn a_dropped_client_answers_what_it_was_given_and_issues_nothing_more() {
    let get = || Step::Request(Request::get());
    let answer = |stream| Step::Send(Frame::response(stream, 200).end_stream());
    let steps = vec![get(), Step::Send(Frame::settings([])), Step::Pass(0), Step::DropClient, get(), answer(FIRST)];
    for side in lawful(steps).sides.each() {
        let ends: Vec<_> = side.outcome.requests.iter().map(|request| request.end.clone()).collect();
        assert_eq!(ends, [OutcomeEnd::Complete, OutcomeEnd::Open], "{}", side.stack);
        assert_eq!(side.observation.record.requests, [(0, FIRST)]);
    }
    // The request is issued even if there is no connection yet.
    let steps = vec![get(), Step::DropClient, Step::Send(Frame::settings([])), Step::Pass(0), answer(FIRST)];
    for side in lawful(steps).sides.each() {
        assert_eq!(side.outcome.requests[0].end, OutcomeEnd::Complete, "{}", side.stack);
    }
}
