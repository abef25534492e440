//! `serve` finds what a program does wrong, and says what was wrong with its own arguments.

#![cfg(all(unix, feature = "tls"))]

use conformance::{
    check::Played,
    oracles::clients::MistakeKind,
    report::{SCHEMA, baseline::ClientChange},
    script::Method,
    vocabulary::Processed,
};
use conformance_cli::serve::{
    Served,
    listen::Verdicts,
    ports::{Judged, State, Verdict},
};
use std::{
    fs::{self, Permissions},
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Child, Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
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
    assert_eq!(client["scenarios"][0]["mistakes"][0]["of"], 2, "a play with a mistake is repeated");
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
    for scenario in ["goaway-in-two-phases", "eof-in-the-middle-of-a-body", "trailers-end-the-response"] {
        let (served, said) = served(&["--driver", &driver, "--only", scenario]);
        assert_eq!(served.status(), 0, "{scenario}: {}{said}", served.text(100));
        assert!(served.clients[0].result.plays > 0, "{scenario}");
    }
}

#[test]
fn a_driver_that_speaks_grpc_gets_answers_in_grpc() {
    let driver = format!("{} grpc", example("driver"));
    for scenario in ["goaway-in-two-phases", "eof-in-the-middle-of-a-body", "cancelled-in-its-body"] {
        let (served, said) = served(&["--driver", &driver, "--only", scenario]);
        assert_eq!(served.status(), 0, "{scenario}: {}{said}", served.text(100));
        let [played] = &served.clients[0].result.scenarios[..] else { panic!("one was asked for: {said}") };
        assert_eq!((played.plays, played.shown[0].played), (1, Played::InGrpc));
    }
}

#[test]
fn a_driver_whose_client_can_cancel_is_told_to() {
    let only = ["--only", "cancelled-in-its-body"];
    let (served, said) = served(&[&["--driver", &example("driver")][..], &only].concat());
    assert_eq!(served.status(), 0, "{}{said}", served.text(100));
    let [scenario] = &served.clients[0].result.scenarios[..] else { panic!("one was asked for: {said}") };
    assert_eq!(scenario.plays, 3, "{scenario:?}");
    let exchange = scenario.shown[0].exchange.join("\n");
    assert!(exchange.contains("-> RST_STREAM stream=1 CANCEL"), "{exchange}");
    assert!(scenario.shown[0].application[0].contains("no end, as it was cancelled"), "{:?}", scenario.shown);
}

#[test]
fn a_driver_that_does_not_say_that_it_can_cancel_is_not_told_to() {
    let driver = format!("sh -c '{} | sed -u s/.cancels.:true,//'", example("driver"));
    let mut command = Command::new(env!("CARGO_BIN_EXE_conformance"));
    let output = command.args(["serve", "--driver", &driver, "--only", "cancelled-in-its-body"]).output();
    let output = output.expect("the program can be run");
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("none of these can be played to it: cancelled-in-its-body"), "{said}");
}

