//! Where a command writes to: standard output, as text or as JSON, or a file.

use super::BadUse;
use serde::Serialize;
use std::{fs, io::Write, path::PathBuf};

/// Writes the value as JSON where that was asked for, and as text unless JSON went to standard output.
pub(crate) fn write(
    json: &Option<Option<PathBuf>>,
    value: &impl Serialize,
    text: impl FnOnce() -> String,
) -> Result<(), BadUse> {
    let written = || {
        let mut written = serde_json::to_string_pretty(value)
            .expect("reports are strings, numbers, lists and maps with string keys: JSON can say all of them");
        written.push('\n');
        written
    };
    match json {
        Some(None) => to_stdout(&written()),
        Some(Some(path)) => {
            fs::write(path, written())
                .map_err(|error| BadUse(format!("{} cannot be written: {error}", path.display())))?;
            to_stdout(&text());
        }
        None => to_stdout(&text()),
    }
    Ok(())
}

/// Writes to standard output. Whoever reads it may have seen enough and closed it; that is no error.
pub(crate) fn to_stdout(text: &str) {
    let mut stdout = anstream::stdout().lock();
    let _ = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
}
