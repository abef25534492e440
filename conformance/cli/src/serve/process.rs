//! Processes of clients: the words of their command, their end, and the files that are written for them.

use crate::UsageError;
use std::{
    env,
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
    process::{self, Command},
    sync::atomic::{AtomicU64, Ordering},
};

/// The words of a command. The first is a program that there is.
pub(super) fn words(command: &str) -> Result<Vec<String>, UsageError> {
    let words = shlex::split(command).filter(|words| !words.is_empty());
    let words = words.ok_or_else(|| UsageError(format!("`{command}` is no command")))?;
    if is_there(Path::new(&words[0])) {
        Ok(words)
    } else {
        Err(UsageError(format!("there is no program `{}`", words[0])))
    }
}

/// Whether there is such a file, or one in a folder of `PATH` if it is only a name.
fn is_there(program: &Path) -> bool {
    let is_name = program.components().count() == 1;
    let folders = env::var_os("PATH").unwrap_or_default();
    program.is_file() || (is_name && env::split_paths(&folders).any(|folder| folder.join(program).is_file()))
}

/// A process and what it has started, which end when this is dropped.
pub(super) struct Group {
    #[cfg(unix)]
    leader: Option<rustix::process::Pid>,
}

impl Group {
    /// Makes the process that the command will start lead a group of its own.
    pub(super) fn lead(command: &mut Command) {
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(command, 0);
        #[cfg(not(unix))]
        let _ = command;
    }

    /// The group that this process leads.
    #[cfg_attr(not(unix), allow(unused_variables))]
    pub(super) fn of(process: Option<u32>) -> Group {
        Group {
            #[cfg(unix)]
            leader: process.and_then(|id| rustix::process::Pid::from_raw(i32::try_from(id).ok()?)),
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        #[cfg(unix)]
        if let Some(leader) = self.leader {
            // Usually it has ended already.
            let _ = rustix::process::kill_process_group(leader, rustix::process::Signal::KILL);
        }
    }
}

/// A name in the folder for temporary files that nobody else uses.
fn temporary() -> PathBuf {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    env::temp_dir().join(format!("conformance-{}-{number}", process::id()))
}

/// A file that is deleted when it is dropped.
pub(super) struct TemporaryFile(PathBuf);

impl TemporaryFile {
    pub(super) fn new(content: &[u8]) -> io::Result<TemporaryFile> {
        let path = temporary();
        File::create_new(&path)?.write_all(content)?;
        Ok(TemporaryFile(path))
    }

    pub(super) fn path(&self) -> String {
        self.0.display().to_string()
    }
}

impl Drop for TemporaryFile {
    fn drop(&mut self) {
        // It is in the folder for temporary files.
        let _ = fs::remove_file(&self.0);
    }
}

/// A folder that is deleted when it is dropped.
pub(super) struct TemporaryFolder(PathBuf);

impl TemporaryFolder {
    pub(super) fn new() -> io::Result<TemporaryFolder> {
        let path = temporary();
        fs::create_dir(&path)?;
        Ok(TemporaryFolder(path))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for TemporaryFolder {
    fn drop(&mut self) {
        // It is in the folder for temporary files.
        let _ = fs::remove_dir_all(&self.0);
    }
}
