//! The projects that `reproduce` writes, without building them: `.ci/reproduce` builds and runs them.

use conformance::{
    ledger::{self, Right},
    scenarios, servers,
    vocabulary::StackName,
};
use conformance_cli::{
    UsageError,
    reproduce::{every_case, listener, reproduce},
};
use std::{
    collections::HashSet,
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::PathBuf,
    process::{Command, Stdio},
};

/// The most lines of a program that shows a fault.
const MOST_LINES: usize = 110;

/// The most lines of any program.
const MOST_LINES_OF_ALL: usize = 135;

/// An empty folder.
fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("reproduce").join(name);
    // Errors are ignored: there is no folder of an earlier test.
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("the temporary folder can be written");
    folder
}

/// Whether a template's place for a value is left, such as `$STEPS`.
fn has_a_place(text: &str) -> bool {
    text.as_bytes().windows(3).any(|bytes| bytes[0] == b'$' && bytes[1..].iter().all(u8::is_ascii_uppercase))
}

fn said<T>(result: Result<T, UsageError>) -> String {
    result.err().expect("it is refused").0
}

#[test]
fn every_known_fault_has_a_project_of_its_own() {
    let cases = every_case().expect("the suite's scenarios are valid");
    assert!(cases.len() > 75, "{}", cases.len());
    let mut names = HashSet::new();
    for case in cases {
        let project = reproduce(&case, None).unwrap_or_else(|UsageError(error)| panic!("{case}: {error}"));
        let lines = project.program.lines().count();
        assert!(lines <= MOST_LINES, "{case} has {lines} lines");
        assert!(project.is_faulty, "{case} does not show its fault on {}", project.stack);
        let issue = project.issue.expect("there is something to report");
        for text in [&project.manifest, &project.program, &issue] {
            let lower = text.to_lowercase();
            let needless = ["conformance", "legacy", "modern", env!("CARGO_MANIFEST_DIR")];
            let named = needless.into_iter().find(|word| lower.contains(word));
            assert_eq!(named, None, "{case}: the project names what it does not need:\n{text}");
            assert!(!has_a_place(text), "{case}: a place of the template is not filled:\n{text}");
            assert!(lower.contains("hyper") && lower.contains("h2"), "{case}");
        }
        assert!(project.program.contains("\n//! RFC "), "{case} quotes no rule:\n{}", project.program);
        assert!(project.manifest.contains("h2 = \"=0."), "{}", project.manifest);
        let again = reproduce(&case, None).expect("it was written before");
        assert_eq!(again.program, project.program, "{case} is written in another way the second time");
        assert!(names.insert(project.name.clone()), "two projects have the name {}", project.name);
    }
}

/// The scenarios without a project: a program reads and writes a tunnel to its end, and has nothing beside it; and it does
/// not count frames.
const WITHOUT_A_PROJECT: [&str; 5] = [
    "a-tunnel-reset-after-its-end",
    "a-tunnel-that-is-refused",
    "a-tunnel-on-a-connection-that-drains",
    "a-tunnel-that-its-application-drops",
    "a-tunnel-of-a-client-that-is-dropped",
];

#[test]
fn every_other_scenario_has_a_project_on_each_stack() {
    for scenario in scenarios::built_in().expect("the suite's scenarios are valid") {
        if WITHOUT_A_PROJECT.contains(&&*scenario.name) {
            assert!(reproduce(&scenario.name, None).is_err(), "{} has a project now", scenario.name);
            continue;
        }
        for stack in StackName::ALL {
            let name = &scenario.name;
            let project = reproduce(name, Some(stack)).unwrap_or_else(|UsageError(error)| panic!("{name}: {error}"));
            let program = &project.program;
            assert!(program.lines().count() <= MOST_LINES_OF_ALL, "{name} on {stack}:\n{program}");
            assert!(!has_a_place(program), "{name}: a place of the template is not filled:\n{program}");
            assert!(
                program.contains("\n//! RFC ") || !scenario.rfc[0].starts_with(char::is_numeric),
                "{name}:\n{program}"
            );
            assert!(!project.is_faulty || project.issue.is_some(), "{name} has a fault and no report");
        }
    }
}

#[test]
fn a_program_has_only_what_its_case_needs() {
    let kinds = [
        ("the-body-is-read-at-last", "reads0.send_modify(|allowed| *allowed += 100)"),
        ("a-conversation-on-one-stream", ".repeat(4).into()"),
        ("trailers-of-a-request", "trailers.append(\"x-checksum\", HeaderValue::from_static(\"7\"));"),
        ("a-slow-peer-answers-pings", "ANSWERS_PINGS.store(true, Relaxed);"),
        ("two-connections-go-away-in-turn", "let mut peer3 = accept(&listener, 3).await;"),
    ];
    for stack in StackName::ALL {
        for (name, _) in kinds {
            let project = reproduce(name, Some(stack)).unwrap_or_else(|UsageError(error)| panic!("{name}: {error}"));
            for (of, part) in kinds {
                assert_eq!(project.program.contains(part), of == name, "{name} and {part:?}:\n{}", project.program);
            }
        }
    }
}

