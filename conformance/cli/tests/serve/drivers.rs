//! Drivers: processes that make requests as they are told, and say what becomes of them.

use crate::{example, interrupt, served, text};
use conformance::{check::Played, oracles::clients::MistakeKind};
use std::{
    fs,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

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
