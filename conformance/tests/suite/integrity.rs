//! Law 5: what is handed over is what was sent. A response that a stack has handed over rightly is altered in one place.

use conformance::{
    comparison::{Comparison, Harness},
    http2::{Frame, StreamId},
    oracles::Law,
    outcome::{OutcomeEnd, RequestOutcome},
    script::Script,
    vocabulary::StackName,
};

/// A response with everything that can be lost, changed or added.
fn played() -> Comparison {
    let stream = StreamId::FIRST;
    let fields = [(":status", "200"), ("a", "1"), ("b", "2"), ("a", "3"), ("cookie", "x=1"), ("cookie", "y=2")];
    let announced = fields.into_iter().chain([("content-length", "9")]);
    Harness::new().run(&Script::answering([
        Frame::headers(stream, announced),
        Frame::data(stream, &b"first"[..]),
        Frame::data(stream, &b"next"[..]).padded(3),
        Frame::headers(stream, [("checksum", "1")]).end_stream(),
    ]))
}

/// What the law says of request 0 on the legacy side after this change.
fn said(change: impl FnOnce(&mut RequestOutcome)) -> Option<String> {
    let mut comparison = played();
    change(&mut comparison.sides[StackName::Legacy].outcome.requests[0]);
    let violations = Law::Integrity.judge(&comparison);
    assert!(violations.len() <= 1, "{violations:?}");
    violations.into_iter().next().map(|violation| violation.message)
}

fn field(name: &str, value: &str) -> (String, String) {
    (name.into(), value.into())
}

#[test]
fn what_a_client_may_do_to_a_response_breaks_nothing() {
    assert_eq!(said(|_| ()), None);
    let cut = |outcome: &mut RequestOutcome| {
        (outcome.end, outcome.trailers) = (OutcomeEnd::Open, None);
        outcome.body.truncate(7);
    };
    assert_eq!(said(cut), None, "a prefix");
    assert_eq!(
        said(|outcome| outcome.headers.sort_by(|one, other| one.0.cmp(&other.0))),
        None,
        "fields in another order"
    );
    let join = |outcome: &mut RequestOutcome| {
        outcome.headers.retain(|(name, _)| name != "a" && name != "cookie");
        outcome.headers.extend([field("a", "1, 3"), field("cookie", "x=1; y=2")]);
    };
    assert_eq!(said(join), None, "fields of one name joined");
}

#[test]
fn whatever_is_lost_changed_or_added_in_a_response_is_seen() {
    type Change = fn(&mut RequestOutcome);
    let changes: [(Change, &str); 16] = [
        (|outcome| outcome.status = Some(201), "the status 201 is handed over, but 200 was sent"),
        (
            |outcome| outcome.headers.retain(|(name, _)| name != "b"),
            "the field b of its head is none, but \"2\" was sent",
        ),
        (|outcome| outcome.headers.push(field("c", "4")), "the field c of its head is \"4\", but none was sent"),
        (
            |outcome| {
                outcome.headers.retain(|(name, _)| name != "a");
                outcome.headers.extend([field("a", "3"), field("a", "1")]);
            },
            "the field a of its head is \"3, 1\", but \"1, 3\" was sent",
        ),
        (|outcome| outcome.body[0] = b'x', "byte 0 of the content that is handed over is not the one that was sent"),
        (|outcome| outcome.body[6] = b'x', "byte 6 of the content that is handed over is not the one that was sent"),
        (
            |outcome| drop(outcome.body.drain(..5)),
            "byte 0 of the content that is handed over is not the one that was sent",
        ),
        (|outcome| outcome.body.truncate(5), "handed over as complete with 5 bytes of content, but 9 were sent"),
        (|outcome| outcome.body.push(b'x'), "10 bytes of content are handed over, but 9 were sent"),
        (|outcome| outcome.trailers = None, "handed over as complete, but without its trailers"),
        (
            |outcome| outcome.trailers = Some(Vec::new()),
            "the field checksum of its trailers is none, but \"1\" was sent",
        ),
        (|outcome| outcome.hint.as_mut().unwrap().is_end_stream = true, "the body says is_end_stream, but more comes"),
        (|outcome| outcome.hint.as_mut().unwrap().upper = Some(8), "size_hint says 9 to 8 bytes, but 9 come"),
        (|outcome| outcome.hint.as_mut().unwrap().lower = 10, "size_hint says 10 to 9 bytes, but 9 come"),
        (
            |outcome| outcome.hint.as_mut().unwrap().upper = None,
            "the head announces 9 bytes of content, but size_hint does not",
        ),
        (
            |outcome| outcome.hint.as_mut().unwrap().lower = 0,
            "the head announces 9 bytes of content, but size_hint does not",
        ),
    ];
    for (change, message) in changes {
        let said = said(change).unwrap_or_default();
        assert!(said.contains(message), "{message:?} is not in {said:?}");
    }
}

#[test]
fn nothing_is_handed_over_that_was_not_sent() {
    let silent = || Harness::new().run(&Script::answering([Frame::headers(StreamId::FIRST, [(":status", "103")])]));
    let mut comparison = silent();
    assert_eq!(Law::Integrity.judge(&comparison), []);
    comparison.sides[StackName::Modern].outcome.requests[0].status = Some(103);
    let [violation] = &Law::Integrity.judge(&comparison)[..] else { panic!("it is seen") };
    assert!(violation.message.contains("a head with status 103 is handed over, but none was sent"));

    let mut comparison = silent();
    comparison.sides[StackName::Modern].outcome.requests[0].trailers = Some(Vec::new());
    let [violation] = &Law::Integrity.judge(&comparison)[..] else { panic!("it is seen") };
    assert!(violation.message.contains("trailers are handed over, but none were sent"));
}
