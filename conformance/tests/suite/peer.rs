//! The peer plays the script, and the record holds what crossed the wire and when.

use conformance::{
    http2::{ErrorCode, Frame, FrameType, StreamId, flags, wire},
    peer::{Event, Peer},
    script::{Body, BodyEnd, IoFailure, Method, Request, Script, Step},
    stacks::{Driver, End, Legacy, Modern, Observation, Profile, Stack},
};

use bytes::BytesMut;
use futures_util::FutureExt;
use tokio::io::AsyncWriteExt;

fn observe<S: Stack>(script: &Script) -> Observation {
    Driver::new().observe::<S>(script, Profile::Equal)
}

fn both(script: &Script) -> [Observation; 2] {
    [observe::<Legacy>(script), observe::<Modern>(script)]
}

#[test]
fn the_record_holds_what_was_received_when_a_request_ended() {
    let head = Frame::response(StreamId::FIRST, 200).end_stream();
    let settings = 9;
    let script = Script::new(vec![
        Step::Send(Frame::settings([])),
        Step::awaits(FrameType::HEADERS, StreamId::FIRST),
        Step::Send(head.clone()),
        Step::Pass(0),
        Step::Send(Frame::ping([1; 8])),
    ]);
    for observation in both(&script) {
        let record = &observation.record;
        assert_eq!(record.received_at_end(0), settings + 9 + head.payload.len());
        assert_eq!(record.sent.len(), settings + 9 + head.payload.len() + 17);
        assert_eq!(record.stream_of(0), Some(StreamId::FIRST));
        assert!(matches!(observation.requests[0].end, End::Complete));
    }
}

#[test]
fn a_request_is_written_once_the_transport_takes_its_last_frame() {
    // The transport first takes the preface, SETTINGS and WINDOW_UPDATE; HEADERS is the fourth.
    let fails = |after| Step::FailWrite { failure: IoFailure::BROKEN_PIPE, after };
    for (after, written) in [(0, false), (3, false), (4, true)] {
        for observation in both(&Script::new(vec![fails(after)])) {
            assert_eq!(observation.record.stream_of(0).is_some(), written, "{after} frames taken");
        }
    }
}

#[test]
fn bytes_arrive_in_pieces_of_the_size_in_the_script() {
    let script = Script::new(vec![Step::Split(4), Step::Send(Frame::settings([]))]);
    for observation in both(&script) {
        let pieces: Vec<usize> = observation.record.events.iter().filter_map(sent).collect();
        assert_eq!(pieces, [4, 4, 1]);
    }
}

fn sent(event: &Event) -> Option<usize> {
    match event {
        Event::Sent(place) => Some(place.len()),
        _ => None,
    }
}

#[test]
fn an_await_that_cannot_be_met_does_not_stop_the_peer() {
    let steps = vec![
        Step::awaits(FrameType::HEADERS, StreamId::of_request(7)),
        Step::Send(Frame::rst_stream(StreamId::FIRST, ErrorCode::CANCEL)),
    ];
    for observation in both(&Script::new(steps)) {
        assert_eq!(observation.record.unmet_steps().count(), 1);
        assert!(matches!(observation.requests[0].end, End::Failed(..)));
    }
}

#[test]
fn a_body_that_never_ends_keeps_its_stream_open_and_one_that_fails_resets_it() {
    let upload = |end| Step::Request(Request::new(Method::Post).with_body(Body::new(10, end)));
    let awaited = Step::awaits(FrameType::DATA, StreamId::FIRST);
    for observation in both(&Script::new(vec![upload(BodyEnd::Never), awaited])) {
        assert_eq!(observation.record.unmet_steps().count(), 0);
        assert!(!observation.record.client_frames().any(|frame| frame.ends_stream()));
    }
    for observation in both(&Script::new(vec![upload(BodyEnd::Fails), Step::Pass(0)])) {
        assert!(observation.record.client_frames().any(|frame| frame.kind == FrameType::RST_STREAM));
    }
}

#[test]
fn time_passes_only_where_the_script_says_so() {
    let pings = |time| {
        let observation = observe::<Modern>(&Script::new(vec![Step::Pass(0), Step::Pass(time)]));
        observation.record.client_frames().filter(|frame| frame.kind == FrameType::PING).count()
    };
    assert_eq!((pings(0), pings(29_999), pings(30_000)), (0, 0, 1));
}

#[test]
fn a_request_is_known_by_a_path_that_refers_to_an_earlier_one() {
    /// `:method: GET`, `:scheme: http`.
    const BEGIN: [u8; 2] = [0x82, 0x86];
    let script = Script::new(Vec::new());
    let (peer, mut transport) = Peer::new(&script);
    let mut written = BytesMut::from(&wire::PREFACE[..]);
    // The path as a literal that enters the dynamic table, and as the newest entry of that table.
    for (stream, path) in [(0, &b"\x44\x02/0"[..]), (1, &b"\xbe"[..])] {
        let block = Frame::headers_block(StreamId::of_request(stream), [&BEGIN, path].concat());
        wire::encode(&block.with_flags(flags::END_HEADERS), &mut written);
    }
    transport.write_all(&written).now_or_never().expect("it takes everything").expect("nothing fails");
    let requests = peer.into_record().requests;
    assert_eq!(requests, [(0, StreamId::of_request(0)), (0, StreamId::of_request(1))]);
}

#[test]
fn a_forbidden_frame_that_comes_is_recorded_unless_an_await_took_it() {
    let never = |kind| Step::Never { kind, stream: StreamId::FIRST };
    let unmet = |steps: Vec<Step>| -> Vec<usize> {
        let steps = [vec![Step::Request(Request::get()), Step::Send(Frame::settings([]))], steps].concat();
        observe::<Modern>(&Script::new(steps)).record.unmet_steps().collect()
    };
    assert_eq!(unmet(vec![never(FrameType::HEADERS)]), [2]);
    assert_eq!(unmet(vec![never(FrameType::DATA)]), [0; 0]);
    assert_eq!(unmet(vec![Step::awaits(FrameType::HEADERS, StreamId::FIRST), never(FrameType::HEADERS)]), [0; 0]);
}
