//! The generated client of a service, with the SDK's own defaults: how often it sends what, and what its application gets.

use conformance::{
    client_driver::{Client, ClientDriver, ClientOutcome},
    http2::{FrameType, StreamId, View, hpack},
    rfc9113::Model,
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

/// The script with a POST for its first request, which for this client is an update that counts twice if it runs twice.
fn writing(script: &Script) -> Script {
    let first =
        script.steps().iter().position(|step| matches!(step, Step::Request(_))).expect("a script has a request");
    script.with_step(first, Step::Request(Request::new(Method::Post)))
}

fn play(client: &AwsClient, script: &Script) -> ClientOutcome {
    ClientDriver.play(client, script).expect("the client can be driven")
}

/// How often a request went over the first connection, and over later ones.
fn attempts(played: &ClientOutcome, request: usize) -> [usize; 2] {
    [played.requests[request].on_first, played.requests[request].on_later]
}

fn label(played: &ClientOutcome, request: usize) -> Option<&str> {
    played.requests[request].label.as_ref().map(|label| label.text.as_str())
}

fn may_have_run_twice(played: &ClientOutcome, script: &Script, request: usize) -> bool {
    let model = Model::of(script, &played.observation.record);
    played.may_have_run_twice(request, &model.truths[request].processed)
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

/// Every request has content here, and its protection against stalled uploads counts waiting for a slot as one.
#[test]
fn a_request_that_gets_no_slot_is_given_up_as_an_upload_that_stands_still() {
    let script = script("settings-take-the-last-slot-away");
    for client in &ALL {
        let played = play(client, &script);
        assert_eq!(attempts(&played, 1), [0, 0], "{}", client.name());
        assert_eq!(label(&played, 1), Some("DispatchFailure(Timeout)"), "{}", client.name());
    }
}

/// The SDK retries whatever the operation: it has no word for one that must not run twice.
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
fn an_answer_that_is_no_json_is_an_error_and_ends_it() {
    let script = script("goaway-in-two-phases");
    for client in &ALL {
        let played = play(client, &script);
        assert_eq!(attempts(&played, 1), [1, 0], "{}", client.name());
        assert_eq!(label(&played, 1), Some("ServiceError(200)"), "{}", client.name());
    }
}

/// Its own check of a content-length is for GET only, and all its requests are POST. Over hyper 0.14 the error comes where
/// the body is over and the SDK asks for trailers; over hyper 1 it does not come, and JSON that is cut is not JSON.
#[test]
fn a_body_that_no_error_cuts_is_tried_again_over_hyper_0_14_and_not_understood_over_hyper_1() {
    let script = script("rst-stream-no-error-cuts-a-body-of-known-length");
    let [legacy, modern, pool] = ALL.map(|client| play(&client, &script));
    assert_eq!(attempts(&legacy, 0), [1, 1]);
    assert!(legacy.is_complete(0));
    for played in [modern, pool] {
        assert_eq!(attempts(&played, 0), [1, 0]);
        assert_eq!(label(&played, 0), Some("ServiceError(200)"));
    }
}

/// No body at all is read as an empty document, and an output without an item means that there is none.
#[test]
fn over_hyper_1_a_body_that_is_cut_before_its_first_byte_is_an_item_that_does_not_exist() {
    let script = script("goaway-after-every-head-then-eof");
    let [legacy, modern, pool] = ALL.map(|client| play(&client, &script));
    assert_eq!(attempts(&legacy, 2), [1, 1]);
    for played in [modern, pool] {
        assert_eq!(attempts(&played, 2), [1, 0]);
        assert!(played.is_complete(2));
    }
}

#[test]
fn what_crosses_the_wire_is_a_signed_post_with_the_number_in_its_path_the_same_every_time() {
    let script = script("goaway-below-our-stream");
    let [first, second] = [(), ()].map(|()| play(&AWS_LEGACY.dynamodb(), &script).observation.record);
    let frame = first.client_frames().find(|frame| frame.kind == FrameType::HEADERS).expect("a request was written");
    assert_eq!(frame.stream, StreamId::FIRST);
    let View::Headers(block) = frame.view() else { panic!("it is a HEADERS frame") };
    let fields = hpack::decode(block).expect("the first block of a connection stands alone");
    let field = |name: &str| fields.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str());
    assert_eq!([field(":method"), field(":path")], [Some("POST"), Some("/0/")]);
    assert_eq!(field("x-amz-target"), Some("DynamoDB_20120810.GetItem"));
    assert!(field("authorization").is_some_and(|value| value.starts_with("AWS4-HMAC-SHA256 Credential=nobody/")));
    assert_eq!(first, second);
}
