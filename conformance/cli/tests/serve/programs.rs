//! Programs that make a request each, several clients in a matrix, versions, and wrong arguments.

use crate::{example, one_request, serve, served, text};
use conformance::report::{SCHEMA, baseline::ClientChange};
use conformance_cli::serve::Served;
use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
    process::Command,
};

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
    assert_eq!(client["scenarios"][0]["mistakes"][0]["of"], 2, "a play with a mistake is repeated");
}

#[test]
fn a_program_of_a_known_name_is_called_by_its_version() {
    let folder = std::env::temp_dir().join(format!("conformance-known-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("it can be made");
    let program = folder.join("curl");
    let text = format!("#!/bin/sh\n[ $1 != --version ] || exec echo curl 9.8.7 and more\nexec {} $1\n", one_request());
    fs::write(&program, text).expect("it can be written");
    fs::set_permissions(&program, Permissions::from_mode(0o755)).expect("it is ours");
    let client = format!("{} {{url}}", program.display());
    let (served, said) = served(&["--client", &client, "--only", "eof-in-the-middle-of-a-body"]);
    fs::remove_dir_all(&folder).expect("it can be removed");
    assert_eq!(served.clients[0].result.client, "curl 9.8.7", "{said}");
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
fn the_schema_of_the_messages_names_every_key_of_the_guide() {
    let output = Command::new(env!("CARGO_BIN_EXE_conformance")).args(["serve", "--schema"]).output();
    let schema = text(&output.expect("the program can be run").stdout);
    let read: serde_json::Value = serde_json::from_str(&schema).expect("it is JSON");
    assert_eq!(read.as_object().map(serde_json::Map::len), Some(3));
    let guide = include_str!("../../src/guide/serve.md");
    let mut checked = 0;
    for row in guide.lines().filter(|line| line.starts_with("| `{\"")) {
        let message = row.trim_start_matches("| `").split('`').next().expect("it has a first column");
        let message: serde_json::Value = serde_json::from_str(message).expect("the guide shows JSON");
        for key in message.as_object().expect("it is an object").keys() {
            assert!(schema.contains(&format!("\"{key}\"")), "{key} is in no schema");
            checked += 1;
        }
    }
    assert!(checked > 20, "only {checked} keys were found");
}

#[test]
fn each_version_is_installed_and_what_changed_is_said() {
    let folder = std::env::temp_dir().join(format!("conformance-versions-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("it can be made");
    let path = |name: &str| folder.join(name).display().to_string();
    for (version, end) in [("1.0", ""), ("1.1", " || true"), ("1.2", "")] {
        fs::write(path(version), format!("{} \"$1\"{end}\n", one_request())).expect("it can be written");
    }
    let (client, install) =
        (format!("sh {} {{url}}", path("program")), format!("cp {} {}", path("{version}"), path("program")));
    let only = ["--only", "eof-in-the-middle-of-a-body", "--install"];
    let (served, said) =
        served(&[&["--client", &client, "--versions", "1.0 1.1 1.2 1.3"][..], &only, &[&install]].concat());
    fs::remove_dir_all(&folder).expect("it can be removed");
    let [first, second] = &served.changes[..] else { panic!("{served:?}{said}") };
    assert_eq!((first.diff.fixed.len(), second.diff.wrong.len()), (0, 0), "{served:?}");
    let changed = |change: &ClientChange| (change.client.ends_with("1.1"), change.what.starts_with("truncated"));
    assert_eq!(first.diff.wrong.iter().map(changed).collect::<Vec<_>>(), [(true, true)], "it is played in one way");
    assert_eq!(second.diff.fixed.len(), 1, "{:?}", second.diff);
    let shown = served.text(100);
    assert!(shown.contains("new in sh ") && shown.contains("gone in sh "), "{shown}");
    let [unchecked] = &served.unchecked[..] else { panic!("{:?}", served.unchecked) };
    assert!(unchecked.why.contains("program` ended with exit status: 1"), "{}", unchecked.why);
    assert_eq!(served.status(), 2, "one version was not checked");
}

#[test]
fn an_installation_that_changes_nothing_is_no_other_version() {
    let only = ["--only", "eof-in-the-middle-of-a-body", "--install", "true", "--versions", "1.0 1.1"];
    let (served, said) = served(&[&["--driver", &example("driver")][..], &only].concat());
    assert_eq!(served.clients.len(), 1, "{said}");
    assert!(served.unchecked[0].why.contains("still says that it is"), "{}", served.unchecked[0].why);
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
        (&*format!("{program} {{url}}"), &["--versions", "1", "--install", "false"], "`false` ended with"),
        (&*format!("{program} {{url}}"), &["--versions", " ", "--install", "true"], "it has no version"),
        (&*format!("{program} {{url}}"), &["--versions", "1"], "--install"),
    ] {
        let output = serve(client, arguments);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{client}: {said}");
        assert!(said.contains(says), "{says} is not in {said}");
        assert!(output.stdout.is_empty(), "{client}");
    }
}