#[test]
fn what_is_about_a_stream_that_is_never_opened_is_left_out() {
    // It never hears of the second request of a scenario. In the controls, which the first process plays, it does.
    let second = "{\\#/1.,.method#d;}";
    let filter = format!("sed -u -e \"4{second}\" -e \"14,9999{second}\"");
    let driver = format!("sh -c '{filter} | {}'", example("driver"));
    let mut command = Command::new(env!("CARGO_BIN_EXE_conformance"));
    command.args(["serve", "--patience", "500", "--driver", &driver, "--only", "cancelled-in-its-body"]);
    let output = command.output().expect("the program can be run");
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}{}", text(&output.stdout));
    assert!(said.contains("none of these can be played to it: cancelled-in-its-body"), "{said}");
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
fn a_driver_that_does_not_hear_of_a_cancel_is_waited_for_once() {
    let driver = format!("sh -c 'grep --line-buffered -v cancel | {}'", example("driver"));
    let (served, said) = served(&["--driver", &driver, "--only", "cancelled-in-its-body"]);
    assert_eq!(served.status(), 0, "no rule says that a request is cancelled: {}{said}", served.text(100));
    let exchange = served.clients[0].result.scenarios[0].shown[0].exchange.join("\n");
    assert!(!exchange.contains("CANCEL"), "{exchange}");
    assert!(exchange.contains("-> HEADERS stream=3"), "the script goes on: {exchange}");
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

/// The number of lines that the example writes for the controls, and for the head of the first response after them.
const TO_THE_FIRST_HEAD: &str = "15";

#[test]
fn a_driver_that_closes_its_output_and_goes_on_has_crashed() {
    let driver = format!("bash -c 'exec {} > >(sed -u {TO_THE_FIRST_HEAD}q)'", example("driver"));
    let (served, said) = served(&["--driver", &driver, "--only", "eof-in-the-middle-of-a-body"]);
    let [seen] = &served.clients[0].result.scenarios[0].mistakes[..] else { panic!("{}{said}", served.text(100)) };
    assert_eq!(seen.mistake.kind, MistakeKind::Crashed, "{seen:?}");
    assert!(seen.mistake.message.contains("the driver ended (it still runs)"), "{seen:?}");
    assert!(seen.is_race(), "the next driver is not blamed");
}

/// Whether a process runs whose command has this word.
#[cfg(target_os = "linux")]
fn runs(word: &str) -> bool {
    let processes = fs::read_dir("/proc").expect("Linux has it").flatten();
    let mut commands = processes.filter_map(|process| fs::read(process.path().join("cmdline")).ok());
    commands.any(|command| command.split(|byte| *byte == 0).any(|part| part == word.as_bytes()))
}

/// Whether all such processes have ended within a few seconds. A process that is killed takes a moment.
#[cfg(target_os = "linux")]
fn is_gone(word: &str) -> bool {
    let begun = Instant::now();
    while runs(word) && begun.elapsed() < Duration::from_secs(5) {
        thread::sleep(Duration::from_millis(10));
    }
    !runs(word)
}

/// A driver that starts another process, which runs for a time that no other one has.
#[cfg(target_os = "linux")]
fn with_a_companion(number: u32, driver: &str) -> (String, String) {
    let time = format!("{}", 100_000 * number + std::process::id());
    (format!("sh -c 'sleep {time} > /dev/null 2>&1 & {driver}; true'"), time)
}

#[cfg(target_os = "linux")]
#[test]
fn a_driver_leaves_no_process_behind() {
    for (mistake, number) in ["abort", "silent", "none"].into_iter().zip(1..) {
        let driver = format!("{} {mistake} {AFTER_THE_CONTROLS}", example("driver"));
        let (driver, time) = with_a_companion(number, &driver);
        let (served, _) = served(&["--driver", &driver, "--only", "eof-in-the-middle-of-a-body"]);
        assert_eq!(served.clients[0].result.scenarios[0].plays, 3, "{mistake}");
        assert!(is_gone(&time), "after {mistake}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn ctrl_c_ends_a_driver_and_what_it_has_started() {
    let (driver, time) = with_a_companion(9, &example("driver"));
    let mut command = Command::new(env!("CARGO_BIN_EXE_conformance"));
    command.args(["serve", "--driver", &driver]).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().expect("the program can be run");
    let (begun, patience) = (Instant::now(), Duration::from_secs(60));
    while !runs(&time) && begun.elapsed() < patience {
        thread::sleep(Duration::from_millis(10));
    }
    interrupt(&child);
    child.wait().expect("it ends");
    assert!(begun.elapsed() < patience, "it began, and it ends at once: {:?}", begun.elapsed());
    assert!(is_gone(&time));
}

#[test]
fn a_driver_that_falls_silent_is_replaced() {
    let driver = format!("{} silent {AFTER_THE_CONTROLS}", example("driver"));
    let (served, said) = served(&["--driver", &driver, "--only", "eof-in-the-middle-of-a-body"]);
    let scenario = &served.clients[0].result.scenarios[0];
    assert!(scenario.is_repeated && scenario.mistakes.is_empty(), "{}{said}", served.text(100));
    assert!(served.text(100).contains("it did not connect in time"), "{}", served.text(100));
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
fn the_schema_of_the_messages_names_every_key_of_the_guide() {
    let output = Command::new(env!("CARGO_BIN_EXE_conformance")).args(["serve", "--schema"]).output();
    let schema = text(&output.expect("the program can be run").stdout);
    let read: serde_json::Value = serde_json::from_str(&schema).expect("it is JSON");
    assert_eq!(read.as_object().map(serde_json::Map::len), Some(3));
    let guide = include_str!("../src/guide/serve.md");
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

/// Presses Ctrl-C.
fn interrupt(child: &Child) {
    let process = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw);
    rustix::process::kill_process(process.expect("it runs"), rustix::process::Signal::INT).expect("it runs");
}

/// A program that listens, and ends with Ctrl-C.
struct Listening {
    child: Child,
    pages: String,
}

impl Listening {
    fn start(arguments: &[&str]) -> Listening {
        let mut command = Command::new(env!("CARGO_BIN_EXE_conformance"));
        command.args(["serve", "--listen", "127.0.0.1:0", "--patience", "500", "--json"]).args(arguments);
        let mut child = command.stderr(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the program can be run");
        let mut said = String::new();
        let errors = child.stderr.take().expect("it is piped");
        BufReader::new(errors).read_line(&mut said).expect("it says where");
        let pages = said.split("http://").nth(1).and_then(|rest| rest.split('/').next());
        let pages = pages.unwrap_or_else(|| panic!("{said}")).to_owned();
        Listening { child, pages }
    }

    /// The page at this path.
    fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(&self.pages).expect("it listens");
        write!(stream, "GET {path} HTTP/1.1\r\nhost: here\r\nconnection: close\r\n\r\n").expect("it reads");
        let mut page = String::new();
        stream.read_to_string(&mut page).expect("it answers");
        page.split_once("\r\n\r\n").map(|(_, content)| content.to_owned()).unwrap_or(page)
    }

    fn verdict(&self, scenario: &str) -> Verdict {
        serde_json::from_str(&self.get(&format!("/verdict/{scenario}"))).expect("it is a verdict")
    }

    /// The verdict on the play that the client began.
    fn verdict_after_play(&self, scenario: &str, play: usize) -> Judged {
        for _ in 0..200 {
            let verdict = self.verdict(scenario);
            if verdict.state == State::Over && verdict.plays == play {
                return verdict.judged.expect("it is over");
            }
            thread::sleep(Duration::from_millis(50));
        }
        panic!("the play does not end: {:?}", self.verdict(scenario));
    }

    /// Presses Ctrl-C.
    fn end(mut self) -> (Option<i32>, Verdicts) {
        interrupt(&self.child);
        let mut said = String::new();
        self.child.stdout.take().expect("it is piped").read_to_string(&mut said).expect("it writes");
        let status = self.child.wait().expect("it ends");
        (status.code(), serde_json::from_str(&said).expect("it is JSON"))
    }
}

/// After a failed test too.
impl Drop for Listening {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_client_that_is_pointed_at_a_port_is_judged_by_the_wire() {
    let listening = Listening::start(&[]);
    let scenario = "goaway-below-our-stream";
    let waiting = listening.verdict(scenario);
    assert_eq!((waiting.state, waiting.plays), (State::Waiting, 0));
    let run = |arguments: &[&str]| Command::new(one_request()).args(arguments).output().expect("it can be run");
    assert!(!run(&[&waiting.url]).status.success(), "the request is not answered");
    let judged = listening.verdict_after_play(scenario, 1);
    assert_eq!((judged.requests[0].on_first_connection, judged.requests[0].on_later_connections), (1, 0));
    assert_eq!(judged.requests[0].processed, [Processed::No]);
    // A second client begins another play, and may send what it likes.
    assert!(!run(&[&waiting.url, "POST"]).status.success());
    assert_eq!(listening.verdict_after_play(scenario, 2).requests[0].method, Method::Post);
    assert!(listening.get("/").contains(&waiting.url), "the first page lists the ports");
    assert!(listening.get(&format!("/{scenario}")).contains("GOAWAY"), "each scenario has a page");
    assert!(listening.get("/no-such-page").contains("no such page"));
    let (status, verdicts) = listening.end();
    assert_eq!(status, Some(0));
    assert_eq!(verdicts.scenarios.iter().filter(|verdict| verdict.judged.is_some()).count(), 1);
}

#[test]
fn what_is_no_http_2_disturbs_nobody() {
    let listening = Listening::start(&["--only", "goaway-below-our-stream"]);
    let url = listening.verdict("goaway-below-our-stream").url;
    let address = url.trim_start_matches("http://").trim_end_matches("/0");
    let connect = || TcpStream::connect(address).expect("it listens");
    let half_open: Vec<TcpStream> = (0..200).map(|_| connect()).collect();
    let mut old = connect();
    old.write_all(b"GET / HTTP/1.1\r\nhost: here\r\n\r\n").expect("it reads");
    let mut answer = String::new();
    old.read_to_string(&mut answer).expect("it answers");
    assert!(answer.starts_with("HTTP/1.1 505"), "{answer}");
    connect().write_all(&[[22, 3, 1, 255].as_slice(), &[0; 500]].concat()).expect("it reads");
    let output = Command::new(one_request()).arg(&url).output().expect("it can be run");
    assert!(!output.status.success());
    assert_eq!(
        listening.verdict_after_play("goaway-below-our-stream", 1).connections,
        1,
        "the others are no part of it"
    );
    drop(half_open);
    listening.end();
}

/// The most memory that a process has used, in kilobytes.
#[cfg(target_os = "linux")]
fn memory(child: &Child) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).expect("Linux has it");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("it has used some");
    line.trim_end_matches("kB").trim().parse().expect("it is a number")
}

#[cfg(target_os = "linux")]
#[test]
fn hostile_clients_take_little_memory_and_harm_no_verdict() {
    const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
    /// Ten million bytes of a field block in CONTINUATION frames, behind a HEADERS frame that does not end it.
    const BLOCK: usize = 10_000_000;
    let listening = Listening::start(&[]);
    let verdicts: Verdicts = serde_json::from_str(&listening.get("/verdict")).expect("it is JSON");
    let address = |scenario: &str| {
        let url = &verdicts.scenarios.iter().find(|verdict| verdict.scenario == scenario).expect("it is there").url;
        url.trim_start_matches("http://").trim_end_matches("/0").to_owned()
    };
    let connect = |scenario: &str| TcpStream::connect(address(scenario)).expect("it listens");
    let at_once: Vec<TcpStream> = (0..1_000).map(|_| connect("goaway-below-our-stream")).collect();
    for (mut stream, begun) in at_once.iter().zip([PREFACE.len(), 5].into_iter().cycle()) {
        stream.write_all(&PREFACE[..begun]).expect("it reads");
    }
    thread::scope(|scope| {
        for verdict in verdicts.scenarios.iter().rev().take(20) {
            let mut stream = connect(&verdict.scenario);
            scope.spawn(move || {
                let frame = |kind, size: u16| {
                    [&[0][..], &size.to_be_bytes(), &[kind, 0, 0, 0, 0, 1], &vec![0x82; size.into()]].concat()
                };
                let continued = frame(9, 16_000).repeat(BLOCK / 16_000);
                // It may be cut off.
                let _ = stream.write_all(&[PREFACE, &frame(1, 16_000), &continued].concat());
            });
        }
    });
    let scenario = "eof-in-the-middle-of-a-body";
    let output = Command::new(one_request()).arg(listening.verdict(scenario).url).output().expect("it can be run");
    assert!(!output.status.success());
    let judged = listening.verdict_after_play(scenario, 1);
    assert!(judged.mistakes.is_empty() && judged.connections == 1, "{judged:?}");
    let kilobytes = memory(&listening.child);
    assert!(kilobytes < 200_000, "{kilobytes} kB");
    drop(at_once);
    listening.end();
}
