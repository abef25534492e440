//! Every command in the documents is executed. Commands of the program itself run here; a script of the gate or a
//! workflow must contain the others, word for word.
//!
//! A command is a line of a shell block, a line of another block that begins like a command of the program, or inline
//! code that begins like a command. Text with `…` in it is incomplete, and does not count.

#![cfg(all(unix, feature = "aws"))]

use conformance::{
    report::{Run, SCHEMA},
    scenarios,
};
use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

/// The commands that are not executed here, and why. Each is a script, or part of a script.
const ELSEWHERE: &[(&str, &str)] = &[
    (".ci/bench HEAD~1", "needs valgrind, and builds two revisions"),
    (".ci/coverage", "needs valgrind, and five minutes"),
    (".ci/documented", "needs a network, cargo-fuzz and an hour"),
    (".ci/clients", "needs a network, and clients in other languages"),
    (".ci/faults/run", "builds the suite with each fault, for half an hour"),
    (".ci/fuzz-control", "needs cargo-fuzz, and minutes"),
    (".ci/fuzz-speed", "needs cargo-fuzz, and minutes"),
    (".ci/mutants", "needs cargo-mutants, and hours"),
    (".ci/nightly", "is the night"),
    (".ci/nightly --short", "takes half an hour"),
    (".ci/report-in-a-browser", "needs a browser"),
    (".ci/reproduce", "needs a network, and builds every program"),
    (".ci/reproduce 3", "needs a network, and builds programs"),
    (".ci/run", "is the gate, and runs this test"),
    (".ci/seeds", "needs cargo-fuzz, and changes the corpus"),
    (".ci/supply-chain", "needs cargo-deny, a network and another toolchain"),
    (".clusterfuzzlite/build.sh", "needs cargo-fuzz, and minutes"),
    ("INSTA_UPDATE=always cargo test -p conformance --test scenarios", "changes the snapshots"),
    ("cargo +nightly fuzz run classify", "needs nightly and cargo-fuzz, and has no end"),
    ("cargo bench -p conformance", "needs a release build, and a machine with nothing else to do"),
    ("cargo doc --workspace --no-deps --open", "builds, and opens a browser"),
    (
        "cargo fuzz run -O -s none --no-trace-compares classify -- -fork=2 -ignore_crashes=1 -max_total_time=28800",
        "needs cargo-fuzz, and eight hours",
    ),
    ("cargo fuzz run -O -s none classify", "needs cargo-fuzz, and has no end"),
    ("cargo install cargo-fuzz --locked", "needs a network"),
    ("cargo run -p conformance --example own_classifier", "builds"),
    ("cargo run -p conformance --example own_client", "builds"),
    ("cargo run --release -- serve --driver \"python3 my_driver.py\"", "needs Python, and a driver of the reader"),
    (
        "cargo run --release -- serve --driver go --driver httpx --driver node-http2 --html clients.html",
        "needs three clients",
    ),
    (
        "cargo run --release -- serve --driver httpx --versions \"0.24.1 0.26.0 0.28.1\" --install \"pip install httpx[http2]=={version}\"",
        "needs a network and Python",
    ),
    ("cargo run --release -- serve --listen 127.0.0.1:8000", "has no end"),
    ("cargo run --release -- serve --client \"curl -sS --http2-prior-knowledge {url}\"", "needs curl"),
    ("cargo run --release -- sweep aws-smithy-http-client", "needs a network, and builds every release"),
    ("cargo run --release -- sweep h2", "needs a network, and builds every release"),
    ("cargo run --release -- sweep h2 --path ../h2", "needs a network, and builds a release and a checkout"),
    ("cargo run --release -- sweep h2 0.4.0..", "needs a network, and builds every release"),
    ("cargo run --release -- sweep hyper 0.14.32", "needs a network, and builds a release"),
    ("cargo run --release -- sweep hyper 1.8..1.10", "needs a network, and builds releases"),
    ("cargo run --release -- sweep reqwest 0.12.20..", "needs a network, and builds releases"),
    ("cargo test -p conformance", "runs this test"),
    ("cargo update", "changes the lock file"),
    ("cargo +nightly update -Z direct-minimal-versions", "changes the lock file"),
];

/// How a command in a sentence begins.
const BEGINNINGS: &[&str] =
    &["cargo ", "rustup ", "conformance ", "explain ", "minimize ", ".ci/", ".clusterfuzzlite/build.sh"];

/// How cargo calls the program.
const PROGRAM: &str = "cargo run --release";

