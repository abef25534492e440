//! The generated client of a service, with the SDK's defaults: how often it sends a request, and what the result is.

use conformance::{
    client_driver::{Client, ClientDriver, ClientOutcome},
    http2::{FrameType, StreamId, View, hpack},
    scenarios::{self, Scenario},
    script::{Method, Request, Script, Step},
};
use conformance_clients::aws::{AWS_LEGACY, AWS_MODERN, AWS_POOL, AwsClient};

const ALL: [AwsClient; 3] = [AWS_LEGACY.dynamodb(), AWS_MODERN.dynamodb(), AWS_POOL.dynamodb()];

fn scenarios() -> Vec<Scenario> {
    scenarios::built_in().expect("the suite's own scenarios are valid")
}

fn script(name: &str) -> Script {
    scenarios().into_iter().find(|scenario| scenario.name == name).expect("there is such a scenario").script
}

/// The script with a POST as its first request: for this client, an update that must not run twice.
fn writing(script: &Script) -> Script {
    let first =
        script.steps().iter().position(|step| matches!(step, Step::Request(_))).expect("a script has a request");
    script.with_step(first, Step::Request(Request::new(Method::Post)))
}

fn play(client: &AwsClient, script: &Script) -> ClientOutcome {
    ClientDriver::HEALTHY.play(client, script).expect("the client can be driven")
}

/// How often a request was sent over the first connection, and over later ones.
fn attempts(played: &ClientOutcome, request: usize) -> [usize; 2] {
    [played.requests[request].on_first(), played.requests[request].on_later()]
}

fn label(played: &ClientOutcome, request: usize) -> Option<&str> {
    played.requests[request].label.as_ref().map(|label| label.text.as_str())
}

fn may_have_run_twice(played: &ClientOutcome, script: &Script, request: usize) -> bool {
    let models = played.models(script);
    played.requests[request].may_have_run_twice(models.iter().map(|model| &model.truths[request]))
}

#[test]
fn a_request_below_a_goaway_is_answered_on_the_second_connection_and_has_run_once() {
    let read = script("goaway-below-our-stream");
    for client in &ALL {
        for script in [&read, &writing(&read)] {
            let played = play(client, script);
            assert_eq!(attempts(&played, 0), [1, 1], "{}", client.name());
            assert_eq!(played.connections, 2, "{}", client.name());
            assert!(played.is_complete(0), "{}", client.name());
            assert!(!may_have_run_twice(&played, script, 0), "{}", client.name());
        }
    }
}

#[test]
fn a_request_that_waits_for_a_slot_when_goaway_comes_is_lost() {
    let script = script("goaway-while-a-request-waits-for-a-slot");
    for client in &ALL {
        let played = play(client, &script);
        assert!(played.is_complete(0), "{}", client.name());
        assert_eq!(attempts(&played, 1), [0, 0], "{}", client.name());
        assert_eq!(label(&played, 1), Some("DispatchFailure(User)"), "{}", client.name());
    }
}

/// Every request has content here, and the SDK's stalled-upload protection counts waiting for a slot as a stall.
#[test]
fn a_request_that_gets_no_slot_is_given_up_as_a_stalled_upload() {
    let script = script("settings-take-the-last-slot-away");
    for client in &ALL {
        let played = play(client, &script);
        assert_eq!(attempts(&played, 1), [0, 0], "{}", client.name());
        assert_eq!(label(&played, 1), Some("DispatchFailure(Timeout)"), "{}", client.name());
    }
}

/// The SDK retries every operation: it cannot mark one that must not run twice.
#[test]
fn an_update_that_may_have_run_is_sent_again_when_the_connection_is_lost() {
    for name in ["eof-before-the-head", "eof-in-the-middle-of-a-body"] {
        let script = writing(&script(name));
        for client in &ALL {
            let played = play(client, &script);
            assert_eq!(attempts(&played, 0), [1, 1], "{name}, {}", client.name());
            assert!(played.is_complete(0), "{name}, {}", client.name());
            assert!(may_have_run_twice(&played, &script, 0), "{name}, {}", client.name());
        }
    }
}

#[test]
fn an_answer_that_is_not_json_is_an_error_and_is_not_retried() {
    let script = script("goaway-in-two-phases");
    for client in &ALL {
        let played = play(client, &script);
        assert_eq!(attempts(&played, 1), [1, 0], "{}", client.name());
        assert_eq!(label(&played, 1), Some("ServiceError(200)"), "{}", client.name());
    }
}

/// The SDK checks content-length for GET only, and all its requests are POST. Over hyper 0.14 the error comes when the
/// body has ended and the SDK asks for trailers. Over hyper 1 there is no error, and the SDK cannot parse the cut JSON.
#[test]
fn a_body_cut_by_no_error_is_retried_over_hyper_0_14_and_fails_to_parse_over_hyper_1() {
    let script = script("rst-stream-no-error-cuts-a-body-of-known-length");
    let [legacy, modern, pool] = ALL.map(|client| play(&client, &script));
    assert_eq!(attempts(&legacy, 0), [1, 1]);
    assert!(legacy.is_complete(0));
    for played in [modern, pool] {
        assert_eq!(attempts(&played, 0), [1, 0]);
        assert_eq!(label(&played, 0), Some("ServiceError(200)"));
    }
}

/// An empty body is read as an empty document, and an output without an item means that the item does not exist.
#[test]
fn over_hyper_1_a_body_cut_before_its_first_byte_reads_as_a_missing_item() {
    let script = script("goaway-after-every-head-then-eof");
    let [legacy, modern, pool] = ALL.map(|client| play(&client, &script));
    assert_eq!(attempts(&legacy, 2), [1, 1]);
    for played in [modern, pool] {
        assert_eq!(attempts(&played, 2), [1, 0]);
        assert!(played.is_complete(2));
    }
}

#[test]
fn the_request_on_the_wire_is_a_signed_post_with_its_number_in_the_path_and_always_the_same() {
    let script = script("goaway-below-our-stream");
    let [first, second] = [(), ()].map(|()| play(&AWS_LEGACY.dynamodb(), &script).observation.record);
    let frame = first.client_frames().find(|frame| frame.kind == FrameType::HEADERS).expect("a request was written");
    assert_eq!(frame.stream, StreamId::FIRST);
    let View::Headers(block) = frame.view() else { panic!("it is a HEADERS frame") };
    let fields = hpack::decode(block).expect("the first block of a connection refers to no other");
    let field = |name: &str| fields.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str());
    assert_eq!([field(":method"), field(":path")], [Some("POST"), Some("/0/")]);
    assert_eq!(field("x-amz-target"), Some("DynamoDB_20120810.GetItem"));
    assert!(field("authorization").is_some_and(|value| value.starts_with("AWS4-HMAC-SHA256 Credential=nobody/")));
    assert_eq!(first, second);
}
