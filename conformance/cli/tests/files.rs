//! The files that the crates find by a relative path exist: scenarios, corpora, snapshots, the lock file, the sources.

use conformance::{
    report::{locked, versions},
    scenarios::{self, THEMES},
};
use conformance_cli::{
    input::{Found, corpus, find},
    sweep::Suite,
};
use conformance_clients::TARGETS;
use std::{
    fs,
    path::{Path, PathBuf},
};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The number of files in a folder whose names have this ending.
fn count(folder: &str, end: &str) -> usize {
    let entries = fs::read_dir(root().join(folder)).unwrap_or_else(|error| panic!("{folder}: {error}"));
    entries.filter(|entry| entry.as_ref().is_ok_and(|entry| entry.path().to_string_lossy().ends_with(end))).count()
}

#[test]
fn every_scenario_file_is_a_theme() {
    assert_eq!(count("conformance/scenarios", ".toml"), THEMES.len());
    assert!(THEMES.len() >= 13, "{} themes", THEMES.len());
}

#[test]
fn every_scenario_has_a_snapshot() {
    let scenarios = scenarios::built_in().expect("they are valid");
    assert!(scenarios.len() >= 183, "{} scenarios", scenarios.len());
    for scenario in scenarios {
        let snapshot = root().join("snapshots").join(format!("{}.snap", scenario.name));
        assert!(snapshot.is_file(), "{} is missing", snapshot.display());
    }
}

#[test]
fn every_fuzz_target_has_a_corpus_and_the_program_replays_the_corpus_of_scripts() {
    for target in TARGETS {
        assert!(count(&format!("corpus/{}", target.name), "") >= 30, "the corpus of {} is nearly empty", target.name);
    }
    assert!(corpus(None).expect("it can be read").0.len() >= 143);
    assert!(matches!(find("server:dropped-tunnel", false), Ok(Found::Client(..))), "its file is there");
}

#[test]
fn the_program_holds_its_corpora_wherever_it_runs() {
    let program = fs::read(env!("CARGO_BIN_EXE_conformance")).expect("it can be read");
    for (corpus, file) in [("classify", "goaway-no-error"), ("server", "connect")] {
        let bytes = fs::read(root().join("corpus").join(corpus).join(file)).expect("it is there");
        assert!(program.windows(bytes.len()).any(|part| part == bytes), "{file} is not in the program");
    }
    let (embedded, _) = corpus(None).expect("it is there");
    for (name, bytes) in embedded {
        let file = root().join("corpus/classify").join(&name);
        assert_eq!(fs::read(&file).expect("it is there"), bytes, "{}", file.display());
    }
}

#[test]
fn the_lock_file_has_the_versions_under_test() {
    assert!(locked().len() > 100, "{} crates are locked", locked().len());
    for version in versions() {
        assert!(version.version.starts_with(|c: char| c.is_ascii_digit()), "{}: {}", version.name, version.version);
    }
}

#[test]
fn a_sweep_finds_the_sources() {
    let suite = Suite::own().unwrap_or_else(|error| panic!("{error}"));
    assert!(suite.default_folder().ends_with("target/sweep"));
}