/// How one test file is run, and the folder of its crate. The gate runs it with all others. `suite` has a file for each
/// of its modules.
const ONE_TEST: [(&str, &str); 3] = [
    ("cargo test -p conformance --test ", "conformance"),
    ("cargo test -p conformance-clients --test ", "conformance/clients"),
    ("cargo test -p conformance-cli --test ", "conformance/cli"),
];

/// The numbers of generated scripts and error chains for a run without these options.
const FEW: [&str; 4] = ["--cases", "200", "--error-chains", "200"];

#[test]
fn every_command_of_the_documents_is_executed() {
    let mut runs: BTreeMap<Vec<String>, String> = BTreeMap::new();
    let mut failures = Vec::new();
    let stand_ins = StandIns::new();
    for (document, command) in shown() {
        let at = format!("{document}: `{command}`");
        match CommandKind::of(&command) {
            CommandKind::Here(arguments) => drop(runs.entry(stand_ins.put_into(arguments)).or_insert(at)),
            CommandKind::Elsewhere => {}
            CommandKind::Unknown => failures.push(format!("{at} is neither a command of the program nor in ELSEWHERE")),
        }
    }
    assert!(runs.len() > 20, "only {} commands were found", runs.len());
    let runs: Vec<_> = runs.into_iter().collect();
    let (next, failed) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let work = || {
        while let Some((arguments, at)) = runs.get(next.fetch_add(1, Ordering::Relaxed)) {
            if let Err(message) = execute(arguments) {
                failed.lock().unwrap_or_else(PoisonError::into_inner).push(format!("{at} {message}"));
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(work);
        }
    });
    failures.extend(failed.into_inner().unwrap_or_else(PoisonError::into_inner));
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn commands_that_are_not_executed_here_are_in_a_document_and_in_a_script() {
    let (shown, scripts) = (shown(), scripts());
    for (command, why) in ELSEWHERE {
        assert!(shown.iter().any(|(_, shown)| shown == command), "no document shows `{command}` ({why}) any more");
        let stands = match command.strip_prefix('.') {
            Some(_) => is_executable(&root().join(&words(command)[0])),
            None => scripts.iter().any(|line| has(line, command)),
        };
        assert!(stands, "`{command}` is not executed ({why}), and no script has it");
    }
}

#[test]
fn a_mistyped_command_is_unknown() {
    let document = "Run `cargo tset -p conformance`, or\n\n```sh\ncargo run --release -- sweep h3   # all of it\n```\n";
    let found = commands(document);
    assert_eq!(found, ["cargo tset -p conformance", "cargo run --release -- sweep h3"]);
    assert!(found.iter().all(|command| CommandKind::of(command) == CommandKind::Unknown));
    let CommandKind::Here(arguments) = CommandKind::of("explain no-such-scenario") else {
        panic!("`explain` is a command of the program")
    };
    assert!(execute(&arguments).is_err());
    assert_eq!(CommandKind::of("cargo test -p conformance --test no_such_test"), CommandKind::Unknown);
}

#[test]
fn commands_are_found_in_blocks_and_sentences() {
    let document = "A `run`, `explain\n  one`, `explain hex:00…`, and `cargo run --release -- list`.\n\n\
                    ```text\n  cargo run --release -- explain two\nnothing\n```\n```console\n$ cargo doc\nits output\n```\n\
                    ```sh\n\nA=1 explain \"a # b\"   # why\n```\n";
    let found = commands(document);
    let expected = [
        "explain one",
        "cargo run --release -- list",
        "cargo run --release -- explain two",
        "cargo doc",
        "A=1 explain \"a # b\"",
    ];
    assert_eq!(found, expected);
    assert_eq!(words("explain \"a # b\" 'c d' e"), ["explain", "a # b", "c d", "e"]);
}

/// Who executes a command.
#[derive(Debug, PartialEq, Eq)]
enum CommandKind {
    /// The program is called with these arguments.
    Here(Vec<String>),
    /// A script executes it.
    Elsewhere,
    /// Nothing executes it.
    Unknown,
}

impl CommandKind {
    fn of(command: &str) -> CommandKind {
        if ELSEWHERE.iter().any(|(known, _)| *known == command) {
            return CommandKind::Elsewhere;
        }
        let one_test = ONE_TEST.iter().find_map(|(begins, folder)| Some((command.strip_prefix(begins)?, folder)));
        if let Some((test, folder)) = one_test {
            let file = test.replace("suite ", "suite/");
            let is_there =
                root().join(folder).join("tests").join(format!("{}.rs", file.trim_end_matches("::"))).is_file();
            return if is_there { CommandKind::Elsewhere } else { CommandKind::Unknown };
        }
        let arguments = match command.strip_prefix(PROGRAM) {
            Some("") => Some(""),
            Some(rest) => rest.strip_prefix(" -- "),
            None => command.strip_prefix("conformance ").or_else(|| {
                let is_short = command.starts_with("explain ") || command.starts_with("minimize ");
                is_short.then_some(command)
            }),
        };
        match arguments.map(words) {
            // Each sweep builds for minutes: it is in ELSEWHERE, or unknown.
            Some(words) if words.first().is_some_and(|word| word == "sweep") => CommandKind::Unknown,
            Some(mut words) => {
                let is_run = words.first().is_none_or(|word| word.starts_with("--"));
                if is_run && !words.iter().any(|word| word == "--cases") {
                    words.extend(FEW.map(str::to_owned));
                }
                CommandKind::Here(words)
            }
            None => CommandKind::Unknown,
        }
    }
}

/// The bytes of a script that breaks a law: the ledger entry `goaway-on-a-stream`.
const GOAWAY_ON_A_STREAM: [u8; 17] = [0, 0, 8, 7, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0];

/// An earlier run, in which nothing was played.
fn earlier_run() -> String {
    serde_json::to_string(&Run { schema: SCHEMA, ..Run::default() }).expect("a run can be written")
}

/// Files and folders in the place of the reader's own, which the documents name.
struct StandIns {
    folder: PathBuf,
}

impl StandIns {
    fn new() -> StandIns {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("documentation");
        let stand_ins = StandIns { folder };
        let found = stand_ins.folder.join("artifacts");
        fs::create_dir_all(&found).expect("the temporary folder can be written");
        fs::write(stand_ins.folder.join("mine.toml"), example()).expect("the temporary folder can be written");
        fs::write(stand_ins.folder.join("script"), GOAWAY_ON_A_STREAM).expect("the temporary folder can be written");
        fs::create_dir_all(stand_ins.folder.join("night/runs")).expect("the temporary folder can be written");
        for earlier in ["earlier.json", "night/runs/locked.json"] {
            fs::write(stand_ins.folder.join(earlier), earlier_run()).expect("the temporary folder can be written");
        }
        let known = format!("{{ \"schema\": {SCHEMA}, \"known\": [] }}");
        for (left, content) in [("night/steps", "done\tthe suite\n"), ("night/known.json", &known)] {
            fs::write(stand_ins.folder.join(left), content).expect("the temporary folder can be written");
        }
        let copies = [("corpus/server/connect", "client"), ("corpus/classify/goaway-no-error", "artifacts/crash-1")];
        for (from, to) in copies {
            fs::copy(root().join(from), stand_ins.folder.join(to)).expect("the corpus has it");
        }
        stand_ins
    }

    /// The arguments, with the stand-ins in the place of the documents' names.
    fn put_into(&self, arguments: Vec<String>) -> Vec<String> {
        let path = |name: &str| self.folder.join(name).to_string_lossy().into_owned();
        // Only a script that breaks a law can be minimised.
        let file = if arguments.first().is_some_and(|word| word == "minimize") { "script" } else { "mine.toml" };
        let put = |argument: String| match argument.as_str() {
            "FILE" | "mine.toml" => path(file),
            "server:FILE" => format!("server:{}", path("client")),
            "DIR" => path("written"),
            "project" | "older" => path(&argument),
            "NIGHT" => path("night"),
            "run.json" => path("earlier.json"),
            "shard-1.json" | "shard-2.json" => path(&argument),
            "fuzz/artifacts/classify" => path("artifacts"),
            // Commands must not write into the sources.
            written => match written.split_once('=') {
                Some((option, file)) if file.starts_with("run.") || file.starts_with("shard-") => {
                    format!("{option}={}", path(file))
                }
                _ => argument,
            },
        };
        arguments.into_iter().map(put).collect()
    }
}

/// The example scenario of the guide.
fn example() -> String {
    let page = fs::read_to_string(root().join("conformance/src/guide/scenarios.md")).expect("it is there");
    let mut blocks = page.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next());
    let example = blocks.next().expect("the page shows a scenario").to_owned();
    assert_eq!(scenarios::parse("scenarios.md", &example).map(|scenarios| scenarios.len()).ok(), Some(1), "{example}");
    example
}

