//! Installs versions of a client.

use super::process::words;
use crate::UsageError;
use std::process::{Command, Stdio};

/// Runs the command that installs this version of a client.
///
/// # Errors
///
/// If it fails, with what it wrote to standard error.
pub(super) fn install(command: &str, version: &str) -> Result<(), UsageError> {
    let command = command.replace("{version}", version);
    let words = words(&command)?;
    let ran = Command::new(&words[0]).args(&words[1..]).stdin(Stdio::null()).output()?;
    if ran.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&ran.stderr);
    let last: Vec<&str> = said.trim().lines().rev().take(LAST_LINES).collect();
    let last = last.into_iter().rev().collect::<Vec<_>>().join("\n");
    Err(UsageError(format!("`{command}` ended with {}: {last}", ran.status)))
}

/// The number of lines shown of what an installer that failed wrote.
const LAST_LINES: usize = 5;
