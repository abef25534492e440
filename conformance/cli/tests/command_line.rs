//! The command line for a newcomer: help, typos, bad files, pipes that close.

use conformance::{
    http2::{ErrorCode, Frame, FrameType, StreamId},
    report::{Case, Run, SCHEMA, error_chain::ErrorChainCase, layout::WIDTH, server::ServerCase},
    run::{self, RunConfig},
    scenarios,
    script::{Request, Script, Step},
    stacks::Profile,
};
use conformance_cli::{listing::Listing, terminal::summary};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use std::{
    fs,
    io::{Read, Write},
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

/// The output of a run in which everything is explained. It must fit its columns.
fn explained(arguments: &[&str]) -> String {
    let output = conformance(arguments);
    let shown = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{shown}");
    assert!(!shown.contains('\u{1b}'), "no colours in a pipe");
    assert!(output.stderr.is_empty(), "no progress in a pipe");
    assert_eq!(shown.lines().find(|line| line.chars().count() > 100), None);
    shown
}

/// How the heading of each table begins.
const TABLES: [&str; 5] =
    ["theme ", "phase ", "   scripts  known divergence", "   scripts  changed what must not matter", "RFC 9113 "];

fn has_table(shown: &str, heading: &str) -> bool {
    shown.lines().any(|line| line.starts_with(heading))
}

#[test]
fn the_first_screen_of_a_run_has_the_result_and_the_next_commands() {
    for profile in ["equal", "defaults"] {
        let shown = explained(&["--cases", "2000", "--error-chains", "2000", "--profile", profile]);
        assert!(shown.lines().count() <= 13, "{shown}");
        let [versions, played, ..] = shown.lines().collect::<Vec<_>>()[..] else { panic!("no head in {shown}") };
        assert!(versions.contains(" against hyper 1.") && versions.ends_with(", seed 1"), "{shown}");
        let clients = conformance_clients::CLIENTS.len();
        let counts = format!(" corpus files, 2000 generated scripts, 2000 error chains, {clients} clients");
        assert!(played.contains(" scenarios, ") && played.ends_with(&counts), "{shown}");
        assert!(shown.contains("\n\nNothing new is wrong: "), "{shown}");
        assert!(shown.contains("\n\nNext\n  your classifier"), "{shown}");
        assert_eq!(shown.contains("default settings (held to the laws only: 2 scenarios)"), profile == "defaults");
        assert_eq!(TABLES.into_iter().find(|heading| has_table(&shown, heading)), None, "{shown}");
    }
}

#[test]
fn a_short_run_of_a_healthy_tree_passes_whatever_it_does_not_reach() {
    let shown = explained(&["--cases", "10", "--error-chains", "0"]);
    assert!(shown.contains("Nothing new is wrong: ") && !shown.contains("unexplained"), "{shown}");
    let coverage = shown.lines().find(|line| line.starts_with("Coverage: ")).expect("it is its own line");
    assert!(coverage.contains("; a run of 10 scripts need not meet all."), "{coverage}");
}

#[test]
fn cases_that_were_not_run_are_counted_as_0() {
    let shown = explained(&["--cases", "0", "--error-chains", "0"]);
    assert!(shown.contains(" 0 generated scripts, 0 error chains, "), "{shown}");
}

#[test]
fn verbose_has_every_table_below_the_first_screen_and_ends_with_the_result() {
    let run = ["--cases", "2000", "--error-chains", "2000"];
    let shown = explained(&[&run[..], &["--verbose"]].concat());
    for heading in TABLES {
        assert!(has_table(&shown, heading), "{heading:?} is not in {shown}");
    }
    assert_eq!(has_table(&shown, "client "), cfg!(feature = "aws"), "{shown}");
    let first_screen = explained(&run);
    let (first_screen, leads_to_verbose) = first_screen.trim_end().rsplit_once('\n').expect("it has lines");
    assert!(leads_to_verbose.contains("--verbose"), "{leads_to_verbose}");
    assert!(shown.starts_with(first_screen), "{shown}");
    let last = shown.lines().next_back().unwrap_or_default();
    assert!(
        last.starts_with("All explained: ") && last.ends_with("2000 generated scripts, 2000 error chains"),
        "{last}"
    );
}

#[test]
fn the_next_commands_work() {
    let shown = explained(&["--cases", "0", "--error-chains", "0"]);
    let (_, next) = shown.split_once("\nNext\n").expect("it is said");
    let next: Vec<&str> = next.lines().map(|line| line.get(40..).unwrap_or_default()).collect();
    let [page, checkout, explain, tables] = next[..] else { panic!("{next:?}") };
    let page = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")).join(page);
    assert!(page.is_file(), "{}", page.display());
    let command = |line: &str| {
        let command = line.strip_prefix("cargo run --release -- ").expect("a command of the program");
        conformance(&command.split(' ').collect::<Vec<_>>())
    };
    assert_eq!(command(explain).status.code(), Some(0));
    // There is no checkout next to this crate.
    refused(&command(checkout), &["../h2 cannot be used"]);
    for option in ["--verbose", "--json=FILE", "--html=FILE"] {
        assert!(tables.contains(option), "{tables}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn an_interrupted_run_says_so_and_exits_with_130() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_conformance"))
        .args(["--cases", "1000000000000", "--error-chains", "0"])
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let status = format!("/proc/{}/status", child.id());
    let catches_interrupts = || {
        let status = fs::read_to_string(&status).expect("it runs");
        let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:")).expect("signals that it catches");
        u64::from_str_radix(caught.trim(), 16).expect("a mask") & 0b10 != 0
    };
    while !catches_interrupts() {
        assert_eq!(child.try_wait().expect("its status can be read"), None, "it has ended");
        std::thread::yield_now();
    }
    let interrupt = Command::new("sh").args(["-c", &format!("kill -INT {}", child.id())]).status();
    assert!(interrupt.expect("there is a shell").success());
    let output = child.wait_with_output().expect("the program ends");
    let shown = text(&output.stdout);
    assert_eq!(output.status.code(), Some(130), "{shown}");
    assert!(
        shown.contains("\n\nInterrupted: what did not run is not known.\nNothing new was wrong until then: "),
        "{shown}"
    );
    assert!(shown.contains("\nNext\n") && !shown.contains("Nothing new is wrong"), "{shown}");
}

#[test]
fn an_unexplained_finding_does_not_count_as_by_the_rfc_and_has_a_script_to_copy() {
    let goaway = "{ send = \"GOAWAY\", last_stream_id = 0, error_code = \"NO_ERROR\" }, { close = \"eof\" }";
    let steps = format!("steps = [{{ send = \"SETTINGS\" }}, {{ await = \"HEADERS\", stream = 1 }}, {goaway}]\n");
    let one = |name: &str, advice: &str| {
        format!("[[scenario]]\nname = \"{name}\"\nexpect = [{{ processed = \"No\", advice = \"{advice}\" }}]\n{steps}")
    };
    let scenarios =
        scenarios::parse("mine", &(one("right", "Retry") + &one("wrong", "GiveUp"))).expect("both are valid");
    let (corpus, profile) = (Vec::new(), Profile::Equal);
    let run = run::run(&RunConfig { scenarios, corpus, cases: 0, error_chains: 0, seed: 1, profile }, &());
    let shown = anstream::adapter::strip_str(&summary(&run, true, WIDTH)).to_string();
    let counts = shown.lines().find_map(|line| line.strip_prefix("mine ")).expect("the theme has a line");
    assert_eq!(counts.split_whitespace().collect::<Vec<_>>(), ["2", "1", "0", "0", "1"], "{shown}");
    let copy = with_input(&["explain", "-"], part(&shown, "The script").as_bytes());
    assert!(text(&copy.stdout).starts_with("wrong\n"), "{shown}\n{}", text(&copy.stderr));
    assert!(shown.contains("\n\nNothing explains 1 finding:\n  wrong: expectation"), "{shown}");
    assert!(shown.contains("\n1 unexplained: 2 scenarios, 0 corpus files"), "{shown}");
}

/// Two known divergences before so many ignored frames that the search for repairs gives up.
fn unexplained() -> Script {
    let second = StreamId::of_request(1);
    let mut steps = vec![Step::Request(Request::get()); 2];
    steps.extend([Step::Send(Frame::settings([])), Step::awaits(FrameType::HEADERS, second)]);
    let frames = [
        Frame::response(StreamId::FIRST, 200),
        Frame::rst_stream(StreamId::FIRST, ErrorCode::CANCEL),
        Frame::headers(second, [(":status", "200"), ("content-length", "1")]).end_stream(),
    ];
    steps.extend(frames.map(Step::Send));
    steps.extend(vec![Step::Send(Frame::new(FrameType(0xef), 0, StreamId::CONNECTION, "")); 50_000]);
    Script::new(steps)
}

#[test]
fn a_run_exits_with_0_if_everything_is_explained_and_with_1_if_not() {
    let folder = std::env::temp_dir().join(format!("conformance-exit-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("the folder can be made");
    let run = |name: &str, script: &Script| {
        let file = folder.join(name);
        fs::write(&file, script.encode()).expect("the file can be written");
        let corpus = folder.to_str().expect("its path is text");
        conformance(&["--cases", "0", "--error-chains", "0", "--corpus", corpus])
    };
    let healthy = run("healthy", &Script::answering([Frame::response(StreamId::FIRST, 200).end_stream()]));
    assert_eq!(healthy.status.code(), Some(0), "{}", text(&healthy.stdout));
    let wrong = run("wrong", &unexplained());
    assert_eq!(wrong.status.code(), Some(1), "{}", text(&wrong.stdout));
    assert!(text(&wrong.stdout).contains("1 unexplained"), "{}", text(&wrong.stdout));
    fs::remove_dir_all(&folder).expect("the folder can be removed");
}

#[test]
fn minimize_never_prints_more_than_it_was_given() {
    let given = "[[scenario]]\nname = \"padding\"\nrequests = [{ method = \"GET\" }]\nsteps = [\n  { send = \"SETTINGS\" },\n  \
        { await = \"HEADERS\", stream = 1 },\n  { pass_ms = 0 },\n  { fail_write = \"BrokenPipe\" },\n  \
        { send = \"HEADERS\", stream = 1, status = 200 },\n  \
        { send = \"DATA\", stream = 1, data = \"x\", padding = 255, times = 128 },\n]\n";
    let output = with_input(&["minimize", "-"], given.as_bytes());
    let printed = text(&output.stdout);
    assert!(printed.len() < given.len() && printed.contains("padding = 255, times = "), "{printed}");
    assert!(text(&output.stderr).contains("ran out of effort"), "{}", text(&output.stderr));
}

#[test]
fn one_seed_gives_one_result() {
    let run = || conformance(&["--cases", "3000", "--error-chains", "0", "--seed", "77", "--json"]).stdout;
    let (first, second) = (run(), run());
    assert!(text(&first).contains("\"digest\""));
    assert_eq!(text(&first), text(&second));
}

#[test]
fn explain_shows_the_original_bug() {
    let output = conformance(&["explain", "goaway-below-our-stream"]);
    let shown = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{shown}");
    for part in
        ["GOAWAY last_stream_id=0 NO_ERROR", "h2(remote GOAWAY NO_ERROR)", "processed No, Retry", "RFC 9113 §6.8"]
    {
        assert!(shown.contains(part), "{part:?} is not in {shown}");
    }
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

/// A scenario of a GET, with these keys and with these steps once it is written.
fn scenario(keys: &str, steps: &str) -> String {
    format!(
        "[[scenario]]\nname = \"mine\"\n{keys}\nsteps = [{{ send = \"SETTINGS\" }}, {{ await = \"HEADERS\", stream = 1 }}, \
         {steps}]\n"
    )
}

/// A response that is cut by RST_STREAM(NO_ERROR), which both stacks hand over as complete.
const CUT: &str = "{ send = \"HEADERS\", stream = 1, status = 200 }, { send = \"DATA\", stream = 1, data = \"half\" }, \
                   { send = \"RST_STREAM\", stream = 1, error_code = \"NO_ERROR\" }";

#[test]
fn an_expectation_that_meets_the_ledger_is_explained_by_it_with_the_but_to_add() {
    let text_of =
        |but: &str| scenario(&format!("expect = [{{ processed = \"Yes\", advice = \"Retry\" }}]\n{but}"), CUT);
    let output = with_input(&["explain", "-"], text_of("").as_bytes());
    let shown = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{shown}");
    assert!(shown.contains("known: no-error-ends-the-body") && !shown.contains("Nothing explains"), "{shown}");
    let but = shown.lines().find(|line| line.starts_with("but = ")).expect("it is shown");
    assert_eq!(but, "but = [{ request = 0, because = \"The ledger has it as no-error-ends-the-body.\" }]");
    let output = with_input(&["explain", "-"], text_of(but).as_bytes());
    let shown = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{shown}");
    assert!(shown.contains("Known, and stated in the scenario: request 0: The ledger has it"), "{shown}");
}

#[test]
fn the_ledger_excuses_no_expectation_of_another_request() {
    let two = "requests = [{ method = \"GET\" }, { method = \"GET\" }]\n";
    let expect =
        "expect = [{ processed = \"Yes\", advice = \"Retry\" }, { processed = \"Maybe\", advice = \"UseHttp1\" }]";
    let steps = format!("{{ await = \"HEADERS\", stream = 3 }}, {CUT}, {{ pass_ms = 0 }}, {{ close = \"eof\" }}");
    let output = with_input(&["explain", "-"], scenario(&format!("{two}{expect}"), &steps).as_bytes());
    let shown = text(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{shown}");
    assert!(shown.contains("but = [{ request = 0,") && shown.contains("\n  Nothing explains this.\n"), "{shown}");
}

#[test]
fn an_expectation_is_its_authors_claim_and_what_the_model_disagrees_with_is_said_first() {
    let goaway = "{ send = \"GOAWAY\", last_stream_id = 0, error_code = \"NO_ERROR\" }, { close = \"eof\" }";
    for (steps, wrong, is) in [
        (goaway, "{ processed = \"Yes\", advice = \"Retry\" }", "processed No, ended without a whole response"),
        (CUT, "{ processed = \"Yes\", complete = true }", "processed Yes, ended without a whole response"),
        (CUT, "{ processed = \"Yes\" }", "processed Yes, ended without a whole response"),
        ("{ pass_ms = 0 }", "{ processed = \"Maybe\", advice = \"Retry\" }", "processed Maybe, open"),
    ] {
        let output = with_input(&["explain", "-"], scenario(&format!("expect = [{wrong}]"), steps).as_bytes());
        let shown = text(&output.stdout);
        assert_eq!(output.status.code(), Some(1), "{shown}");
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let (first, rest) = shown.split_once("\nThe exchange\n").expect("it is shown");
        let first = words(first);
        assert!(first.contains("mine Request 0: the model disagrees with this expectation: expected is "), "{shown}");
        assert!(first.contains(&format!("by the frames it is {is}.")), "{shown}");
        assert!(words(rest).contains("The model disagrees with what is expected. Correct the expectation"), "{shown}");
        assert!(rest.contains("\n  author says processed ") && !rest.contains("by the RFC"), "{shown}");
        assert!(!rest.contains("Nothing explains") && !rest.contains("expectation: request 0: legacy"), "{shown}");
    }
    let own = text(&conformance(&["explain", "goaway-below-our-stream"]).stdout);
    assert!(own.contains("\n  by the RFC  processed No, Retry") && !own.contains("author says"), "{own}");
}

#[test]
fn what_is_printed_to_play_a_case_again_keeps_what_it_expects() {
    let goaway = "{ send = \"GOAWAY\", last_stream_id = 0, error_code = \"NO_ERROR\" }, { close = \"eof\" }";
    let failing = scenario("expect = [{ processed = \"No\", advice = \"GiveUp\" }]", goaway);
    let stale = scenario(
        "expect = [{ processed = \"No\", advice = \"Retry\" }]\nsettings = \"equal\"\nbut = [{ request = 0, because = \"it's \\\"so\\\"\" }]",
        goaway,
    );
    for (name, scenario) in [("failing.toml", &failing), ("it's stale.toml", &stale)] {
        let path = file(name, scenario.as_bytes());
        let output = conformance(&["explain", &path.to_string_lossy()]);
        let shown = text(&output.stdout);
        assert_eq!(output.status.code(), Some(1), "{shown}");
        let replay =
            shown.lines().find_map(|line| line.trim().strip_prefix("cargo run --release -- ")).expect("it is there");
        let command = format!("'{}' {replay}", env!("CARGO_BIN_EXE_conformance"));
        let again = Command::new("sh").args(["-c", &command]).output().expect("there is a shell");
        assert_eq!((again.status.code(), text(&again.stdout)), (Some(1), shown.clone()), "{command}");
        let copied = with_input(&["explain", "-"], part(&shown, "The script").as_bytes());
        assert_eq!(copied.status.code(), Some(1), "{}", text(&copied.stdout));
        assert!(text(&copied.stdout).contains("explain FILE, with the script as a [[scenario]] in FILE"));
    }
}

#[test]
fn a_long_script_of_a_file_is_played_again_from_that_file() {
    let path = file("long.toml", scenario("", "{ send = \"DATA\", stream = 1, size = 2000 }").as_bytes());
    let path = path.to_string_lossy();
    let shown = text(&conformance(&["explain", &path]).stdout);
    assert!(shown.ends_with(&format!("  cargo run --release -- explain {path}\n")), "{shown}");
}

#[test]
fn the_output_of_explain_fits_its_columns() {
    for name in ["goaway-on-a-stream", "headers-on-an-idle-stream", "rst-stream-cancel"] {
        let shown = text(&conformance(&["explain", name]).stdout);
        // The script and the replay command are not wrapped, because they are there to be copied.
        let shown = shown.replace(part(&shown, "The script"), "");
        let mut lines = shown.lines().filter(|line| !line.contains("explain hex:"));
        assert_eq!(lines.find(|line| line.chars().count() > 100), None);
    }
}

#[test]
fn no_line_of_explain_overflows_a_narrow_terminal_but_those_to_be_copied() {
    for what in [
        "goaway-below-our-stream",
        "oversized-header-list",
        "server:dropped-tunnel",
        "chain:arc > hyper:goaway(NO_ERROR)",
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_conformance"));
        let output = command.args(["explain", what]).env("COLUMNS", "60").output().expect("the program starts");
        let shown = text(&output.stdout);
        let script = if shown.contains("\nThe script\n") { part(&shown, "The script") } else { "" };
        let mut lines = shown.lines().filter(|line| !line.contains("cargo run") && !script.contains(line));
        assert_eq!(lines.find(|line| line.chars().count() > 60), None, "{shown}");
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_conformance"));
    command.args(["explain", "--help"]).env("COLUMNS", "60");
    let shown = text(&command.output().expect("the program starts").stdout);
    assert_eq!(shown.lines().find(|line| line.chars().count() > 60), None, "{shown}");
}

#[test]
fn what_is_alike_in_a_script_with_a_thousand_requests_is_shown_once() {
    let goaway = "{ send = \"GOAWAY\", last_stream_id = 0, error_code = \"NO_ERROR\" }, { close = \"eof\" }";
    let steps = "{ request = { method = \"GET\" }, times = 998 }, { request = { method = \"POST\" } }, { pass_ms = 0 }";
    let requests = "requests = [{ method = \"GET\" }]";
    let output = with_input(&["explain", "-"], scenario(requests, &format!("{steps}, {goaway}")).as_bytes());
    let shown = text(&output.stdout);
    assert!(shown.lines().count() < 200, "{} lines: {shown}", shown.lines().count());
    assert!(shown.contains("\nWhat the application saw of requests "), "{shown}");
    assert!(shown.contains(" more lines like these, up to:\n"), "{shown}");
    let again = with_input(&["explain", "-"], part(&shown, "The script").as_bytes());
    assert_eq!((again.status.code(), text(&again.stdout)), (output.status.code(), shown));
}

#[test]
fn a_long_value_is_shortened_in_the_middle_and_whole_in_json() {
    let value = "v".repeat(10_000);
    let head = format!(
        "{{ send = \"HEADERS\", stream = 1, status = 200, headers = [[\"long\", \"{value}\"]], end_stream = true }}"
    );
    let debug = format!("{{ send = \"GOAWAY\", last_stream_id = 0, error_code = \"NO_ERROR\", debug = \"{value}\" }}");
    for steps in [head, debug] {
        let scenario = scenario("", &steps);
        let shown = text(&with_input(&["explain", "-"], scenario.as_bytes()).stdout);
        let (shown, script) = shown.split_once("\nThe script\n").expect("it is shown");
        assert!(shown.lines().count() < 100 && shown.contains(" characters)…vvv"), "{shown}");
        assert!(script.contains(&value));
        let json = text(&with_input(&["explain", "-", "--json"], scenario.as_bytes()).stdout);
        let [case] = &serde_json::from_str::<Vec<Case>>(&json).expect("it is a case")[..] else { panic!("{json}") };
        assert!(case.sides.each().iter().all(|side| side.timeline.iter().any(|line| line.contains(&value))), "{json}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_run_ends_as_it_should_where_no_thread_can_be_made() {
    let run = |limit: &str| {
        let arguments = "--cases 1000 --error-chains 1000";
        let command = format!("{limit}; exec '{}' {arguments}", env!("CARGO_BIN_EXE_conformance"));
        Command::new("sh").args(["-c", &command]).output().expect("there is a shell")
    };
    let whole = run("true");
    // The stack of a thread has to fit into the memory that a process may have.
    let limited = run("ulimit -v 1000000; export RUST_MIN_STACK=4000000000");
    assert_eq!(
        (limited.status.code(), text(&limited.stdout)),
        (Some(0), text(&whole.stdout)),
        "{}",
        text(&limited.stderr)
    );
}

#[test]
fn explain_reads_its_own_replay_command() {
    let goaway = "hex:0000080700000000010000000000000000";
    let shown = text(&conformance(&["explain", goaway]).stdout);
    let replay = shown.lines().find_map(|line| line.trim().strip_prefix("cargo run --release -- ")).expect("a command");
    let again = text(&conformance(&replay.split(' ').collect::<Vec<_>>()).stdout);
    assert!(again.contains("GOAWAY stream=1") && again.contains("goaway-on-a-stream"), "{again}");
}

#[test]
fn explain_takes_toml_and_bytes_from_standard_input() {
    let toml =
        b"[[scenario]]\nname = \"mine\"\nsteps = [{ send = \"RST_STREAM\", stream = 1, error_code = \"CANCEL\" }]\n";
    assert!(text(&with_input(&["explain", "-"], toml).stdout).contains("RST_STREAM stream=1 CANCEL"));
    let goaway = [0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    assert!(text(&with_input(&["explain", "-"], &goaway).stdout).contains("GOAWAY last_stream_id=0 NO_ERROR"));
}

/// Reads the output of a command as this type, and asserts that writing it again loses nothing.
fn read_back<T: Serialize + DeserializeOwned>(output: &Output) -> Value {
    let shown = || format!("{}{}", text(&output.stdout), text(&output.stderr));
    let value: T = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", shown()));
    let written: Value = serde_json::from_slice(&output.stdout).expect("it is JSON");
    assert_eq!(serde_json::to_value(&value).expect("it can be written"), written);
    written
}

#[test]
fn the_json_of_each_command_is_read_back_by_the_same_type() {
    let chain = "chain:arc > io(TimedOut) > hyper:goaway(NO_ERROR) in head";
    let written = [
        read_back::<Run>(&conformance(&["--cases", "500", "--error-chains", "500", "--json"])),
        read_back::<Listing>(&conformance(&["list", "--json"])),
        read_back::<Value>(&conformance(&["errors", "--json"])),
        read_back::<Vec<Case>>(&conformance(&["explain", "tls-alerts", "--json"])),
        read_back::<Vec<Case>>(&conformance(&["minimize", "goaway-on-a-stream", "--json"])),
        read_back::<ErrorChainCase>(&conformance(&["explain", chain, "--json"])),
        read_back::<ServerCase>(&conformance(&["explain", "server:dropped-tunnel", "--json"])),
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

#[test]
fn the_main_job_explains_everything_with_the_default_settings_of_the_stacks() {
    let shown = explained(&["--profile", "defaults", "--cases", "2000", "--error-chains", "0", "--verbose"]);
    assert!(
        shown.contains("Held to the laws only")
            && shown.contains("2 scenarios")
            && shown.contains("the-peer-falls-silent"),
        "{shown}"
    );
}

#[test]
fn a_scenario_names_the_settings_that_its_expectation_depends_on() {
    let silence = |settings: &str| {
        let steps = "{ await = \"HEADERS\", stream = 1 }, { pass_ms = 30100 }, { await = \"PING\" }";
        let expect = "expect = [{ processed = \"Maybe\" }]";
        format!(
            "[[scenario]]\nname = \"silence\"\n{settings}\n{expect}\nsteps = [{{ send = \"SETTINGS\" }}, {steps}]\n"
        )
    };
    let played = |settings: &str, arguments: &[&str]| {
        let output = with_input(&[&["explain", "-"], arguments].concat(), silence(settings).as_bytes());
        (output.status.code(), text(&output.stdout))
    };
    let (status, shown) = played("", &["--profile", "defaults"]);
    assert!(status == Some(1) && shown.contains("awaits a frame that never comes"), "{shown}");
    let (status, shown) = played("settings = \"equal\"", &["--profile", "defaults"]);
    assert!(status == Some(0) && shown.contains("Held to the laws only"), "{shown}");
    assert!(!shown.contains("author says") && shown.contains(" --profile defaults"), "{shown}");
    let (status, shown) = played("settings = \"equal\"", &["--profile", "equal"]);
    assert!(status == Some(0) && !shown.contains("Held to the laws only"), "{shown}");
    assert!(shown.contains("author says") && !shown.contains("--profile"), "{shown}");
    let other = silence("settings = \"mine\"");
    refused(&with_input(&["explain", "-"], other.as_bytes()), &["line 3", "mine", "equal"]);
}

#[test]
fn explain_plays_with_either_profile_of_settings() {
    let window = |profile: &str| {
        let shown = text(&conformance(&["explain", "goaway-below-our-stream", "--profile", profile]).stdout);
        (shown.contains("INITIAL_WINDOW_SIZE=65535"), shown)
    };
    assert!(window("equal").0, "{}", window("equal").1);
    let (equal, shown) = window("defaults");
    assert!(!equal && shown.contains("the settings that each stack comes with"), "{shown}");
    assert!(shown.contains("explain goaway-below-our-stream --profile defaults"), "{shown}");
    refused(&conformance(&["explain", "x", "--profile", "mine"]), &["mine", "equal, defaults"]);
    refused(&conformance(&["explain", "chain:hyper:eof in head", "--profile", "equal"]), &["no `--profile`"]);
}

/// The part of the output of explain below this heading.
fn part<'shown>(shown: &'shown str, heading: &str) -> &'shown str {
    let (_, rest) = shown.split_once(&format!("\n{heading}\n")).unwrap_or_else(|| panic!("no {heading} in {shown}"));
    rest.split_once("\n\n").map_or(rest, |(part, _)| part)
}

#[test]
fn explain_reads_the_script_that_it_prints() {
    let odd = "[[scenario]]\nsteps = [{ send = \"SETTINGS\", times = 2 }, { send = \"GOAWAY\", last_stream_id = 0, \
               error_code = 0, debug = \"one\\n  two \\\"\" }, { send_raw = \"00\" }]\n";
    let odd = file("odd.toml", odd.as_bytes()).to_string_lossy().into_owned();
    for what in ["goaway-below-our-stream", "flood-of-small-data", "hex:000008070000000000000000000000000b", &odd] {
        let shown = text(&conformance(&["explain", what]).stdout);
        let script = part(&shown, "The script");
        assert!(script.starts_with("[[scenario]]\nname = "), "{shown}");
        let copy = file("copy.toml", script.as_bytes()).to_string_lossy().into_owned();
        let again = conformance(&["explain", &copy]);
        assert_eq!(again.status.code(), Some(0), "{}", text(&again.stderr));
        let again = text(&again.stdout);
        assert_eq!(part(&again, "The exchange"), part(&shown, "The exchange"));
        assert_eq!(part(&again, "The script"), script);
    }
}

#[test]
fn a_step_that_repeats_more_often_than_a_file_allows_is_split() {
    let zeros = file("many", &vec![0; 9 * 250_000]).to_string_lossy().into_owned();
    let shown = text(&conformance(&["explain", &zeros]).stdout);
    let script = part(&shown, "The script");
    assert_eq!(script.matches("times = 100000").count(), 2, "{script}");
    assert_eq!(with_input(&["explain", "-"], script.as_bytes()).status.code(), Some(0));
}

#[test]
fn explain_takes_the_name_of_a_known_divergence() {
    let output = conformance(&["explain", "oversized-header-list"]);
    let shown = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{shown}");
    assert!(shown.starts_with("head-larger-than-the-client-takes\n"), "{shown}");
    assert!(shown.contains("known: oversized-header-list"), "{shown}");
    refused(&conformance(&["explain", "oversized-header-lists"]), &["Did you mean `oversized-header-list`?"]);
}

#[test]
fn the_fields_of_a_ledger_entry_are_labelled() {
    let shown = text(&conformance(&["explain", "goaway-on-a-stream"]).stdout);
    let (_, entry) = shown.split_once("known: goaway-on-a-stream\n").expect("the ledger explains it");
    let labels = entry.lines().take_while(|line| !line.is_empty()).filter_map(|line| line.get(4..16));
    let labels: Vec<_> = labels.map(str::trim).filter(|label| !label.is_empty()).collect();
    assert_eq!(labels, ["differs", "RFC 9113", "right", "cause", "changed", "reported", "effect"], "{shown}");
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
        "One of the reasons why this does not come to what is expected of it is that goaway-below-our-stream.";
    let toml = format!(
        "[[scenario]]\nname = \"mine\"\nabout = \"{because}\"\nsteps = [{{ send = \"GOAWAY\", last_stream_id = 0, \
         error_code = 0, debug = \"{because}\" }}, {{ close = \"eof\" }}]\n"
    );
    let shown = text(&with_input(&["explain", "-"], toml.as_bytes()).stdout);
    assert!(shown.matches("goaway-below-our-stream").count() > 2, "{shown}");
    assert!(!shown.lines().any(|line| line.ends_with("goaway-") || line.ends_with("below-")), "{shown}");
}

#[test]
fn a_scenario_without_a_name_is_called_by_its_file_and_number() {
    let two = file("nameless.toml", b"[[scenario]]\nsteps = []\n[[scenario]]\nsteps = [{ close = \"eof\" }]\n");
    let shown = text(&conformance(&["explain", &two.to_string_lossy()]).stdout);
    for heading in ["nameless.toml, scenario 1", "nameless.toml, scenario 2"] {
        assert!(shown.lines().any(|line| line == heading), "{heading} is not in {shown}");
    }
}

#[test]
fn a_count_of_one_is_singular() {
    let toml = b"[[scenario]]\nname = \"one\"\nsteps = [{ send = \"SETTINGS\" }, { await = \"HEADERS\", stream = 1 }, \
                 { send = \"HEADERS\", stream = 1, status = 200 }, { send = \"DATA\", stream = 1, data = \"x\" }, \
                 { send = \"HEADERS\", stream = 1, headers = [[\"a\", \"b\"]], end_stream = true }, { send_raw = \"00\" }]\n";
    let shown = text(&with_input(&["explain", "-"], toml).stdout);
    for part in ["DATA stream=1 1 byte\n", "200, 1 byte, 1 trailer field ", "1 byte that is no whole frame"] {
        assert!(shown.contains(part), "{part:?} is not in {shown}");
    }
}

#[test]
fn a_typo_is_answered_with_a_suggestion() {
    refused(&conformance(&["explain", "goaway-bellow-our-stream"]), &["goaway-below-our-stream", "conformance list"]);
    refused(&conformance(&["explian"]), &["explian"]);
    refused(&conformance(&["--case", "5"]), &["--cases"]);
    refused(&conformance(&["--cases", "many"]), &["many"]);
    refused(&conformance(&["explain", "hex:0g"]), &["hexadecimal"]);
    refused(&conformance(&["explain", "chain:arx > hyper:eof"]), &["`arx` is not a layer"]);
    refused(
        &conformance(&["explain", "chain:hyper:eov"]),
        &["`hyper:eov` is not in the error catalogue", "conformance errors"],
    );
    refused(&conformance(&["explain", "hex:"]), &["nothing follows `hex:`"]);
    refused(&conformance(&["explain", "hex: "]), &["nothing follows `hex:`"]);
}

#[test]
fn empty_and_invalid_files_are_refused() {
    let path = |name: &str, content: &[u8]| file(name, content).to_string_lossy().into_owned();
    let broken = path("broken.toml", b"[[scenario]\nname = 1");
    refused(&conformance(&["explain", &broken]), &["broken.toml", "line 1"]);
    let steps = |step: &str| format!("[[scenario]]\nname = \"x\"\nsteps = [\n  {step},\n]\n");
    let cases = [
        ("{ send = \"GOWAY\" }", "unknown frame type `GOWAY`; expected DATA, HEADERS"),
        ("{ send = \"GOAWAY\", last_stream_id = 2147483648, error_code = 0 }", "above 2^31-1"),
        ("{ send = \"GOAWAY\", last_stream_id = 0 }", "needs the key `error_code`"),
        ("{ send = \"PING\", increment = 1 }", "has no key `increment`"),
        ("{ sned = \"PING\" }", "sned"),
        ("{ send = \"PING\", close = \"eof\" }", "both `send` and `close`"),
        ("{ fail_read = \"Interrupted\" }", "unknown transport error `Interrupted`"),
        ("{ send_raw = \"0\" }", "hexadecimal"),
        ("{ send = \"DATA\", stream = 1, data = \"x\", size = 1 }", "a DATA frame cannot have both `data` and `size`"),
        ("{ send = 0x99, data = \"x\", size = 1 }", "both `data` and `size`"),
    ];
    for (number, (step, says)) in cases.into_iter().enumerate() {
        let file = path(&format!("bad-{number}.toml"), steps(step).as_bytes());
        refused(&conformance(&["explain", &file]), &[says, "line"]);
    }
    refused(&conformance(&["explain", &path("empty.toml", b"")]), &["is empty"]);
    refused(&conformance(&["explain", &path("none.toml", b"# nothing\n")]), &["no [[scenario]]"]);
    refused(&with_input(&["explain", "-"], b""), &["is empty"]);
    refused(&conformance(&["explain", env!("CARGO_TARGET_TMPDIR")]), &["cannot be read"]);
    refused(&conformance(&["--corpus", "/no/such/folder", "--cases", "0"]), &["/no/such/folder"]);
}

#[test]
fn an_error_chain_is_explained_on_both_stacks() {
    let output = conformance(&["explain", "chain:arc > io(TimedOut) > hyper:goaway(NO_ERROR) in head"]);
    let shown = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{shown}");
    for part in
        ["On the legacy stack", "On the modern stack", "h2(remote GOAWAY NO_ERROR)", "<- decides", "processed No"]
    {
        assert!(shown.contains(part), "{part} is not in {shown}");
    }
    let endless = text(&conformance(&["explain", "chain:endless"]).stdout);
    assert!(endless.contains("without an end") && endless.contains("processed Maybe"), "{endless}");
}

#[test]
fn the_table_of_errors_says_which_stack_lacks_an_error_and_why() {
    let shown = text(&conformance(&["errors"]).stdout);
    for part in ["http1:incomplete-message", "pool:connect", "none: hyper 1 has no body with a public sender"] {
        assert!(shown.contains(part), "{part} is not in {shown}");
    }
    assert_eq!(shown.lines().find(|line| line.chars().count() > 100), None);
}

#[test]
fn any_bytes_are_a_normal_run() {
    let zeros = file("zeros", &vec![0; 10 << 20]).to_string_lossy().into_owned();
    let output = conformance(&["explain", &zeros]);
    assert!(matches!(output.status.code(), Some(0 | 1)), "{}", text(&output.stderr));
    let noise: Vec<u8> = (0..5_000u32).map(|number| (number.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let noise = file("noise", &noise).to_string_lossy().into_owned();
    let output = conformance(&["explain", &noise]);
    assert!(matches!(output.status.code(), Some(0 | 1)), "{}", text(&output.stderr));
}

#[test]
fn every_corpus_file_can_be_explained() {
    for file in fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../../corpus/classify")).expect("it is there") {
        let path = file.expect("it can be listed").path();
        // What a server says over HTTP/1.1 is text, which is refused as frames.
        let is_text = path.file_name().is_some_and(|name| name == "http-1.1-bad-request");
        let what = format!("{}{}", if is_text { "wire:" } else { "" }, path.display());
        let output = conformance(&["explain", &what]);
        assert_eq!(output.status.code(), Some(0), "{}: {}", path.display(), text(&output.stderr));
    }
}

#[test]
fn a_closed_pipe_is_not_an_error() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_conformance"))
        .arg("list")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    drop(child.stdout.take());
    let mut message = String::new();
    child.stderr.take().expect("it has an error output").read_to_string(&mut message).expect("it ends");
    assert_eq!(message, "");
    assert_eq!(child.wait().expect("it ends").code(), Some(0));
}

#[test]
fn explain_and_minimize_accept_the_bytes_of_a_client_of_both_servers() {
    let output = conformance(&["explain", "server:goaway-on-a-stream"]);
    let shown = text(&output.stdout);
    for part in [
        "-> GOAWAY stream=1 last_stream_id=0 INTERNAL_ERROR",
        "legacy <- GOAWAY last_stream_id=0 NO_ERROR",
        "modern <- GOAWAY last_stream_id=0 PROTOCOL_ERROR",
        "read as     hyper > h2(remote GOAWAY",
        "the GOAWAY frames differ",
        "known: goaway-on-a-stream",
        "cargo run --release -- explain server:hex:",
    ] {
        assert!(shown.contains(part), "{part:?} is not in {shown}");
    }
    assert_eq!(output.status.code(), Some(0));
    let replay = shown.lines().find_map(|line| line.trim().strip_prefix("cargo run --release -- ")).expect("a command");
    let again = text(&conformance(&replay.split(' ').collect::<Vec<_>>()).stdout);
    assert!(again.contains("known: goaway-on-a-stream"), "{again}");

    let small = text(&conformance(&["minimize", &replay.replace("explain ", "")]).stdout);
    let small = small.trim();
    assert!(small.starts_with("server:hex:505249"), "{small}");
    assert_eq!(text(&conformance(&["minimize", small]).stdout).trim(), small);

    let agreed = "server:hex:505249202a20485454502f322e300d0a0d0a534d0d0a0d0a";
    assert!(text(&conformance(&["explain", agreed]).stdout).contains("All hold."));
    refused(&conformance(&["minimize", agreed]), &["breaks no law"]);
    refused(
        &conformance(&["explain", "server:nothing-of-the-kind"]),
        &["neither a known divergence of the servers nor a file", "list"],
    );
    refused(&conformance(&["explain", "server:hex:0"]), &["pairs of hexadecimal digits"]);
    refused(&conformance(&["explain", "server:"]), &["nothing follows `server:`"]);
    refused(&conformance(&["explain", "droped-tunel"]), &["Did you mean `server:dropped-tunnel`?"]);
    assert!(text(&conformance(&["list"]).stdout).contains("server:goaway-ends-own-requests"));
}

#[test]
fn a_sweep_lists_the_crates_that_can_be_swept() {
    refused(&conformance(&["sweep"]), &["<CRATE>"]);
    refused(&conformance(&["sweep", "hypr"]), &["'hypr'", "'hyper'", "h2"]);
    refused(&conformance(&["sweep", "h2", "newest"]), &["`newest` is no version", "0.4.5..0.4.9"]);
    refused(&conformance(&["sweep", "h2", "0.4.9..0.4.5"]), &["no version is in this range"]);
    refused(&conformance(&["sweep", "h2", "--path", "/no/such/folder"]), &["/no/such/folder cannot be used"]);
    let other = concat!(env!("CARGO_MANIFEST_DIR"));
    refused(&conformance(&["sweep", "h2", "--path", other]), &["it is not the manifest of h2"]);
    refused(&conformance(&["sweep", "h2", "7.."]), &["no release of h2 is in the range >=7.0.0", ">=0.4.0, <0.5.0"]);
}

#[test]
fn a_sweep_without_cargo_says_that_it_needs_cargo() {
    let sweep = |folder: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_conformance"));
        command.args(["sweep", "h2", "0.4.0", "--folder", folder]).env("CARGO", "/no/such/program");
        command.output().expect("the program starts")
    };
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("swept");
    refused(&sweep(&folder.to_string_lossy()), &["/no/such/program cannot be started", "needs Rust"]);
    let taken = file("taken", b"").to_string_lossy().into_owned();
    refused(&sweep(&taken), &["taken", "cannot be used"]);
}

#[test]
fn a_run_is_written_in_every_form_and_can_be_a_baseline() {
    let path = |name: &str| PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let (json, junit, html) = (path("run.json"), path("run.xml"), path("run.html"));
    let as_option = |option: &str, path: &PathBuf| format!("--{option}={}", path.display());
    let few = ["--cases", "0", "--error-chains", "0"];
    let forms = [as_option("json", &json), as_option("junit", &junit), as_option("html", &html)];
    let output = conformance(&[&few[..], &forms.each_ref().map(String::as_str)].concat());
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let tests = fs::read_to_string(&junit).expect("it was written");
    assert!(tests.contains("name=\"goaway-below-our-stream\"") && tests.contains("failures=\"0\""));
    let page = fs::read_to_string(&html).expect("it was written");
    assert!(page.starts_with("<!DOCTYPE html>") && page.contains("goaway-below-our-stream"));
    let compared = conformance(&[&few[..], &[&as_option("baseline", &json)]].concat());
    assert_eq!(compared.status.code(), Some(0));
    assert!(text(&compared.stdout).contains("Since the earlier run\n  Nothing is new."));
}

#[test]
fn files_that_cannot_be_read_or_written_are_refused_before_anything_runs() {
    refused(&conformance(&["--baseline", "nowhere.json"]), &["nowhere.json cannot be read"]);
    let other = file("other.json", b"{\"schema\": 2}");
    refused(
        &conformance(&["--baseline", &other.to_string_lossy()]),
        &["other.json cannot be used: missing field", "--json=FILE"],
    );
    let earlier = file("earlier.json", b"{\"schema\": 1, \"themes\": []}");
    let says = ["it has schema 1, and this program reads schema 2", "`conformance --json=FILE` writes a new one"];
    refused(&conformance(&["--baseline", &earlier.to_string_lossy()]), &says);
    refused(&conformance(&["--junit", "/no/such/folder/run.xml"]), &["cannot be written"]);
}

#[test]
#[cfg(target_os = "linux")]
fn a_failed_write_is_reported_and_the_other_forms_are_still_written() {
    let full = |arguments: &[&str]| {
        let full = fs::OpenOptions::new().write(true).open("/dev/full").expect("it is there");
        let mut command = Command::new(env!("CARGO_BIN_EXE_conformance"));
        command.args(arguments).stdout(full).output().expect("the program starts")
    };
    refused(&full(&["list"]), &["standard output cannot be written"]);
    refused(&full(&["explain", "goaway-below-our-stream", "--json"]), &["standard output cannot be written"]);
    let page = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("beside.html");
    let page_option = format!("--html={}", page.display());
    let output = conformance(&["--cases", "0", "--error-chains", "0", "--junit=/dev/full", &page_option]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("/dev/full cannot be written"), "{}", text(&output.stderr));
    assert!(fs::read_to_string(&page).expect("it was written").contains("</html>"));
    let same = ["--json=same", "--html=same"];
    refused(&conformance(&same), &["same was given for two forms"]);
}

#[test]
fn a_run_with_other_settings_or_an_interrupted_run_is_not_a_baseline() {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("equal.json");
    let json = format!("--json={}", path.display());
    assert_eq!(conformance(&["--cases", "0", "--error-chains", "0", &json]).status.code(), Some(0));
    let written = fs::read_to_string(&path).expect("it was written");
    let path = path.to_string_lossy();
    refused(&conformance(&["--profile", "defaults", "--baseline", &path]), &["--profile equal", "--profile defaults"]);
    let interrupted = written.replace("\"interrupted\": false", "\"interrupted\": true");
    let interrupted = file("interrupted.json", interrupted.as_bytes()).to_string_lossy().into_owned();
    refused(&conformance(&["--baseline", &interrupted]), &["it was interrupted"]);
    let later = file("later.json", b"{\"schema\": 99}").to_string_lossy().into_owned();
    refused(&conformance(&["--baseline", &later]), &["it has schema 99"]);
}

/// An empty folder.
fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    // Errors are ignored: there is no folder of an earlier test.
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("the temporary folder can be written");
    folder
}

#[test]
#[cfg(unix)]
fn a_run_names_what_it_skips_in_a_corpus_because_it_is_no_regular_file() {
    let corpus = folder("odd-corpus");
    fs::write(corpus.join("goaway"), [0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]).expect("it can be written");
    fs::create_dir(corpus.join("folder")).expect("it can be written");
    std::os::unix::fs::symlink("nowhere", corpus.join("link")).expect("it can be written");
    let fifo = Command::new("mkfifo").arg(corpus.join("pipe")).status().expect("there is mkfifo");
    assert!(fifo.success());
    let output = conformance(&["--cases", "0", "--error-chains", "0", "--corpus", &corpus.to_string_lossy()]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stdout));
    assert!(text(&output.stdout).contains(" 1 corpus file, "), "{}", text(&output.stdout));
    let note = text(&output.stderr);
    assert!(note.starts_with("skipped 3 names in ") && note.ends_with(": folder, link, pipe\n"), "{note}");
}

#[test]
fn a_script_that_is_larger_than_any_frame_is_refused() {
    let corpus = folder("huge-corpus");
    let huge = fs::File::create(corpus.join("huge")).expect("it can be written");
    huge.set_len(50 << 20).expect("it takes no room");
    let path = corpus.to_string_lossy().into_owned();
    refused(&conformance(&["--corpus", &path, "--cases", "0"]), &["huge has more than 16777215 bytes"]);
    refused(&conformance(&["explain", &format!("{path}/huge")]), &["huge has more than 16777215 bytes"]);
    huge.set_len(1 << 30).expect("it takes no room");
    refused(&conformance(&["--corpus", &path, "--cases", "0"]), &["has files of 1073741824 bytes", "in parts"]);
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_leaves_the_earlier_file_as_it_was() {
    let folder = folder("full-disk");
    let path = folder.join("list.json");
    fs::write(&path, "earlier").expect("it can be written");
    // A limit on the size of a file fails as a full disk does.
    let command = format!(
        "trap '' XFSZ; ulimit -f 2; exec '{}' list '--json={}' > /dev/null",
        env!("CARGO_BIN_EXE_conformance"),
        path.display()
    );
    let output = Command::new("sh").args(["-c", &command]).output().expect("there is a shell");
    refused(&output, &["list.json cannot be written"]);
    assert_eq!(fs::read_to_string(&path).expect("it is there"), "earlier");
    assert_eq!(fs::read_dir(&folder).expect("it can be listed").count(), 1, "nothing is left beside it");
    let option = format!("--json={}", path.display());
    assert_eq!(conformance(&["list", &option]).status.code(), Some(0));
    assert!(serde_json::from_str::<Listing>(&fs::read_to_string(&path).expect("it is there")).is_ok());
}

#[test]
fn text_is_no_frames_and_the_message_says_what_to_do() {
    let log = b"2026-11-28T20:32:05Z ERROR http2 error: connection error received: not a result of an error\n";
    let coloured = "\u{1b}[31mERROR\u{1b}[0m GoAway(b\"max_age\", NO_ERROR, Remote) \u{2026}".as_bytes();
    for (number, text) in [&log[..], coloured].into_iter().enumerate() {
        let path = file(&format!("log-{number}"), text).to_string_lossy().into_owned();
        let says = ["is text, and frames are not", "explain hex:BYTES", "[[scenario]]", "goaway.md"];
        refused(&conformance(&["explain", &path]), &says);
        refused(&conformance(&["minimize", &path]), &says);
        refused(&with_input(&["explain", "-"], text), &says);
        assert!(
            with_input(&["explain", &format!("wire:{path}")], text).stderr.is_empty(),
            "any bytes can be a server's"
        );
    }
}

#[test]
fn the_name_of_a_scenario_is_lower_case_words_joined_by_hyphens() {
    let named = |name: &str| format!("[[scenario]]\nname = \"{name}\"\nsteps = [{{ send = \"SETTINGS\" }}]\n");
    for name in ["A B", "a b", "A", "a_b", "a-", "-a", "a--b", ""] {
        let output = with_input(&["explain", "-"], named(name).as_bytes());
        refused(&output, &[&format!("`{name}` is no name"), "lower-case words joined by hyphens", "line 2"]);
    }
    assert_eq!(with_input(&["explain", "-"], named("http-1-1").as_bytes()).status.code(), Some(0));
}

#[test]
fn the_name_of_a_theme_lists_its_scenarios() {
    for name in ["goaway", "rst_stream", "rst-stream"] {
        let theme = name.replace('-', "_");
        let all = scenarios::built_in().expect("they are valid");
        let of_it: Vec<_> =
            all.iter().filter(|scenario| scenario.theme == theme).map(|one| format!("\n  {}\n", one.name)).collect();
        assert!(of_it.len() > 10);
        let of_it: Vec<&str> = of_it.iter().map(String::as_str).collect();
        refused(&conformance(&["explain", name]), &[&[&*format!("`{name}` is a theme")], &of_it[..]].concat());
    }
}

#[test]
fn a_corpus_without_files_is_refused() {
    let empty = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("empty");
    fs::create_dir_all(&empty).expect("the temporary folder can be written");
    refused(&conformance(&["--corpus", &empty.to_string_lossy()]), &["empty has no files", "corpus/classify"]);
}

#[test]
fn the_bytes_of_a_server_are_played_unchanged() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../corpus/wire/goaway-on-a-stream");
    let shown = text(&conformance(&["explain", &format!("wire:{file}")]).stdout);
    assert_eq!(shown.lines().filter(|line| line.contains("<- SETTINGS")).count(), 1, "{shown}");
    // In the bytes of a script this frame type is a directive, which is never sent.
    let shown = text(&conformance(&["explain", "wire:hex:000000f00000000001"]).stdout);
    assert!(shown.contains("<- 0xf0 stream=1"), "{shown}");
    refused(&conformance(&["explain", "wire:"]), &["nothing follows `wire:`"]);
    refused(&conformance(&["explain", "wire:nowhere"]), &["`nowhere` is not a file"]);
    refused(&conformance(&["explain", "wire:hex:"]), &["is empty"]);
}

#[test]
fn a_night_without_its_steps_or_without_the_given_night_before_is_refused() {
    refused(&conformance(&["night", "/no/such/night"]), &["/no/such/night/steps cannot be read"]);
    let night = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("night");
    fs::create_dir_all(night.join("runs")).expect("the temporary folder can be written");
    fs::write(night.join("steps"), "done\tthe suite\nperhaps\tmutants\n").expect("it can be written");
    refused(&conformance(&["night", &night.to_string_lossy()]), &["`perhaps\tmutants` is no step"]);
    let folder = night.to_string_lossy();
    fs::write(night.join("steps"), "done\tthe suite\n").expect("it can be written");
    refused(&conformance(&["night", &folder, "--before", "/no/such/night"]), &["known.json is missing"]);
}

#[test]
fn a_night_reports_a_run_that_failed_and_findings_that_only_libfuzzer_has() {
    let night = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("bad-night");
    let artifacts = night.join("artifacts/wire");
    fs::create_dir_all(&artifacts).and_then(|()| fs::create_dir_all(night.join("runs"))).expect("it can be written");
    let write = |path: &str, content: &str| fs::write(night.join(path), content).expect("it can be written");
    write("steps", "failed\tthe suite\tit was killed\n");
    write("runs/locked.json", "{ \"schema\": 2, ");
    write("artifacts/wire/timeout-1", "any");
    write("artifacts/wire/crash-2", "holds here");
    let folder = night.to_string_lossy();
    let output = conformance(&["night", &folder]);
    let shown = text(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{shown}{}", text(&output.stderr));
    for part in [
        "**The step failed: the suite**: it was killed",
        "**The step failed: the run locked**: ",
        "wire: an input takes too long",
        "wire: an input that fails there alone",
        "cargo fuzz run wire ",
    ] {
        assert!(shown.contains(part), "{part:?} is not in {shown}");
    }
    let again = conformance(&["night", &folder, "--before", &folder]);
    assert!(text(&again.stdout).contains("2 findings were told before."), "{}", text(&again.stdout));
}
