use std::{
    io,
    path::{Path, PathBuf},
};

/// Why a sweep could not be done.
#[derive(Debug, thiserror::Error)]
pub enum SweepError {
    /// Ctrl-C stopped it.
    #[error("the sweep was stopped")]
    Stopped,
    /// This program cannot be started.
    #[error("{0} cannot be started: {1}. A sweep builds releases, for which it needs Rust with its cargo")]
    NoProgram(String, io::Error),
    /// This file or folder of the sweep cannot be read or written.
    #[error("{path} cannot be used: {1}", path = .0.display())]
    File(PathBuf, io::Error),
    /// This file or folder of the suite's own sources is not where it was when this program was built.
    #[error("{path}: {1}. A sweep builds the suite with each release, so it has to be run where the suite was built", path = .0.display())]
    NoSources(PathBuf, io::Error),
    /// cargo fails, and not because of a release.
    #[error("cargo: {0}")]
    Cargo(String),
    /// There is no such release.
    #[error("no release of {name} is in the range {range}; the suite knows {known}")]
    NoRelease {
        /// The crate.
        name: String,
        /// The range, as a requirement.
        range: String,
        /// The lines of releases that the suite knows.
        known: String,
    },
}

impl SweepError {
    /// Makes the error for this file or folder.
    pub(super) fn file(path: &Path) -> impl Fn(io::Error) -> SweepError {
        let path = path.to_owned();
        move |error| SweepError::File(path.clone(), error)
    }
}
