//! The clients of the AWS SDK retry what they should, and the bug that the suite was written for does not return.

use conformance::{
    Check,
    client_driver::{Client, ClientDriver, ClientOutcome, LogLevel},
    generators::{Sequence, every_catalog_entry},
    oracles::clients::{Mistake, MistakeKind},
    run::play_clients,
    scenarios::{self, Scenario},
    stacks::{Driver, End, panics::record_stack_panics},
};
use conformance_clients::aws::{
    AWS_LEGACY, AWS_MODERN, AWS_POOL, LegacyClassifier, Setting, TransientErrors, said_and_meant,
};
use conformance_clients::{CLIENT_FINDINGS, one_goaway_for};
use std::{collections::BTreeMap, slice};

fn scenarios() -> Vec<Scenario> {
    scenarios::built_in().expect("the suite's own scenarios are valid")
}

fn play(client: &dyn Client, name: &str) -> ClientOutcome {
    let scenario = scenarios().into_iter().find(|scenario| scenario.name == name).expect("there is such a scenario");
    ClientDriver::HEALTHY.play(client, &scenario.script).expect("the client can be driven")
}

/// The clients, run by the SDK's orchestrator.
const RETRYING: [&dyn Client; 3] = [
    &AWS_LEGACY.retrying(Setting::AsShipped),
    &AWS_MODERN.retrying(Setting::AsShipped),
    &AWS_POOL.retrying(Setting::AsShipped),
];

fn attempts(played: &ClientOutcome, request: usize) -> [usize; 2] {
    [played.requests[request].on_first(), played.requests[request].on_later()]
}

#[test]
fn a_request_below_a_goaway_is_answered_on_the_second_connection() {
    for client in RETRYING {
        let played = play(client, "goaway-below-our-stream");
        assert_eq!(attempts(&played, 0), [1, 1], "{}", client.name());
        assert_eq!(played.connections, 2, "{}", client.name());
        assert!(played.is_complete(0), "{}", client.name());
    }
}

#[test]
fn a_client_without_the_orchestrator_sends_nothing_again_and_labels_the_error() {
    for client in [&AWS_LEGACY, &AWS_MODERN, &AWS_POOL] {
        let played = play(client, "goaway-below-our-stream");
        assert_eq!(attempts(&played, 0), [1, 0], "{}", client.name());
        assert_eq!(played.requests[0].label.as_ref().map(|label| label.text.as_str()), Some("Io"), "{}", client.name());
    }
}

#[test]
fn a_request_that_waits_for_a_slot_when_goaway_comes_is_lost() {
    for client in RETRYING {
        let played = play(client, "goaway-while-a-request-waits-for-a-slot");
        assert_eq!(attempts(&played, 1), [0, 0], "{}", client.name());
        let label = played.requests[1].label.as_ref().map(|label| label.text.as_str());
        assert_eq!(label, Some("DispatchFailure(User)"), "{}", client.name());
    }
}

#[test]
fn the_findings_of_the_sdk_are_seen() {
    let findings: Vec<_> = CLIENT_FINDINGS.iter().filter(|finding| finding.project.starts_with("aws")).collect();
    assert!(!findings.is_empty());
    let scenarios = scenarios();
    for finding in findings {
        let scenario = scenarios.iter().find(|scenario| scenario.name == finding.scenario).expect("there is one");
        let reports = play_clients(slice::from_ref(scenario), RETRYING, &()).expect("they can be driven");
        for report in reports {
            assert!(finding.clients.contains(&&*report.name), "{}", report.name);
            let is_seen = |mistake: &Mistake| mistake.kind == MistakeKind::RunTwice && mistake.counts();
            assert!(report.scenarios[0].mistakes.iter().any(is_seen), "{}: {}", finding.name, report.name);
        }
    }
}

/// The SDK's log lines, without their module.
fn logged(played: &ClientOutcome) -> Vec<String> {
    played.logged.iter().map(|line| format!("{} {}", line.level, line.message)).collect()
}

#[test]
fn a_retried_goaway_is_logged_at_debug_level_only() {
    for client in RETRYING {
        let played = play(client, "goaway-below-our-stream");
        let expected = [
            "DEBUG encountered orchestrator error; halting",
            "DEBUG attempt #1 failed with RetryIndicated(RetryableError { kind: TransientError, retry_after: None }); \
             retrying after 1s",
            "DEBUG delaying for 1s",
            "DEBUG beginning attempt #2",
            "DEBUG attempt #2 classified as NoActionIndicated, not retrying",
            "DEBUG a retry is either unnecessary or not possible, exiting attempt loop",
        ];
        assert_eq!(logged(&played), expected, "{}", client.name());
        assert_eq!(play(client, "goaway-below-our-stream").logged, played.logged, "{}", client.name());
    }
}