#[test]
fn a_case_without_a_fault_shows_what_is_right() {
    let project = reproduce("goaway-below-our-stream", None).expect("it is a scenario");
    assert!(!project.is_faulty);
    let expected = "const EXPECTED: [&str; 1] = [\n    \"request 0: failed: hyper::Error(Http2, Error { kind: GoAway(";
    assert!(project.program.contains(expected), "{}", project.program);
    let refused = said(project.write(&folder("calm"), true));
    assert!(refused.contains("shows no fault to report"), "{refused}");
}

#[test]
fn a_fault_on_the_first_of_several_connections_needs_no_pool() {
    let project = reproduce("waits-for-a-slot-of-a-connection-that-goes-away", None).expect("it is a scenario");
    assert!(project.is_faulty);
    assert!(!project.program.contains("TcpListener"), "{}", project.program);
}

#[test]
fn content_that_is_fed_before_its_request_comes_with_it() {
    let file = folder("early").join("early.toml");
    let early = "[[scenario]]\nsteps = [{ feed = 0, bytes = 7, end = true },\n\
                 { request = { method = \"POST\", body = { size = 3, then = \"hang\" } } }, { send = \"SETTINGS\" }]\n";
    fs::write(&file, early).expect("it can be written");
    let project = reproduce(&file.to_string_lossy(), None).unwrap_or_else(|UsageError(error)| panic!("{error}"));
    let sent = "feed0.send(Ok(Frame::data(\".\".repeat(10).into())));\n    drop(feed0);";
    assert!(project.program.contains(sent), "{}", project.program);
}

#[test]
fn the_other_stack_shows_that_a_fault_is_gone() {
    for case in ["goaway-on-a-stream", "server:path-without-slash"] {
        let faulty = reproduce(case, Some(StackName::Legacy)).expect("it is known");
        let fixed = reproduce(case, Some(StackName::Modern)).expect("it is known");
        assert!(faulty.is_faulty && !fixed.is_faulty);
        assert!(fixed.manifest.contains("hyper = { version = \"=1."), "{}", fixed.manifest);
        let expected =
            |program: &str| program.lines().find(|line| line.starts_with("const EXPECTED")).map(str::to_owned);
        assert_eq!(expected(&faulty.program), expected(&fixed.program));
    }
}

