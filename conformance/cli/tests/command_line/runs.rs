//! The main job: what a run shows, writes, compares and exits with.

use crate::{conformance, file, folder, part, refused, text, with_input};
use conformance::{
    http2::{Frame, StreamId},
    report::{layout::WIDTH, shards::Shard},
    run::{self, RunConfig},
    scenarios,
    script::Script,
    stacks::Profile,
};
use conformance_cli::{listing::Listing, terminal::summary};
use std::{
    fs,
    io::Read,
    path::PathBuf,
    process::{Command, Stdio},
};

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
const TABLES: [&str; 6] = [
    "theme ",
    "phase ",
    "   scripts  known divergence",
    "   scripts  changed what must not matter",
    "RFC 9113   clauses ",
    "RFC 9113  for senders ",
];

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
        assert_eq!(shown.contains("default settings (held to the laws only: 11 scenarios)"), profile == "defaults");
        assert_eq!(TABLES.into_iter().find(|heading| has_table(&shown, heading)), None, "{shown}");
    }
}

#[test]
fn a_short_run_of_a_healthy_tree_passes() {
    let shown = explained(&["--cases", "10", "--error-chains", "0"]);
    assert!(shown.contains("Nothing new is wrong: ") && !shown.contains("unexplained"), "{shown}");
    // The scenarios alone meet every required clause.
    let coverage = shown.lines().find_map(|line| line.strip_prefix("Coverage: ")).expect("it is its own line");
    let (met, of) = coverage.split_once(" of ").expect("it counts the clauses");
    assert_eq!(of, format!("{met} required clauses were met."));
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
    let run = run::run(
        &RunConfig { scenarios, corpus, cases: 0, error_chains: 0, seed: 1, profile, shard: Shard::WHOLE },
        &(),
    );
    let shown = anstream::adapter::strip_str(&summary(&run, true, WIDTH)).to_string();
    let counts = shown.lines().find_map(|line| line.strip_prefix("mine ")).expect("the theme has a line");
    assert_eq!(counts.split_whitespace().collect::<Vec<_>>(), ["2", "1", "0", "0", "1"], "{shown}");
    let copy = with_input(&["explain", "-"], part(&shown, "The script").as_bytes());
    assert!(text(&copy.stdout).starts_with("wrong\n"), "{shown}\n{}", text(&copy.stderr));
    assert!(shown.contains("\n\nNothing explains 1 finding:\n  wrong: expectation"), "{shown}");
    assert!(shown.contains("\n1 unexplained: 2 scenarios, 0 corpus files"), "{shown}");
}

#[test]
fn a_run_exits_with_0_if_everything_is_explained_and_with_1_if_not() {
    let run = |name: &str, script: &Script| {
        let corpus = folder(name);
        fs::write(corpus.join("script"), script.encode()).expect("the file can be written");
        conformance(&["--cases", "0", "--error-chains", "0", "--corpus", corpus.to_str().expect("its path is text")])
    };
    let healthy = run("healthy", &Script::answering([Frame::response(StreamId::FIRST, 200).end_stream()]));
    assert_eq!(healthy.status.code(), Some(0), "{}", text(&healthy.stdout));
    let unexplained = scenarios::parse("unexplained", include_str!("../../../tests/unexplained.toml"));
    let wrong = run("wrong", &unexplained.expect("it is valid")[0].script);
    assert_eq!(wrong.status.code(), Some(1), "{}", text(&wrong.stdout));
    assert!(text(&wrong.stdout).contains("1 unexplained"), "{}", text(&wrong.stdout));
}

#[test]
fn one_seed_gives_one_result() {
    let run = || conformance(&["--cases", "3000", "--error-chains", "0", "--seed", "77", "--json"]).stdout;
    let (first, second) = (run(), run());
    assert!(text(&first).contains("\"digest\""));
    assert_eq!(text(&first), text(&second));
}

#[test]
fn the_main_job_explains_everything_with_the_default_settings_of_the_stacks() {
    let shown = explained(&["--profile", "defaults", "--cases", "2000", "--error-chains", "0", "--verbose"]);
    assert!(
        shown.contains("Held to the laws only")
            && shown.contains(": 11 scenarios")
            && shown.contains("the-peer-falls-silent"),
        "{shown}"
    );
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
    for same in ["--html=same", "--html=./same"] {
        refused(&conformance(&["--json=same", same]), &["same was given for two forms"]);
    }
}

#[test]
#[cfg(unix)]
fn a_file_is_written_where_a_link_leads_whether_or_not_it_is_there() {
    let folder = folder("linked");
    let (link, file) = (folder.join("link.json"), folder.join("file.json"));
    std::os::unix::fs::symlink("file.json", &link).expect("it can be linked");
    for _ in ["not there", "there"] {
        assert_eq!(conformance(&["list", &format!("--json={}", link.display())]).status.code(), Some(0));
        assert!(link.is_symlink() && file.is_file());
    }
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
fn the_shards_of_a_run_are_merged_to_the_whole() {
    let folder = folder("shards");
    let few = ["--cases", "1000", "--error-chains", "1000"];
    let written = |name: &str, arguments: &[&str]| {
        let path = folder.join(name).display().to_string();
        let output = conformance(&[arguments, &[&format!("--json={path}")]].concat());
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        (path, text(&output.stdout))
    };
    let shards =
        ["1/2", "2/2"].map(|shard| written(&shard.replace('/', "-of-"), &[&few[..], &["--shard", shard]].concat()));
    assert!(shards[1].1.contains(", seed 1, shard 2/2\n"), "{}", shards[1].1);
    let whole = written("whole", &few);
    let merged = written("merged", &["merge", &shards[1].0, &shards[0].0]);
    assert_eq!(merged.1, whole.1);
    assert!(fs::read(&merged.0).expect("it is written") == fs::read(&whole.0).expect("it is written"));
    refused(&conformance(&["merge", &shards[0].0]), &["these are missing: 2"]);
    refused(&conformance(&["merge", &whole.0]), &["is of a whole run"]);
    refused(&conformance(&["--shard", "3/2"]), &["such as 1/4"]);
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
