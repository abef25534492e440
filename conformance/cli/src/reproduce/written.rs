//! The projects that are written, and where.

use super::{Reproduction, manifest::MARK};
use crate::{
    UsageError,
    output::{unwritable, write_whole},
};
use conformance::{report::SCHEMA, vocabulary::StackName};
use serde::{Deserialize, Serialize};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

impl Reproduction {
    /// Writes the project, with the bug report if that is wanted.
    ///
    /// # Errors
    ///
    /// If the folder has something that this command did not write, or cannot be written.
    pub fn write(self, folder: &Path, with_issue: bool) -> Result<WrittenProject, UsageError> {
        if with_issue && self.issue.is_none() {
            return Err(UsageError(format!("{} shows no fault to report: leave out `--issue`", self.name)));
        }
        may_be_written(folder)?;
        let sources = folder.join("src");
        fs::create_dir_all(&sources).map_err(|error| unwritable(&sources, &error))?;
        let issue = self.issue.as_ref().filter(|_| with_issue).map(|issue| (folder.join("issue.md"), issue));
        let files = [(folder.join("Cargo.toml"), &self.manifest), (sources.join("main.rs"), &self.program)];
        for (path, text) in files.into_iter().chain(issue) {
            write_whole(&path, text.as_bytes()).map_err(|error| unwritable(&path, &error))?;
        }
        let lines = self.program.lines().count();
        let Reproduction { name, stack, is_faulty, .. } = self;
        Ok(WrittenProject { name, folder: folder.to_owned(), stack, is_faulty, lines })
    }
}

/// The projects that `reproduce` has written, as its JSON.
#[derive(Debug, Serialize, Deserialize)]
pub struct WrittenProjects {
    /// [`SCHEMA`].
    pub schema: u32,
    /// The projects.
    pub projects: Vec<WrittenProject>,
}

/// A project that was written.
#[derive(Debug, Serialize, Deserialize)]
pub struct WrittenProject {
    /// The name of the package and its program.
    pub name: String,
    /// Where it is.
    pub folder: PathBuf,
    /// The stack that it uses.
    pub stack: StackName,
    /// Whether it shows the fault with the locked versions of this stack.
    pub is_faulty: bool,
    /// The number of lines of its program.
    pub lines: usize,
}

impl Default for WrittenProjects {
    fn default() -> WrittenProjects {
        WrittenProjects { schema: SCHEMA, projects: Vec::new() }
    }
}

impl WrittenProjects {
    /// A line for each project.
    pub fn text(&self) -> String {
        let line = |project: &WrittenProject| {
            let WrittenProject { folder, stack, is_faulty, lines, .. } = project;
            let ends = match is_faulty {
                true => "exits with 1 until the fault is gone",
                false => "exits with 0, as these versions do not have the fault",
            };
            format!("{}: {}, {lines} lines; `cargo run` in it {ends}\n", folder.display(), stack.crates())
        };
        self.projects.iter().map(line).collect()
    }
}

/// Checks that the folder is new or empty, or was written by this command.
fn may_be_written(folder: &Path) -> Result<(), UsageError> {
    let mut entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(unwritable(folder, &error)),
    };
    let is_own = fs::read_to_string(folder.join("Cargo.toml"))
        .is_ok_and(|manifest| manifest.lines().next().is_some_and(|line| line.ends_with(MARK)));
    match is_own || entries.next().is_none() {
        true => Ok(()),
        false => {
            let shown = folder.display();
            Err(UsageError(format!(
                "{shown} has files that `reproduce` did not write: give another folder with `--to`, or empty it"
            )))
        }
    }
}
