use crate::vocabulary::StackName;
use serde::Deserialize;
use std::{env, fs, path::Path};

/// The lock file of cargo, as far as it is read.
#[derive(Deserialize)]
struct Lock {
    #[serde(default)]
    package: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    version: String,
}

/// The crates whose errors a classifier for this stack reads, each with the beginning of its version.
fn crates(stack: StackName) -> &'static [(&'static str, &'static str)] {
    match stack {
        StackName::Legacy => &[("hyper", "0.14."), ("h2", "0.3.")],
        StackName::Modern => &[("hyper", "1."), ("h2", "0.4."), ("hyper-util", "0.1.")],
    }
}

/// The versions of the stacks under test, from the `Cargo.lock` at or above the `CARGO_MANIFEST_DIR` of the running test.
/// `None` if there is none, or if it does not have them.
pub(super) fn under_test(stacks: &[StackName]) -> Option<Vec<String>> {
    let folder = env::var_os("CARGO_MANIFEST_DIR")?;
    let lock = Path::new(&folder).ancestors().find_map(|folder| fs::read_to_string(folder.join("Cargo.lock")).ok())?;
    named_in(&lock, stacks)
}

fn named_in(lock: &str, stacks: &[StackName]) -> Option<Vec<String>> {
    let Lock { package } = toml::from_str(lock).ok()?;
    let of = |(name, begins): &(&str, &str)| {
        let found = package.iter().find(|package| package.name == *name && package.version.starts_with(begins))?;
        Some(format!("{name} {}", found.version))
    };
    stacks.iter().flat_map(|stack| crates(*stack)).map(of).collect()
}
