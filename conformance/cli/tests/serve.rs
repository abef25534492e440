//! `serve` finds what a program does wrong, and says what was wrong with its own arguments.

#![cfg(all(unix, feature = "tls"))]

use conformance::report::SCHEMA;
use conformance_cli::serve::Served;
use std::{
    path::Path,
    process::{Command, Output},
};

/// The example that sends one request. Cargo builds it with the tests.
fn one_request() -> String {
    let program = Path::new(env!("CARGO_BIN_EXE_conformance"));
    let program = program.with_file_name("examples").join("one_request");
    assert!(program.exists(), "{} is missing: `cargo test` builds it if it runs all tests", program.display());
    program.display().to_string()
}

fn serve(client: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_conformance"));
    command.args(["serve", "--client", client, "--patience", "1000"]).args(arguments);
    command.output().expect("the program can be run")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn a_program_that_says_what_happened_makes_no_mistake() {
    for scenario in ["goaway-below-our-stream", "eof-in-the-middle-of-a-body", "eof-before-the-head"] {
        let output = serve(&format!("{} {{url}} {{method}} {{body_file}}", one_request()), &["--only", scenario]);
        let said = text(&output.stdout);
        assert_eq!(output.status.code(), Some(0), "{said}{}", text(&output.stderr));
        assert!(said.contains(" keeps the laws: 3 plays"), "{said}");
    }
}

#[test]
fn a_promise_of_retries_is_held_against_a_program_that_does_not_retry() {
    let client = format!("{} {{url}}", one_request());
    let output = serve(&client, &["--only", "goaway-below-our-stream", "--retries"]);
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{said}");
    for part in ["not retried", "broken promise", "<- GOAWAY last_stream_id=0 NO_ERROR"] {
        assert!(said.contains(part), "{part} is not in {said}");
    }
    let output =
        serve(&client, &["--only", "goaway-below-our-stream", "--retries", "--knows", "goaway-below-our-stream"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stdout));
}

#[test]
fn a_program_that_hides_a_failure_hands_over_a_cut_response_as_whole() {
    let client = format!("sh -c '{} {{url}} || true'", one_request());
    let output = serve(&client, &["--only", "eof-in-the-middle-of-a-body", "--json"]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    let served: Served = serde_json::from_slice(&output.stdout).expect("it is read back");
    assert_eq!(served.status(), 1);
    let written: serde_json::Value = serde_json::from_slice(&output.stdout).expect("it is JSON");
    assert_eq!(serde_json::to_value(&served).expect("it can be written"), written);
    assert_eq!(written["schema"], SCHEMA);
    assert_eq!(written["clients"][0]["findings"][0]["mistake"]["kind"], "truncated");
    assert_eq!(written["clients"][0]["findings"][0]["mistake"]["class"], "fault");
}

#[test]
fn a_program_that_waits_for_ever_hangs() {
    let client = format!("sh -c '{} {{url}}; sleep 600; true'", one_request());
    let output = serve(&client, &["--only", "eof-before-the-head"]);
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("hang"), "{said}");
}

#[test]
fn what_cannot_be_served_is_refused() {
    let program = one_request();
    for (client, arguments, says) in [
        ("curl", &[][..], "write `{url}` there"),
        ("there-is-no-such-program {url}", &[], "there is no program `there-is-no-such-program`"),
        ("", &[], "is no command"),
        (&*format!("{program} {{url}}"), &["--only", "goaway-below-our-steam"], "there is no scenario"),
        (&*format!("{program} {{url}}"), &["--only", "rst-stream-refused-stream"], "none of these can be played to it"),
        ("true {url}", &["--only", "goaway-below-our-stream"], "opened no connection with HTTP/2"),
        ("curl {url} {ca_file}", &[], "there is a certificate only with `--tls`"),
    ] {
        let output = serve(client, arguments);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{client}: {said}");
        assert!(said.contains(says), "{says} is not in {said}");
        assert!(output.stdout.is_empty(), "{client}");
    }
}
