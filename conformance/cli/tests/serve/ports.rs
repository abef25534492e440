//! `serve --listen`: clients that somebody else starts.

use crate::{interrupt, one_request};
use conformance::{script::Method, vocabulary::Processed};
use conformance_cli::serve::{
    listen::Verdicts,
    ports::{Judged, State, Verdict},
};
use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

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
