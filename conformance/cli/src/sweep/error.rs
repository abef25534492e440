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
    /// A program cannot be started.
    #[error("{program} cannot be started: {error}. A sweep builds releases, for which it needs Rust with its cargo")]
    NoProgram {
        /// The program.
        program: String,
        /// Why not.
        error: io::Error,
    },
    /// A file of the sweep cannot be read or written.
    #[error("{} cannot be used: {error}", .path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// Why not.
        error: io::Error,
    },
    /// The suite's own sources are not where they were when this program was built.
    #[error("{}: {error}. A sweep builds the suite with each release, so it has to be run where the suite was built", .path.display())]
    NoSources {
        /// The expected file or folder.
        path: PathBuf,
        /// What is wrong with it.
        error: io::Error,
    },
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
        move |error| SweepError::File { path: path.clone(), error }
    }
}
