//! Imports between the floors of the crate run one way, and only the files for a version name versioned crates.

use conformance::{
    ledger,
    metamorphic::TRANSFORMATIONS,
    oracles::{LAWS, Law, chains::CHAIN_LAWS},
    servers,
};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// The floors, lowest first. A file may use its own module and modules of lower floors.
const FLOORS: &[&[&str]] = &[
    &["http2", "vocabulary"],
    &["script"],
    &["peer", "chain"],
    &["stacks", "classifiers"],
    &["rfc9113"],
    &["outcome", "error_catalog", "client_driver"],
    &["comparison", "error_chains", "error_texts"],
    &["generators", "minimize", "scenarios", "metamorphic", "frame_logs"],
    &["oracles"],
    &["ledger"],
    &["servers"],
    &["judge"],
    &["report"],
    &["check"],
    &["run"],
    &["fuzz"],
    &["guide", "lib"],
];

/// The renamed crates of both generations.
const VERSIONED: &[&str] = &["hyper_014", "h2_03", "http_02", "hyper_1", "h2_04", "http_1", "hyper_util"];

/// The only files that may name them, as path prefixes.
const NAME_VERSIONS: &[&str] = &["stacks/legacy/", "stacks/modern/", "classifiers/legacy.rs", "classifiers/modern.rs"];

/// The path below `src` and the text of every source file.
fn sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![root.clone()];
    let mut sources = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("the sources can be listed") {
            let path: PathBuf = entry.expect("the sources can be listed").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(&root).expect("it is below the root").to_string_lossy().into_owned();
                sources.push((name, fs::read_to_string(path).expect("the sources can be read")));
            }
        }
    }
    sources
}

fn module_of(file: &str) -> &str {
    let first = file.split('/').next().unwrap_or(file);
    first.strip_suffix(".rs").unwrap_or(first)
}

fn floor_of(module: &str) -> usize {
    FLOORS.iter().position(|floor| floor.contains(&module)).unwrap_or_else(|| panic!("{module} has no floor"))
}

/// The modules of this crate that a source names outside comments.
fn used(source: &str) -> Vec<String> {
    let code: String =
        source.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
    let mut found = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        if code[..at].ends_with('$') {
            continue;
        }
        let rest = &code[at + "crate::".len()..];
        if let Some(group) = rest.strip_prefix('{') {
            found.extend(names_of_group(group));
        } else {
            found.push(rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default().to_owned());
        }
    }
    found
}

/// The first names of `{a::b, c::{d, e}, …}`, after the opening brace.
fn names_of_group(group: &str) -> Vec<String> {
    let mut names = Vec::new();
    let (mut depth, mut name) = (0, String::new());
    let mut in_path = false;
    for c in group.chars() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                names.push(std::mem::take(&mut name));
                in_path = false;
            }
            ':' if depth == 0 => in_path = true,
            c if depth == 0 && !in_path && (c.is_alphanumeric() || c == '_') => name.push(c),
            _ => {}
        }
    }
    names.push(name);
    names.retain(|name| !name.is_empty());
    names
}

#[test]
fn no_import_runs_up() {
    for (file, source) in sources() {
        let module = module_of(&file);
        let floor = floor_of(module);
        for other in used(&source) {
            if other == module || file == "lib.rs" {
                continue;
            }
            assert!(floor_of(&other) < floor, "{file} uses {other}, which is not on a lower floor");
        }
    }
}

/// Whether the source names this crate: as the start of a path, or to give it another name.
fn names_crate(source: &str, name: &str) -> bool {
    source.contains(&format!("{name}::")) || source.contains(&format!("{name} as "))
}

#[test]
fn only_the_files_for_a_version_name_versioned_crates() {
    for (file, source) in sources() {
        if NAME_VERSIONS.iter().any(|begin| file.starts_with(begin)) {
            continue;
        }
        for name in VERSIONED {
            assert!(!names_crate(&source, name), "{file} names {name}");
        }
    }
}

#[test]
fn legacy_files_name_no_modern_crate_and_modern_files_no_legacy_crate() {
    for (file, source) in sources() {
        let begins = |folder: &str, stack: &str| file.starts_with(&format!("{folder}/{stack}"));
        let of = |stack: &str| begins("stacks", stack) || begins("classifiers", stack);
        let foreign: &[&str] = if of("legacy") {
            &["hyper_1", "h2_04", "http_1", "hyper_util"]
        } else if of("modern") {
            &["hyper_014", "h2_03", "http_02"]
        } else {
            continue;
        };
        for name in foreign {
            assert!(!names_crate(&source, name), "{file} names {name}");
        }
    }
}

#[test]
fn the_manifest_renames_every_versioned_crate() {
    let manifest = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml")).expect("it is there");
    for name in ["h2", "hyper", "http"] {
        assert!(!manifest.lines().any(|line| line.starts_with(&format!("{name}."))), "the manifest has a bare {name}");
    }
}

/// Asserts that the names in a list are those of the files in its folder, apart from `helpers` and `mod.rs`.
fn each_has_its_file(folder: &str, names: impl IntoIterator<Item = String>, helpers: &[&str]) {
    let files = sources().into_iter().filter_map(|(file, _)| {
        let name = file.strip_prefix(folder)?.strip_prefix('/')?.strip_suffix(".rs")?.to_owned();
        (!name.contains('/') && name != "mod" && !helpers.contains(&name.as_str())).then_some(name)
    });
    let files: BTreeSet<String> = files.collect();
    let names: Vec<String> = names.into_iter().map(|name| name.replace('-', "_")).collect();
    assert_eq!(files, names.iter().cloned().collect(), "the files of {folder} differ from its list");
    assert_eq!(files.len(), names.len(), "the list of {folder} has a name twice");
}

#[test]
fn every_list_has_one_name_for_each_file_in_its_folder() {
    let entries = ledger::entries().map(|entry| entry.name.to_owned());
    each_has_its_file("ledger", entries, &["assertions", "exchange", "frames", "harm", "search"]);
    each_has_its_file("servers/ledger", servers::ledger::LEDGER.iter().map(|entry| entry.name.to_owned()), &[]);
    each_has_its_file("metamorphic", TRANSFORMATIONS.iter().map(|transformation| transformation.name.to_owned()), &[]);
    // Scenarios and transformations have laws of their own.
    let laws = LAWS.iter().chain(CHAIN_LAWS).chain(&[Law::Expectation, Law::Invariance]);
    let laws: BTreeSet<String> = laws.map(ToString::to_string).collect();
    each_has_its_file("oracles", laws, &["chains", "clients", "handed_back"]);
}
