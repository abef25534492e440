//! The projects that `reproduce` writes, without building them: `.ci/reproduce` builds and runs them.

use conformance::vocabulary::StackName;
use conformance_cli::{
    UsageError,
    reproduce::{every_case, reproduce},
};
use std::{collections::HashSet, fs, path::PathBuf};

/// The most lines of a program.
const MOST_LINES: usize = 110;

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
        for text in [&project.manifest, &project.program, &project.issue] {
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
    let issue = &project.issue;
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
fn what_has_no_fault_or_no_connection_is_refused() {
    let several = folder("several").join("several.toml");
    let scenario = "[[scenario]]\nsteps = [{ close = \"eof\" }]\n";
    fs::write(&several, scenario.repeat(2)).expect("it can be written");
    let several = several.to_string_lossy();
    let refused = [
        ("goaway-below-our-stream", "shows no fault"),
        ("operation was canceled: connection closed", "has no connection"),
        ("chain:arc > io(TimedOut) > hyper:goaway(NO_ERROR) in head", "has no connection"),
        (&several, "several scenarios"),
        ("no-such-scenario", "is not a scenario"),
        ("hex:", "nothing follows `hex:`"),
        ("cancelled-upload-goes-on", "the application cancels a request"),
    ];
    for (case, message) in refused {
        assert!(said(reproduce(case, None)).contains(message), "{case}: {}", said(reproduce(case, None)));
    }
}
