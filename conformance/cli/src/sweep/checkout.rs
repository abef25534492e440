//! A checkout of a crate, which is played as its releases are.

use super::{LINES, Line, SweepError};
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
    /// The version that its manifest says.
    pub version: Version,
}

impl Checkout {
    /// The sources of this crate in a folder.
    ///
    /// # Errors
    ///
    /// If its manifest cannot be read, or is that of another crate.
    pub fn read(name: &str, folder: &Path) -> Result<Checkout, SweepError> {
        let unusable = |error| SweepError::File { path: folder.to_owned(), error };
        let folder = fs::canonicalize(folder).map_err(unusable)?;
        let path = folder.join("Cargo.toml");
        let unusable = |error| SweepError::File { path: path.clone(), error };
        let manifest: toml::Table =
            fs::read_to_string(&path).map_err(unusable)?.parse().map_err(|error| unusable(io::Error::other(error)))?;
        let value = |key: &str| manifest.get("package").and_then(|package| package.get(key)?.as_str());
        let version = value("version").and_then(|version| Version::parse(version).ok());
        match version.filter(|_| value("name") == Some(name)) {
            Some(version) => Ok(Checkout { folder, version }),
            None => Err(unusable(io::Error::other(format!("it is not the manifest of {name} with a version")))),
        }
    }

    /// The line of releases that it goes on with.
    pub fn line(&self, name: &str) -> Option<&'static Line> {
        let Version { major, minor, patch, .. } = self.version;
        // A pre-release is in no range.
        let released = Version::new(major, minor, patch);
        LINES.iter().find(|line| line.name == name && line.versions.contains(&released))
    }
}
