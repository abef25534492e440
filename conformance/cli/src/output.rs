//! Writes the results of a command: to standard output, as text or as JSON, and to files.

use super::UsageError;
use serde::Serialize;
use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

/// Writes the value as JSON if `json` asks for it, and as text unless the JSON goes to standard output.
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

/// Joins the errors of several writes into one. All are tried, even if one fails.
pub fn all<const N: usize>(written: [Result<(), UsageError>; N]) -> Result<(), UsageError> {
    let wrong: Vec<String> = written.into_iter().filter_map(Result::err).map(|UsageError(message)| message).collect();
    if wrong.is_empty() { Ok(()) } else { Err(UsageError(wrong.join("; "))) }
}

fn to_json(value: &impl Serialize) -> String {
    let mut written = serde_json::to_string_pretty(value)
        .expect("reports are strings, numbers, lists and maps with string keys, which JSON can represent");
    written.push('\n');
    written
}

/// Writes to standard output. A reader that closes it early, as `head` does, is no error.
pub fn to_stdout(text: &str) -> Result<(), UsageError> {
    let mut stdout = anstream::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(UsageError(format!("standard output cannot be written: {error}")))
        }
        _ => Ok(()),
    }
}

/// Writes a line to standard error. Errors are ignored: there is nowhere to report them.
pub fn to_stderr(line: &str) {
    let _ = writeln!(anstream::stderr(), "{line}");
}

/// Writes a file.
pub fn to_file(path: &Path, text: &str) -> Result<(), UsageError> {
    fs::write(path, text).map_err(|error| unwritable(path, &error))
}

/// Checks whether a file can be written, before a run whose results would be lost. An existing file keeps its
/// content; a new one is removed again.
pub fn can_be_written(path: &Path) -> Result<(), UsageError> {
    let was_there = path.exists();
    OpenOptions::new().create(true).append(true).open(path).map_err(|error| unwritable(path, &error))?;
    if was_there { Ok(()) } else { fs::remove_file(path).map_err(|error| unwritable(path, &error)) }
}

/// The error for a file that cannot be written.
pub fn unwritable(path: &Path, error: &io::Error) -> UsageError {
    UsageError(format!("{} cannot be written: {error}", path.display()))
}
