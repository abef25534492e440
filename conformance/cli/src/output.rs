//! Where a command writes to: standard output, as text or as JSON, and files beside that.

use super::UsageError;
use serde::Serialize;
use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

/// Writes the value as JSON where that was asked for, and as text unless JSON went to standard output.
pub fn write(
    json: &Option<Option<PathBuf>>,
    value: &impl Serialize,
    text: impl FnOnce() -> String,
) -> Result<(), UsageError> {
    match json {
        Some(None) => to_stdout(&to_json(value)),
        Some(Some(path)) => all([to_stdout(&text()), to_file(path, &to_json(value))]),
        None => to_stdout(&text()),
    }
}

/// What went wrong with any of these. One that cannot be written does not keep the others from it.
pub fn all<const N: usize>(written: [Result<(), UsageError>; N]) -> Result<(), UsageError> {
    let wrong: Vec<String> = written.into_iter().filter_map(Result::err).map(|UsageError(message)| message).collect();
    if wrong.is_empty() { Ok(()) } else { Err(UsageError(wrong.join("; "))) }
}

fn to_json(value: &impl Serialize) -> String {
    let mut written = serde_json::to_string_pretty(value)
        .expect("reports are strings, numbers, lists and maps with string keys: JSON can say all of them");
    written.push('\n');
    written
}

/// Writes to standard output. Whoever reads it may have seen enough and closed it; that is no error.
pub fn to_stdout(text: &str) -> Result<(), UsageError> {
    let mut stdout = anstream::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(UsageError(format!("standard output cannot be written: {error}")))
        }
        _ => Ok(()),
    }
}

/// Writes a line to standard error. There is nobody to be told if that cannot be done.
pub fn to_stderr(line: &str) {
    let _ = writeln!(anstream::stderr(), "{line}");
}

/// Writes a file.
pub fn to_file(path: &Path, text: &str) -> Result<(), UsageError> {
    fs::write(path, text).map_err(|error| unwritable(path, &error))
}

/// Finds out whether a file can be written, before there is anything that would be lost if it cannot. What is there stays,
/// and what is not there is not there afterwards.
pub fn can_be_written(path: &Path) -> Result<(), UsageError> {
    let was_there = path.exists();
    OpenOptions::new().create(true).append(true).open(path).map_err(|error| unwritable(path, &error))?;
    if was_there { Ok(()) } else { fs::remove_file(path).map_err(|error| unwritable(path, &error)) }
}

/// The error for a file that cannot be written.
pub fn unwritable(path: &Path, error: &io::Error) -> UsageError {
    UsageError(format!("{} cannot be written: {error}", path.display()))
}
