//! The laws over clients: each fires where a client breaks it.

use conformance::{
    classifiers::Opinion,
    client_driver::{Client, ClientInstance, ClientOutcome, ClientRequestOutcome, Endpoint, ErrorLabel},
    comparison::Harness,
    http2::{ErrorCode, Frame, StreamId},
    oracles::{Law, clients},
    outcome::Side,
    script::{Method, Request, Script, Step},
    stacks::{BoxError, End as Ended, Modern, drive::record_stack_panics},
    vocabulary::StackName,
};

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
