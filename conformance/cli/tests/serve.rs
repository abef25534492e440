//! `serve` finds what a program does wrong, and says what was wrong with its own arguments.

#![cfg(all(unix, feature = "tls"))]

use conformance::{oracles::clients::MistakeKind, report::SCHEMA};
use conformance_cli::serve::Served;
use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

/// The example that sends one request.
fn one_request() -> String {
    example("one_request")
}

/// An example. Cargo builds it with the tests.
fn example(name: &str) -> String {
    let program = Path::new(env!("CARGO_BIN_EXE_conformance"));
    let program = program.with_file_name("examples").join(name);
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
    let client = &written["clients"][0];
    assert_eq!(client["findings"][0]["mistake"]["kind"], "truncated");
    assert_eq!(client["findings"][0]["mistake"]["class"], "fault");
    assert_eq!(client["scenarios"][0]["mistakes"][0]["of"], 3, "a play with a mistake is repeated");
}

fn served(arguments: &[&str]) -> (Served, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_conformance"));
    let output = command.args(["serve", "--json", "--patience", "1000"]).args(arguments).output();
    let output = output.expect("the program can be run");
    let read = serde_json::from_slice(&output.stdout);
    (read.unwrap_or_else(|error| panic!("{error}: {}", text(&output.stderr))), text(&output.stderr))
}

#[test]
fn a_driver_tells_what_became_of_each_request() {
    let driver = example("driver");
    for scenario in ["goaway-in-two-phases", "eof-in-the-middle-of-a-body", "two-uploads-share-the-connection-window"] {
        let (served, said) = served(&["--driver", &driver, "--only", scenario]);
        assert_eq!(served.status(), 0, "{scenario}: {}{said}", served.text(100));
        assert!(served.clients[0].result.plays > 0, "{scenario}");
    }
}

/// The number of requests of the controls, and of the first scenario after them.
const AFTER_THE_CONTROLS: &str = "8";

#[test]
fn a_driver_that_ends_is_a_crash_of_its_client_and_the_next_play_is_not_blamed() {
    for (mistake, says) in [
        ("abort", "SIGABRT"),
        ("exit", "something is wrong"),
        ("garbage", "what is no event"),
        ("long", "a line longer than"),
    ] {
        let driver = format!("{} {mistake} {AFTER_THE_CONTROLS}", example("driver"));
        let (served, said) = served(&["--driver", &driver, "--only", "eof-in-the-middle-of-a-body"]);
        let mistakes = &served.clients[0].result.scenarios[0].mistakes;
        // Each driver that is started crashes with its eighth request only.
        let crashed = mistakes.iter().find(|seen| seen.mistake.kind == MistakeKind::Crashed);
        let crashed = crashed.unwrap_or_else(|| panic!("{mistake}: {}{said}", served.text(100)));
        assert!(crashed.mistake.message.contains(says), "{says} is not in {}", crashed.mistake.message);
        assert!(crashed.is_race(), "{mistake}: a new driver plays the same without it");
        assert_eq!(mistakes.len(), 1, "{mistakes:?}");
    }
}

#[test]
fn a_driver_that_falls_silent_hangs_and_is_replaced() {
    let driver = format!("{} silent {AFTER_THE_CONTROLS}", example("driver"));
    let (served, said) = served(&["--driver", &driver, "--only", "eof-in-the-middle-of-a-body"]);
    let mistakes = &served.clients[0].result.scenarios[0].mistakes;
    let hangs = mistakes.iter().find(|seen| seen.mistake.kind == MistakeKind::Hang);
    assert!(hangs.is_some_and(|seen| seen.is_race()), "{}{said}", served.text(100));
}

#[test]
fn a_driver_that_fails_where_nothing_goes_wrong_is_refused() {
    for (driver, says) in [
        ("sh -c 'read line; echo nonsense; cat > /dev/null'", "its answer to `hello` is wrong"),
        ("sh -c 'echo going down >&2; exit 3'", "going down"),
        (
            "sh -c 'read line; echo \"{\\\"transport\\\":[\\\"h2c\\\"],\\\"client\\\":\\\"x 1\\\"}\"; cat > /dev/null'",
            "fails where nothing goes wrong",
        ),
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_conformance"));
        let output = command.args(["serve", "--patience", "300", "--driver", driver]).output().expect("it can be run");
        assert_eq!(output.status.code(), Some(2), "{driver}: {}", text(&output.stderr));
        assert!(text(&output.stderr).contains(says), "{says} is not in {}", text(&output.stderr));
    }
}

#[test]
fn several_clients_make_a_matrix_and_a_baseline_shows_what_is_new() {
    let (driver, command) = (example("driver"), format!("sh -c '{} {{url}} || true'", one_request()));
    let folder = std::env::temp_dir();
    let (json, html) = (folder.join("conformance-served.json"), folder.join("conformance-served.html"));
    let arguments = ["--driver", &driver, "--client", &command, "--only", "eof-in-the-middle-of-a-body"];
    let mut run = Command::new(env!("CARGO_BIN_EXE_conformance"));
    run.arg("serve").args(arguments).arg(format!("--json={}", json.display())).arg("--html").arg(&html);
    let output = run.output().expect("it can be run");
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{said}{}", text(&output.stderr));
    assert!(said.contains("eof-in-the-middle-of-a-body  ✗  ✓"), "{said}");
    let page = fs::read_to_string(&html).expect("it is written");
    assert!(page.contains("href=\"#eof-in-the-middle-of-a-body.0\""), "a cell leads to its exchange");
    let (again, _) = served(&[&arguments[..], &["--baseline", &json.display().to_string()]].concat());
    let baseline = again.baseline.expect("it was compared");
    assert!(baseline.wrong.is_empty() && baseline.fixed.is_empty(), "{baseline:?}");
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
