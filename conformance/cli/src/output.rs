//! Output of the commands: text or JSON on standard output, and files beside it.

use super::UsageError;
use serde::Serialize;
use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

/// Where `--json` sends the JSON: nowhere, to standard output, or to a file.
pub type Json = Option<Option<PathBuf>>;

/// Writes the value as JSON if that was asked for, and as text unless the JSON goes to standard output.
pub fn write(json: &Json, value: &impl Serialize, text: impl FnOnce() -> String) -> Result<(), UsageError> {
    match json {
        Some(None) => to_stdout(&to_json(value)),
        Some(Some(path)) => all([to_stdout(&text()), to_file(path, &to_json(value))]),
        None => to_stdout(&text()),
    }
}

/// All errors of these results as one: a form that cannot be written does not keep the others from being written.
pub fn all<const N: usize>(written: [Result<(), UsageError>; N]) -> Result<(), UsageError> {
    let wrong: Vec<String> = written.into_iter().filter_map(Result::err).map(|UsageError(message)| message).collect();
    if wrong.is_empty() { Ok(()) } else { Err(UsageError(wrong.join("; "))) }
}

/// The value as JSON.
pub(crate) fn to_json(value: &impl Serialize) -> String {
    let written = serde_json::to_string_pretty(value);
    written.expect("reports are strings, numbers, lists and maps with string keys: JSON has all of them") + "\n"
}

/// Writes to standard output. A reader that closes it early is no error.
fn to_stdout(text: &str) -> Result<(), UsageError> {
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

/// Checks that a file can be written, before a run whose outcome would be lost if it cannot. An existing file keeps its
/// content, and no new file is left.
pub fn can_be_written(path: &Path) -> Result<(), UsageError> {
    let was_there = path.exists();
    OpenOptions::new().create(true).append(true).open(path).map_err(|error| unwritable(path, &error))?;
    if was_there { Ok(()) } else { fs::remove_file(path).map_err(|error| unwritable(path, &error)) }
}

/// The error for a file that cannot be written.
pub fn unwritable(path: &Path, error: &io::Error) -> UsageError {
    UsageError(format!("{} cannot be written: {error}", path.display()))
}
