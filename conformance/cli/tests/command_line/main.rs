//! The command line for a newcomer: help, typos, bad files, pipes that close.

mod error_texts;
mod explain;
mod refusals;
mod runs;

use conformance::report::{
    Case, Run, SCHEMA, error_chain::ErrorChainCase, error_text::ErrorTextCase, server::ServerCase,
};
use conformance_cli::{listing::Listing, reproduce::WrittenProjects};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use std::{
    fs,
    io::Write,
    path::PathBuf,
    process::{Command, Output, Stdio},
};

fn conformance(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_conformance")).args(arguments).output().expect("the program starts")
}

fn with_input(arguments: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_conformance"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    child.stdin.take().expect("it has an input").write_all(input).expect("it takes its input");
    child.wait_with_output().expect("the program ends")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn file(name: &str, content: &[u8]) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, content).expect("the temporary folder can be written");
    path
}

/// An empty folder.
fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    // Errors are ignored: there is no folder of an earlier test.
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("the temporary folder can be written");
    folder
}

/// Asserts exit status 2, nothing on standard output, and a message with all of these parts.
fn refused(output: &Output, says: &[&str]) {
    let message = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{message}");
    assert!(output.stdout.is_empty());
    for part in says {
        assert!(message.contains(part), "{part:?} is not in {message:?}");
    }
    assert!(!message.contains("panicked"), "{message}");
}

/// Reads the output of a command as this type, and asserts that writing it again loses nothing.
fn read_back<T: Serialize + DeserializeOwned>(output: &Output) -> Value {
    let shown = || format!("{}{}", text(&output.stdout), text(&output.stderr));
    let value: T = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", shown()));
    let written: Value = serde_json::from_slice(&output.stdout).expect("it is JSON");
    assert_eq!(serde_json::to_value(&value).expect("it can be written"), written);
    written
}

/// The part of the output of explain below this heading.
fn part<'shown>(shown: &'shown str, heading: &str) -> &'shown str {
    let (_, rest) = shown.split_once(&format!("\n{heading}\n")).unwrap_or_else(|| panic!("no {heading} in {shown}"));
    rest.split_once("\n\n").map_or(rest, |(part, _)| part)
}

#[test]
fn the_json_of_each_command_is_read_back_by_the_same_type() {
    let chain = "chain:arc > io(TimedOut) > hyper:goaway(NO_ERROR) in head";
    let project = folder("project").to_string_lossy().into_owned();
    let written = [
        read_back::<Run>(&conformance(&["--cases", "500", "--error-chains", "500", "--json"])),
        read_back::<Listing>(&conformance(&["list", "--json"])),
        read_back::<Vec<Case>>(&conformance(&["explain", "tls-alerts", "--json"])),
        read_back::<Vec<Case>>(&conformance(&["minimize", "goaway-on-a-stream", "--json"])),
        read_back::<ErrorChainCase>(&conformance(&["explain", chain, "--json"])),
        read_back::<ServerCase>(&conformance(&["explain", "server:dropped-tunnel", "--json"])),
        read_back::<ErrorTextCase>(&conformance(&["explain", "connection reset", "--json"])),
        read_back::<WrittenProjects>(&conformance(&["reproduce", "missing-status", "--to", &project, "--json"])),
    ];
    for written in written {
        let object = written.get(0).unwrap_or(&written);
        assert_eq!(object["schema"], SCHEMA, "{written}");
    }
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("list.json");
    let output = conformance(&["list", &format!("--json={}", path.display())]);
    assert!(text(&output.stdout).contains("known divergences"));
    assert!(serde_json::from_slice::<Value>(&fs::read(path).expect("it was written")).is_ok());
}

/// The commands in the `console` blocks of a document, each with its output.
fn shown_by(document: &str) -> Vec<(String, Vec<String>)> {
    let blocks = document.split("```console\n$ cargo run --release").skip(1);
    let block = |block: &str| {
        let mut lines = block.split("```").next().unwrap_or_default().lines().map(str::to_owned);
        let command = lines.next().unwrap_or_default();
        (command.trim_start_matches(" --").trim().to_owned(), lines.collect())
    };
    blocks.map(block).collect()
}

/// Checks that the program prints these lines in this order; `…` stands for any number of lines.
fn prints(printed: &str, lines: &[String]) -> Result<(), String> {
    let printed: Vec<&str> = printed.lines().collect();
    let mut from = 0;
    for part in lines.split(|line| line == "…").filter(|part| !part.is_empty()) {
        let at = printed[from..].windows(part.len()).position(|window| window == part);
        from += at.ok_or_else(|| format!("these lines are not printed after line {from}:\n{}", part.join("\n")))?
            + part.len();
    }
    Ok(())
}

#[test]
fn the_readme_shows_what_the_program_prints() {
    let readme = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../README.md")).expect("it is there");
    let shown = shown_by(&readme);
    assert_eq!(shown.len(), 2, "{shown:?}");
    for (command, lines) in shown {
        let few = ["--cases", "2000", "--error-chains", "2000"];
        let arguments: Vec<&str> = if command.is_empty() { few.into() } else { command.split(' ').collect() };
        let printed = text(&conformance(&arguments).stdout);
        // The README shows a full run, which meets more.
        let as_shown = |line: &str| {
            let line = line.replace(" 2000 ", " 100000 ");
            line.split_once(": ")
                .filter(|(_, met)| met.contains("known divergences"))
                .map_or(line.clone(), |(holds, _)| holds.to_owned())
        };
        let printed = printed.lines().map(as_shown).collect::<Vec<_>>().join("\n");
        let lines: Vec<String> = lines.iter().map(|line| as_shown(line)).collect();
        prints(&printed, &lines).unwrap_or_else(|error| panic!("README, `{command}`: {error}\nin\n{printed}"));
    }
}

#[test]
fn the_list_describes_each_name_and_fits_its_columns() {
    let shown = text(&conformance(&["list"]).stdout);
    assert_eq!(shown.lines().find(|line| line.chars().count() > 100), None);
    let lines: Vec<_> = shown.lines().collect();
    for name in ["  goaway-below-our-stream", "  oversized-header-list"] {
        let at = lines.iter().position(|line| *line == name).unwrap_or_else(|| panic!("{name} is not in {shown}"));
        assert!(lines[at + 1].starts_with("      "), "{}", lines[at + 1]);
    }
}

#[test]
fn names_are_never_broken() {
    let because =
        "The peer closes the connection. The scenario in the suite that shows this is goaway-below-our-stream.";
    let toml = format!(
        "[[scenario]]\nname = \"mine\"\nabout = \"{because}\"\nsteps = [{{ send = \"GOAWAY\", last_stream_id = 0, \
         error_code = 0, debug = \"{because}\" }}, {{ close = \"eof\" }}]\n"
    );
    let shown = text(&with_input(&["explain", "-"], toml.as_bytes()).stdout);
    assert!(shown.matches("goaway-below-our-stream").count() > 2, "{shown}");
    assert!(!shown.lines().any(|line| line.ends_with("goaway-") || line.ends_with("below-")), "{shown}");
}
