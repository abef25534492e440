use std::{io, path::PathBuf};

/// Why a sweep could not be done.
#[derive(Debug, thiserror::Error)]
pub enum SweepError {
    /// It was told to stop.
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
    /// The suite's own sources are needed, and are not where they were when this program was built.
    #[error("{}: {error}. A sweep builds the suite with each release, so it has to be run where the suite was built", .path.display())]
    NoSources {
        /// Where they are looked for.
        path: PathBuf,
        /// What is wrong with them.
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
