//! Reads the versions of the stacks from the lock file, so that reports say what was really under test.

use std::{env, fs, path::PathBuf};

/// The environment variable of each crate under test, its name, and how its version begins.
const CRATES: [(&str, &str, &str); 5] = [
    ("VERSION_HYPER_014", "hyper", "0.14."),
    ("VERSION_H2_03", "h2", "0.3."),
    ("VERSION_HYPER_1", "hyper", "1."),
    ("VERSION_H2_04", "h2", "0.4."),
    ("VERSION_AWS_SMITHY_HTTP_CLIENT", "aws-smithy-http-client", ""),
];

fn main() {
    let manifest = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let path = manifest.join("../Cargo.lock");
    println!("cargo:rerun-if-changed={}", path.display());
    // Without the workspace's lock file (a package built on its own) the versions are not known.
    let lock = fs::read_to_string(path).unwrap_or_default();
    for (variable, name, begins) in CRATES {
        println!("cargo:rustc-env={variable}={}", locked(&lock, name, begins).unwrap_or("of unknown version"));
    }
}

fn locked<'lock>(lock: &'lock str, name: &str, begins: &str) -> Option<&'lock str> {
    lock.split("[[package]]").find_map(|package| {
        let value = |key: &str| {
            package.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(" = \"")?.strip_suffix('"'))
        };
        (value("name") == Some(name)).then(|| value("version"))?.filter(|version| version.starts_with(begins))
    })
}
