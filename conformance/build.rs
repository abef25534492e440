//! Reads the versions of the crates from the lock file, so that reports name the versions under test.

use std::{env, fs, path::PathBuf};

/// For each crate under test: the environment variable, the name, and the start of the version.
const CRATES: [(&str, &str, &str); 4] = [
    ("VERSION_HYPER_014", "hyper", "0.14."),
    ("VERSION_H2_03", "h2", "0.3."),
    ("VERSION_HYPER_1", "hyper", "1."),
    ("VERSION_H2_04", "h2", "0.4."),
];

fn main() {
    let manifest = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let path = manifest.join("../Cargo.lock");
    println!("cargo:rerun-if-changed={}", path.display());
    // A package built on its own has no workspace lock file: the versions are unknown.
    let lock = fs::read_to_string(path).unwrap_or_default();
    let packages: Vec<Package> = lock.split("[[package]]").filter_map(Package::read).collect();
    for (variable, name, begins) in CRATES {
        let found = packages.iter().find(|package| package.name == name && package.version.starts_with(begins));
        println!(
            "cargo:rustc-env={variable}={}",
            found.map_or("of unknown version".into(), Package::version_and_source)
        );
    }
    // The crates of this workspace are not dependencies.
    let others = packages.iter().filter(|package| !package.name.starts_with("conformance"));
    let all: Vec<_> = others.map(|package| format!("{}={}", package.name, package.version_and_source())).collect();
    println!("cargo:rustc-env=LOCKED={}", all.join(";"));
}

/// A package of the lock file.
struct Package<'lock> {
    name: &'lock str,
    version: &'lock str,
    source: Option<&'lock str>,
}

impl<'lock> Package<'lock> {
    fn read(table: &'lock str) -> Option<Package<'lock>> {
        let value =
            |key: &str| table.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(" = \"")?.strip_suffix('"'));
        Some(Package { name: value("name")?, version: value("version")?, source: value("source") })
    }

    /// Its version, and its source if that is not a registry.
    fn version_and_source(&self) -> String {
        const SHOWN: usize = 7;
        match self.source {
            Some(source) if source.starts_with("registry+") => self.version.to_owned(),
            Some(source) => {
                let commit = source.rsplit_once('#').map_or(source, |(_, commit)| commit);
                format!("{} at {}", self.version, &commit[..commit.len().min(SHOWN)])
            }
            None => format!("{} from a folder", self.version),
        }
    }
}
