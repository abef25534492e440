//! The mistakes of clients: each is found where a client makes it.

use conformance::{
    classifiers::Opinion,
    client_driver::{Client, ClientInstance, ClientOutcome, ClientRequestOutcome, Endpoint, ErrorLabel, Retries},
    comparison::Harness,
    http2::{ErrorCode, Frame, StreamId},
    oracles::clients::{self, Mistake, MistakeClass, MistakeKind},
    outcome::Side,
    script::{Body, BodyEnd, Method, Request, Script, Step},
    stacks::{BoxError, End as Ended, Modern, panics::record_stack_panics},
    vocabulary::StackName,
};
use std::fs;

/// A client that is only judged, never played to.
struct Judged {
    promise: Retries,
}

impl Client for Judged {
    fn name(&self) -> &str {
        "judged"
    }

    fn stack(&self) -> Option<StackName> {
        Some(StackName::Modern)
    }

    fn promise(&self) -> Retries {
        self.promise
    }

    fn instance(&self, _: &Endpoint) -> Result<Box<dyn ClientInstance>, BoxError> {
        Err("it is never played to".into())
    }
}

/// The mistakes of a client whose application sees this end of a POST, or the one that the stack has.
fn broken_by(
    frames: impl IntoIterator<Item = Frame>,
    promise: Retries,
    end: Option<Ended>,
    outcome: ClientRequestOutcome,
) -> Vec<MistakeKind> {
    let mistakes = mistakes(&Request::new(Method::Post), frames, promise, end, outcome);
    mistakes.into_iter().map(|mistake| mistake.kind).collect()
}

/// The same for this request.
fn mistakes(
    request: &Request,
    frames: impl IntoIterator<Item = Frame>,
    promise: Retries,
    end: Option<Ended>,
    outcome: ClientRequestOutcome,
) -> Vec<Mistake> {
    let script = Script::answering(frames).with_step(0, Step::Request(request.clone()));
    let Side { mut observation, model, .. } = Harness::new().side::<Modern>(&script);
    if let Some(end) = end {
        observation.requests[0].end = end;
    }
    let requests = vec![outcome];
    let played = ClientOutcome { observation, requests, connections: 1, ..ClientOutcome::default() };
    clients::judge(&Judged { promise }, &script, &played, &[model])
}

#[test]
fn the_certificate_of_an_endpoint_is_in_a_file() {
    let endpoint = Endpoint { origin: String::new(), connections: None, certificate: "in PEM".into() };
    let file = endpoint.certificate_file().expect("it can be written");
    assert_eq!(fs::read_to_string(&file).expect("it is there"), "in PEM");
    fs::remove_file(file).expect("it can be removed");
}

#[test]
fn every_mistake_is_found_where_a_client_breaks_it_and_nowhere_else() {
    record_stack_panics();
    let once = || ClientRequestOutcome { on_scripted: vec![1], ..ClientRequestOutcome::default() };
    let refused = || [Frame::rst_stream(StreamId::FIRST, ErrorCode::REFUSED_STREAM)];
    let reset = || [Frame::rst_stream(StreamId::FIRST, ErrorCode::INTERNAL_ERROR)];
    let cut = || [Frame::response(StreamId::FIRST, 200), reset()[0].clone()];
    let whole = || [Frame::response(StreamId::FIRST, 200).end_stream()];
    let says = |opinion| {
        let label = Some(ErrorLabel { text: "an error".into(), opinion });
        ClientRequestOutcome { label, ..once() }
    };
    for promise in [Retries::NotPromised, Retries::Automatic] {
        assert_eq!(broken_by(reset(), promise, Some(Ended::Open), once()), [MistakeKind::Hang]);
        assert_eq!(broken_by(cut(), promise, Some(Ended::Complete), once()), [MistakeKind::Truncated]);
        assert_eq!(broken_by(whole(), promise, None, once()), []);
        assert_eq!(broken_by([], promise, Some(Ended::Open), once()), []);
        assert_eq!(broken_by(refused(), promise, None, once()), [MistakeKind::NotRetried]);
    }
    let (none, automatic) = (Retries::NotPromised, Retries::Automatic);
    let twice = || ClientRequestOutcome { beyond: 1, ..once() };
    assert_eq!(broken_by(reset(), automatic, None, twice()), [MistakeKind::RunTwice]);
    assert_eq!(broken_by(refused(), automatic, None, twice()), []);
    let thrice = || ClientRequestOutcome { beyond: 2, ..once() };
    assert_eq!(broken_by(refused(), automatic, None, thrice()), [MistakeKind::RunTwice]);
    assert_eq!(broken_by(refused(), automatic, None, says(Opinion::Retry(false))), [MistakeKind::NotRetried]);
    assert_eq!(broken_by(refused(), none, None, says(Opinion::Unprocessed(false))), [MistakeKind::Mislabelled]);
    assert_eq!(broken_by(reset(), none, None, says(Opinion::Unprocessed(true))), [MistakeKind::Mislabelled]);
    assert_eq!(broken_by(reset(), none, None, says(Opinion::Unprocessed(false))), []);
}

#[test]
fn a_client_that_still_uploads_may_keep_a_whole_response_until_the_peer_resets_the_stream() {
    record_stack_panics();
    let upload = Request::new(Method::Post).as_post(Body::new(10, BodyEnd::Never));
    let once = || ClientRequestOutcome { on_scripted: vec![1], ..ClientRequestOutcome::default() };
    let whole = Frame::response(StreamId::FIRST, 200).end_stream();
    let reset = Frame::rst_stream(StreamId::FIRST, ErrorCode::NO_ERROR);
    for (frames, class) in [(vec![whole.clone()], MistakeClass::Choice), (vec![whole, reset], MistakeClass::Fault)] {
        let found = mistakes(&upload, frames, Retries::NotPromised, Some(Ended::Open), once());
        let [hang] = &found[..] else { panic!("{found:?}") };
        assert_eq!((hang.kind, hang.class), (MistakeKind::Hang, class), "{hang}");
    }
}