#[test]
fn a_request_lost_while_it_waits_is_logged_like_a_successful_one_plus_one_line() {
    for client in RETRYING {
        let played = play(client, "goaway-while-a-request-waits-for-a-slot");
        let ends = [
            "DEBUG attempt #1 classified as NoActionIndicated, not retrying",
            "DEBUG a retry is either unnecessary or not possible, exiting attempt loop",
        ];
        // First the lost request, then the answered one.
        let expected = [&["DEBUG encountered orchestrator error; halting"], &ends[..], &ends[..]].concat();
        assert_eq!(logged(&played), expected, "{}", client.name());
        let again = play(client, "goaway-while-a-request-waits-for-a-slot");
        assert_eq!(again.logged, played.logged, "{}", client.name());
    }
}

#[test]
fn a_request_that_hangs_logs_nothing_until_its_timeout() {
    let hangs = "goaway-at-our-stream-leaves-it-open";
    for client in [AWS_LEGACY, AWS_MODERN, AWS_POOL] {
        let hanging = play(&client.retrying(Setting::AsShipped), hangs);
        assert_eq!(logged(&hanging), [""; 0], "{}", client.name);
        let ended = play(&client.retrying(Setting::OperationTimeout), hangs);
        let expected = [
            "DEBUG encountered orchestrator error; continuing",
            "DEBUG operation cancelled mid-attempt; running attempt finalizers",
        ];
        assert_eq!(logged(&ended), expected, "{}", client.name);
    }
}

#[test]
fn a_truncated_response_is_logged_like_a_whole_one() {
    for client in [AWS_MODERN, AWS_POOL] {
        let client = client.retrying(Setting::AsShipped);
        let truncated = play(&client, "rst-stream-no-error-behind-the-head");
        assert!(truncated.is_complete(0), "{}", client.name());
        let ends = [
            "DEBUG attempt #1 classified as NoActionIndicated, not retrying",
            "DEBUG a retry is either unnecessary or not possible, exiting attempt loop",
        ];
        assert_eq!(logged(&truncated), ends, "{}", client.name());
    }
}

#[test]
fn an_error_that_the_sdk_does_not_know_is_a_warning() {
    for client in RETRYING {
        let played = play(client, "stream-error-on-a-request-that-waits");
        let loud: Vec<_> = played.logged.iter().filter(|line| line.level != LogLevel::Debug).collect();
        let [line] = loud[..] else { panic!("{}: {loud:?}", client.name()) };
        assert_eq!(line.level, LogLevel::Warn, "{}", client.name());
        assert!(line.target.starts_with("aws_smithy_http_client::"), "{}: {}", client.name(), line.target);
        assert!(line.message.starts_with("unrecognized error from Hyper."), "{}: {}", client.name(), line.message);
    }
}

#[test]
fn a_request_without_a_retry_token_is_logged_at_debug_level_only() {
    let script = one_goaway_for(51);
    for client in RETRYING {
        let played = ClientDriver::HEALTHY.play(client, &script).expect("the client can be driven");
        let number = |text: &str| logged(&played).iter().filter(|line| line.contains(text)).count();
        assert_eq!(number("DEBUG attempt #1 failed with RetryIndicated"), 50, "{}", client.name());
        assert_eq!(
            number("DEBUG attempt #1 failed with TransientError; not enough retry quota."),
            1,
            "{}",
            client.name()
        );
        assert!(played.logged.iter().all(|line| line.level == LogLevel::Debug), "{}", client.name());
    }
}

#[test]
fn a_step_that_needs_the_transport_in_memory_is_played_there_and_counted_as_unplayable_over_tls() {
    let reset = "connection-reset-in-the-middle-of-a-body";
    assert_eq!(play(&AWS_MODERN, reset).unplayable.len(), 1);
    let played = play(&AWS_LEGACY, reset);
    assert!(played.unplayable.is_empty());
    assert!(matches!(played.observation.requests[0].end, End::Failed(..)));
}

#[test]
fn the_legacy_classifier_sees_every_type_that_it_looks_for() {
    record_stack_panics();
    let (classifier, driver) = (LegacyClassifier::new().expect("there is a client"), Driver::new());
    let mut words = BTreeMap::new();
    for error_chain in every_catalog_entry().chain(Sequence::of_error_chains(1, 0).take(20_000)) {
        let Some(answer) = said_and_meant(&classifier, &error_chain, &driver) else { continue };
        assert_eq!(answer.said, answer.meant, "the client's label for chain:{error_chain}");
        *words.entry(answer.said).or_insert(0) += 1;
    }
    assert_eq!(words.keys().collect::<Vec<_>>(), ["Io", "Other(None)", "Timeout"], "{words:?}");
}

#[test]
fn the_transient_error_classifier_breaks_the_laws_of_the_snapshot() {
    let failure = Check::new(&TransientErrors).only(TransientErrors::labels).run().expect_err("it repeats POSTs");
    let findings: String = failure.findings.iter().map(ToString::to_string).collect();
    insta::with_settings!({ snapshot_path => "../../../snapshots", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("aws_transient_errors", findings);
    });
}