/// Runs the program. Fails if it finds something, rejects its arguments, or panics.
fn execute(arguments: &[String]) -> Result<(), String> {
    let mut program = Command::new(env!("CARGO_BIN_EXE_conformance"));
    let output = program.args(arguments).current_dir(root()).stdin(Stdio::null()).output().expect("it starts");
    let said = String::from_utf8_lossy(&output.stderr);
    match output.status.code() {
        Some(0) if !said.contains("panicked") => Ok(()),
        Some(status) => Err(format!("ends with {status}: {said}")),
        None => Err(format!("was ended by a signal: {said}")),
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn is_executable(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

/// The files of a folder.
fn files(folder: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join(folder)).expect("the folder is there");
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("it can be listed").path()).collect();
    files.retain(|path| path.is_file());
    files.sort();
    files
}

/// Every command in the documents, with its document.
fn shown() -> Vec<(String, String)> {
    let mut documents = vec![root().join("README.md"), root().join("CONTRIBUTING.md")];
    let folders = ["conformance/src/guide", "conformance/clients/src", "conformance/cli/src/guide"];
    let pages = folders.into_iter().flat_map(files);
    documents.extend(pages.filter(|path| path.extension().is_some_and(|extension| extension == "md")));
    let of = |document: PathBuf| {
        let name = document.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let text = fs::read_to_string(document).expect("documents can be read");
        commands(&text).into_iter().map(move |command| (name.clone(), command))
    };
    documents.into_iter().flat_map(of).collect()
}

/// The lines of the scripts and workflows, without comments.
fn scripts() -> Vec<String> {
    let scripts = [".ci", ".github/workflows"].into_iter().flat_map(files);
    let texts = scripts.map(|path| fs::read_to_string(path).expect("scripts can be read"));
    let lines = texts.flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>());
    lines.filter(|line| !line.trim_start().starts_with('#')).collect()
}

