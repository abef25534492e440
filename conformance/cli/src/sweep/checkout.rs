//! A checkout of a crate, which is played like a release.

use super::{LINES, Line, SweepError, cargo::package};
use semver::Version;
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// The sources of a crate in a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkout {
    /// The folder, as an absolute path.
    pub folder: PathBuf,
    /// The version in its manifest.
    pub version: Version,
}

impl Checkout {
    /// The sources of this crate in a folder.
    ///
    /// # Errors
    ///
    /// If its manifest cannot be read, or is that of another crate.
    pub fn read(name: &str, folder: &Path) -> Result<Checkout, SweepError> {
        let folder = fs::canonicalize(folder).map_err(SweepError::file(folder))?;
        let path = folder.join("Cargo.toml");
        let unusable = SweepError::file(&path);
        let manifest: toml::Table =
            fs::read_to_string(&path).map_err(&unusable)?.parse().map_err(|error| unusable(io::Error::other(error)))?;
        match manifest.get("package").and_then(package) {
            Some((found, version)) if found == name => Ok(Checkout { folder, version }),
            _ => Err(unusable(io::Error::other(format!("it is not the manifest of {name} with a version")))),
        }
    }

    /// The line of releases that it continues.
    pub fn line(&self, name: &str) -> Option<&'static Line> {
        let Version { major, minor, patch, .. } = self.version;
        // A pre-release is in no range.
        let released = Version::new(major, minor, patch);
        LINES.iter().find(|line| line.name == name && line.versions.contains(&released))
    }
}
