//! The text of an error, as an argument, a file and standard input.

use crate::{conformance, file, prints, refused, shown_by, text, with_input};
use std::fs;

/// Texts from logs, each with what the answer has to say.
const TEXTS: [(&str, &[&str]); 5] = [
    (
        "connection error received: not a result of an error",
        &[
            "GOAWAY with NO_ERROR",
            "processed No, Retry",
            "§6.8",
            "a POST      may be sent again\n",
            "how far the request",
        ],
    ),
    (
        "client error (SendRequest): http2 error: stream error received: refused stream before processing any application \
         logic",
        &["RST_STREAM with REFUSED_STREAM", "processed No, Retry", "§8.7", "a POST      may be sent again\n"],
    ),
    (
        "dispatch failure: io error: error trying to connect: tcp connect error: Connection refused (os error 111)",
        &["No connection was made", "processed No, Retry", "a POST      may be sent again\n"],
    ),
    (
        "operation was canceled: connection closed",
        &["before the request was written", "processed No, Retry", "a POST      may be sent again\n"],
    ),
    (
        "error reading a body from connection: stream error received: unspecific protocol error detected",
        &["RST_STREAM with PROTOCOL_ERROR", "processed Yes, GiveUp", "§8.1", "a POST      may not be sent again"],
    ),
];

#[test]
fn the_text_of_an_error_is_answered_as_an_argument_a_file_and_standard_input() {
    for (number, (error, says)) in TEXTS.into_iter().enumerate() {
        let log = format!("2026-11-28T20:32:05Z \u{1b}[31mERROR\u{1b}[0m app: it failed: {error}\n");
        let path = file(&format!("error-{number}.log"), log.as_bytes());
        let answers = [
            conformance(&["explain", error]),
            conformance(&["explain", &path.to_string_lossy()]),
            with_input(&["explain", "-"], log.as_bytes()),
        ];
        for answer in answers {
            let shown = text(&answer.stdout);
            assert_eq!(answer.status.code(), Some(0), "{}", text(&answer.stderr));
            let missing = says.iter().find(|part| !shown.contains(**part));
            assert_eq!(missing, None, "{shown}");
        }
    }
}

#[test]
fn what_has_no_error_is_refused_and_bytes_are_no_text() {
    let says = ["neither a name nor a file", "{:?}", "errors --search", "refused stream before"];
    refused(&conformance(&["explain", "the stream was refused before processing any application logic"]), &says);
    refused(&conformance(&["explain", &"nothing ".repeat(1_000)]), &["neither a name nor a file"]);
    let empty = file("empty.log", b"").to_string_lossy().into_owned();
    refused(&conformance(&["explain", &empty]), &["is empty", "the text of an error"]);
    refused(&with_input(&["explain", "-"], b""), &["is empty"]);
    let bytes = [&[0, 0, 8, 7, 0, 0, 0, 0, 0][..], b"connection error received: not a result of an error"].concat();
    let shown = text(&with_input(&["explain", "-"], &bytes).stdout);
    assert!(shown.contains("The exchange") && !shown.contains("a GET"), "{shown}");
    refused(&conformance(&["explain", TEXTS[0].0, "--profile", "defaults"]), &["takes no `--profile`"]);
    refused(&conformance(&["minimize", TEXTS[0].0]), &["cannot be made smaller"]);
}

#[test]
fn a_log_in_another_encoding_is_text() {
    let log = format!("2026-11-28 it failed: {}\r\n", TEXTS[3].0);
    let utf_16: Vec<u8> = [0xfeff].into_iter().chain(log.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let latin_1 = [log.as_bytes(), b"Erreur r\xe9seau\n"].concat();
    for bytes in [utf_16, latin_1] {
        let output = with_input(&["explain", "-"], &bytes);
        assert!(text(&output.stdout).contains("processed No, Retry"), "{}", text(&output.stderr));
    }
}

#[test]
fn every_error_of_a_log_is_answered_once() {
    let log =
        format!("2026-01-01 {0}\n2026-01-02 {1}\n2026-01-03 {0}\n2026-01-04 all is well\n", TEXTS[3].0, TEXTS[4].0);
    let shown = text(&with_input(&["explain", "-"], log.as_bytes()).stdout);
    assert_eq!(shown.matches("a GET ").count(), 2, "{shown}");
}

#[test]
fn errors_are_found_by_what_they_print() {
    let shown = text(&conformance(&["errors", "--search", "Not a result"]).stdout);
    for part in ["hyper:goaway(NO_ERROR)\n", "h2(remote GOAWAY NO_ERROR)", "kind: GoAway(b\"\", NO_ERROR, Remote)"] {
        assert!(shown.contains(part), "{part:?} is not in {shown}");
    }
    assert!(!shown.contains("goaway(CANCEL)"), "{shown}");
    refused(&conformance(&["errors", "--search", "no error prints this"]), &["no error of the catalogue prints"]);
}

#[test]
fn the_guide_shows_what_the_program_prints() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/src/guide/explain.md");
    let shown = shown_by(&fs::read_to_string(page).expect("it is there"));
    assert_eq!(shown.len(), 3, "a log of frames, a capture, and the text of an error: {shown:?}");
    for (command, lines) in shown {
        let what = command.strip_prefix("explain ").expect("it explains something").trim_matches('"').to_owned();
        let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../");
        let is_file = [".log", ".pcap"].into_iter().any(|end| what.ends_with(end));
        let what = if is_file { root.to_owned() + &what } else { what };
        let printed = text(&conformance(&["explain", &what]).stdout);
        prints(&printed, &lines).unwrap_or_else(|error| panic!("{error}\nin\n{printed}"));
    }
}