/// Whether a line of a script has this command, with white space around it.
fn has(line: &str, command: &str) -> bool {
    line.match_indices(command).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + command.len()..].chars().next();
        [before, after].into_iter().flatten().all(char::is_whitespace)
    })
}

/// The commands of a document, in order.
fn commands(document: &str) -> Vec<String> {
    let mut found = Vec::new();
    let (mut block, mut paragraph): (Option<&str>, String) = (None, String::new());
    for line in document.lines().chain([""]) {
        let fence = line.trim_start().strip_prefix("```");
        if fence.is_some() || line.trim().is_empty() && block.is_none() {
            found.extend(in_sentences(&std::mem::take(&mut paragraph)));
        }
        match (fence, block) {
            (Some(_), Some(_)) => block = None,
            (Some(info), None) => block = Some(info.trim()),
            (None, Some("sh")) => found.extend(Some(without_comment(line).to_owned()).filter(|line| !line.is_empty())),
            (None, Some("console" | "text")) => found.extend(in_output(line)),
            (None, Some(_)) => {}
            (None, None) => {
                paragraph.push_str(line);
                paragraph.push(' ');
            }
        }
    }
    found
}

/// The commands in the inline code of a paragraph.
fn in_sentences(paragraph: &str) -> impl Iterator<Item = String> {
    let code = paragraph.split('`').skip(1).step_by(2);
    let code = code.map(|code| code.split_whitespace().collect::<Vec<_>>().join(" "));
    code.filter(|code| {
        let named = code.split(' ').find(|word| !word.contains('=')).unwrap_or_default();
        let command = &code[code.find(named).unwrap_or_default()..];
        let is_folder = code.ends_with('/');
        BEGINNINGS.iter().any(|begin| command.starts_with(begin)) && !code.contains('…') && !is_folder
    })
}

/// The command in a line of output: one that the program suggests, or one after a prompt.
fn in_output(line: &str) -> Option<String> {
    let line = line.trim();
    let typed = line.strip_prefix("$ ");
    typed.or_else(|| Some(line).filter(|line| line.starts_with(PROGRAM))).map(str::to_owned)
}

/// A line of shell without the comment at its end.
fn without_comment(line: &str) -> &str {
    let mut quote = None;
    for (at, c) in line.char_indices() {
        match (quote, c) {
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if c == open => quote = None,
            (None, '#') if line[..at].chars().next_back().is_none_or(char::is_whitespace) => return line[..at].trim(),
            _ => {}
        }
    }
    line.trim()
}

/// The words of a command, split as a shell does.
fn words(command: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    for c in command.chars() {
        match (quote, c) {
            (None, '"' | '\'') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (Some(open), c) if c == open => quote = None,
            (None, c) if c.is_whitespace() => words.extend(word.take()),
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}