#[test]
fn no_project_shows_a_fault_on_the_stack_that_is_right() {
    let of_servers = servers::ledger::LEDGER.iter().map(|entry| (format!("server:{}", entry.name), entry.right()));
    let entries = ledger::entries().map(|entry| (entry.name.to_owned(), entry.right())).chain(of_servers);
    let cases = every_case().expect("the scenarios are valid");
    let mut wrong = Vec::new();
    for (name, right) in entries.filter(|(name, _)| cases.contains(name)) {
        let stack = match right {
            Right::Legacy => StackName::Legacy,
            Right::Modern => StackName::Modern,
            Right::Both | Right::Neither => continue,
        };
        let project = reproduce(&name, Some(stack)).unwrap_or_else(|UsageError(error)| panic!("{name}: {error}"));
        wrong.extend(Some(name).filter(|_| project.is_faulty));
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn bytes_and_corpus_files_have_projects() {
    let goaway_on_a_stream = "hex:0000080700000000010000000000000000";
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../corpus/classify/goaway-on-a-stream");
    for case in [goaway_on_a_stream, file] {
        let project = reproduce(case, None).unwrap_or_else(|UsageError(error)| panic!("{case}: {error}"));
        assert!(project.program.contains("// GOAWAY stream=1 last_stream_id=0"), "{}", project.program);
        assert!(project.is_faulty);
    }
}

#[test]
fn a_report_has_the_versions_the_program_the_rule_and_what_happens() {
    let project = reproduce("cancel-ends-the-body", None).expect("it is known");
    let issue = project.issue.as_deref().expect("there is something to report");
    let parts = [
        "# When RST_STREAM or GOAWAY with CANCEL cuts a body, hyper 0.14 ends the body as if it were complete\n",
        "**Version**\nhyper 0.14.",
        "\n> RFC 9113 §8.1: \"An HTTP response is complete",
        "Since when: Introduced for hyperium/hyper#2872",
        "I expected to see this happen: `request 0: failed`",
        "request 0: complete with 5 bytes of content",
        &project.program,
    ];
    for part in parts {
        assert!(issue.contains(part), "{part:?} is not in {issue}");
    }
}

#[test]
fn a_project_replaces_only_an_earlier_one() {
    let project = || reproduce("missing-status", None).expect("it is known");
    let earlier = folder("earlier");
    let files = |folder: &PathBuf| {
        let names = fs::read_dir(folder).expect("it can be listed");
        let mut names: Vec<_> = names.map(|name| name.expect("it can be read").file_name()).collect();
        names.sort();
        names
    };
    project().write(&earlier, false).expect("the folder is empty");
    assert_eq!(files(&earlier), ["Cargo.toml", "src"]);
    project().write(&earlier, true).expect("the folder has an earlier project");
    assert_eq!(files(&earlier), ["Cargo.toml", "issue.md", "src"]);

    let strange = folder("strange");
    fs::write(strange.join("Cargo.toml"), "[package]\n").expect("it can be written");
    assert!(said(project().write(&strange, false)).contains("give another folder with `--to`"));
    assert_eq!(files(&strange), ["Cargo.toml"]);
    let file = strange.join("Cargo.toml");
    assert!(said(project().write(&file, false)).contains("cannot be written"));
}

#[test]
fn what_has_no_connection_or_no_program_is_refused() {
    let several = folder("several").join("several.toml");
    let scenario = "[[scenario]]\nsteps = [{ close = \"eof\" }]\n";
    fs::write(&several, scenario.repeat(2)).expect("it can be written");
    let several = several.to_string_lossy();
    let lost = folder("lost").join("lost.toml");
    let steps = "{ connection = 2 }, { send = \"SETTINGS\" }, { fail_read = \"ConnectionReset\" }";
    fs::write(&lost, format!("[[scenario]]\nsteps = [{steps}]\n")).expect("it can be written");
    let lost = lost.to_string_lossy();
    let refused = [
        ("operation was canceled: connection closed", "has no connection"),
        ("chain:arc > io(TimedOut) > hyper:goaway(NO_ERROR) in head", "has no connection"),
        (&several, "several scenarios"),
        ("no-such-scenario", "is not a scenario"),
        ("hex:", "nothing follows `hex:`"),
        (&lost, "a pool's connections are sockets"),
    ];
    for (case, message) in refused {
        assert!(said(reproduce(case, None)).contains(message), "{case}: {}", said(reproduce(case, None)));
    }
}

#[test]
fn a_request_that_the_application_cancels_is_aborted_in_the_program() {
    let project = reproduce("slot-before-its-reset", None).expect("it is known");
    assert!(project.program.contains(".abort(); // the application cancels request "), "{}", project.program);
}

#[test]
fn a_listener_plays_the_peer_and_prints_what_it_receives() {
    let program = listener("rst-stream-cancel-mid-body").expect("it is a scenario").program;
    assert!(!has_a_place(&program), "{program}");
    let path = folder("listener").join("listener.py");
    fs::write(&path, &program).expect("it can be written");
    let mut python = Command::new("python3").arg(&path).arg("0").stdout(Stdio::piped()).spawn().expect("it starts");
    let mut said = BufReader::new(python.stdout.take().expect("it is piped"));
    let mut line = String::new();
    said.read_line(&mut line).expect("it says its port");
    let port = line.trim().rsplit(' ').next().and_then(|port| port.parse().ok()).expect("the line ends with the port");

    let mut peer = TcpStream::connect(("127.0.0.1", port)).expect("it listens");
    let get = b"\x82\x86\x84\x41\x01p";
    let headers = [&[0, 0, get.len() as u8, 1, 5, 0, 0, 0, 1], &get[..]].concat();
    peer.write_all(&[b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0", &headers[..]].concat())
        .expect("it reads");
    let mut sent = Vec::new();
    let reset = b"\0\0\x04\x03\0\0\0\0\x01\0\0\0\x08";
    while !sent.ends_with(reset) {
        let mut byte = [0];
        peer.read_exact(&mut byte).expect("it sends the whole script");
        sent.extend(byte);
    }
    drop(peer);
    let mut rest = String::new();
    said.read_to_string(&mut rest).expect("it ends");
    assert!(python.wait().expect("it ends").success());
    for part in ["<- the connection preface", "<- HEADERS flags=0x5 stream=1 6 bytes", "<- the end of the connection"] {
        assert!(rest.contains(part), "{part:?} is not in {rest}");
    }
}

#[test]
fn a_case_that_a_socket_cannot_play_has_no_listener() {
    let refused = [
        ("a-write-fails-after-the-head-of-an-upload", "a socket cannot fail in that way"),
        ("cut-on-the-second-connection", "several connections"),
        ("server:dropped-tunnel", "no peer of a client"),
    ];
    for (case, message) in refused {
        assert!(said(listener(case)).contains(message), "{case}: {}", said(listener(case)));
    }
}
