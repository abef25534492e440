//! What the application does with the content of its requests: it hands it over in pieces, and sends trailers behind it.

use crate::application::lawful;
use bytes::Bytes;
use conformance::{
    comparison::Harness,
    http2::{
        Frame, FrameType, StreamId, flags,
        wire::{self, PREFACE},
    },
    outcome::Side,
    peer::{Event, Peer, Record},
    rfc9113::Model,
    script::{Body, BodyEnd, Method, Request, Script, Step},
    stacks::{Modern, panics::record_stack_panics},
};

const FIRST: StreamId = StreamId::FIRST;

/// A request whose application hands over so many bytes at first, and then waits.
fn upload(size: u32) -> Request {
    Request::new(Method::Post).with_body(Body::new(size, BodyEnd::Never))
}

fn feed(bytes: u32, end: bool) -> Step {
    Step::Feed { request: 0, bytes, end }
}

/// The content that the client wrote on the first stream, and whether it ended it.
fn written(side: &Side) -> (usize, bool) {
    let frames: Vec<Frame> = side.observation.record.client_frames().filter(|frame| frame.stream == FIRST).collect();
    let content = frames.iter().filter(|frame| frame.kind == FrameType::DATA).map(|frame| frame.payload.len()).sum();
    (content, frames.iter().any(Frame::ends_stream))
}

#[test]
fn content_is_sent_as_it_is_handed_over_and_ends_with_its_end() {
    let opening = |size| vec![Step::Request(upload(size)), Step::Send(Frame::settings([])), Step::Pass(0)];
    let cases: [(u32, &[Step], (usize, bool)); 6] = [
        (5, &[], (5, false)),
        (5, &[feed(7, false)], (12, false)),
        (5, &[feed(0, true)], (5, true)),
        (0, &[feed(7, false), Step::Pass(0), feed(8, true)], (15, true)),
        // After its end, and for a request that the script does not issue, nothing is handed over.
        (0, &[feed(7, true), feed(8, false)], (7, true)),
        (0, &[Step::Feed { request: 7, bytes: 8, end: true }], (0, false)),
    ];
    for (size, steps, expected) in cases {
        for side in lawful([opening(size), steps.to_vec()].concat()).sides.each() {
            assert_eq!(written(side), expected, "{size} bytes, then {steps:?}, on {}", side.stack);
        }
    }
}

#[test]
fn only_content_that_waits_for_more_takes_any() {
    for (end, expected) in [(BodyEnd::Complete, (5, true)), (BodyEnd::Fails, (0, false))] {
        let request = Request::new(Method::Post).with_body(Body::new(5, end));
        let steps = vec![Step::Request(request), Step::Send(Frame::settings([])), Step::Pass(0), feed(9, true)];
        let side = Harness::new().side::<Modern>(&Script::new(steps));
        assert_eq!(written(&side), expected, "{end:?}");
    }
}

#[test]
fn a_script_feeds_64_mib_at_most() {
    let many = Peer::MOST_FED / Body::MAX_SIZE + 2;
    let mut steps = vec![Step::Request(upload(0)), Step::Send(Frame::settings([])), Step::Pass(0)];
    steps.extend((0..many).map(|_| feed(Body::MAX_SIZE, false)));
    let Side { observation, .. } = Harness::new().side::<Modern>(&Script::new(steps));
    let fed = observation.record.events.iter().filter_map(|event| match event {
        Event::Fed(_, bytes, _) => Some(*bytes),
        _ => None,
    });
    assert_eq!(fed.sum::<u32>(), Peer::MOST_FED);
}

/// The breaches of the client whose frames on the first stream are changed in this way.
fn breaches(steps: Vec<Step>, change: impl Fn(&mut Frame)) -> Vec<String> {
    record_stack_panics();
    let script = Script::new(steps);
    let Side { observation, .. } = Harness::new().side::<Modern>(&script);
    let record = observation.record;
    let mut changed = Record { written: Bytes::from_static(PREFACE), events: Vec::new(), ..record.clone() };
    let mut written = changed.written.to_vec();
    for event in &record.events {
        changed.events.push(match event {
            Event::Written(place) => {
                let mut frame = record.client_frame(place.clone()).expect("it is whole");
                if frame.stream == FIRST {
                    change(&mut frame);
                }
                let start = written.len();
                wire::encode(&frame, &mut written);
                Event::Written(start..written.len())
            }
            event => event.clone(),
        });
    }
    changed.written = written.into();
    Model::of(&script, &changed).breaches.iter().map(|breach| breach.what.clone()).collect()
}

#[test]
fn what_is_not_the_applications_is_seen_in_fed_content_and_trailers() {
    let with_trailer = |request: Request| request.with_trailer("x-checksum", "7").expect("it is a field");
    let script = |request: Request| {
        let settings = Step::Send(Frame::settings([]));
        vec![Step::Request(request), settings, Step::Pass(0), feed(5, true), Step::Pass(0)]
    };
    assert_eq!(breaches(script(with_trailer(upload(5))), |_| {}), [""; 0]);
    let ends_content = |frame: &mut Frame| {
        if frame.kind == FrameType::DATA {
            frame.flags |= flags::END_STREAM;
        }
    };
    let turns_content = |frame: &mut Frame| {
        if frame.kind == FrameType::DATA {
            frame.payload = frame.payload.iter().rev().copied().collect();
        }
    };
    let changes_trailers = |frame: &mut Frame| {
        if frame.kind == FrameType::HEADERS && frame.ends_stream() {
            *frame = Frame::headers(FIRST, [("x-checksum", "8")]).end_stream();
        }
    };
    let leaves_open = |frame: &mut Frame| {
        if frame.kind == FrameType::HEADERS {
            frame.flags &= !flags::END_STREAM;
        }
    };
    let seen = [
        (breaches(script(upload(5)), ends_content), "the request ends after 5 bytes"),
        (breaches(script(upload(5)), turns_content), "are not the application's"),
        (breaches(script(with_trailer(upload(5))), ends_content), "the request ends after"),
        (breaches(script(with_trailer(upload(5))), changes_trailers), "the trailers that are written are not"),
        (breaches(script(with_trailer(upload(5))), leaves_open), "trailers do not end the request"),
    ];
    for (breaches, expected) in seen {
        assert!(breaches.iter().any(|what| what.contains(expected)), "{breaches:?} should say `{expected}`");
    }
}
