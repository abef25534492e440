//! A client in several of its versions, each installed by a command.

use super::{Served, ServedDiff, process::words};
use crate::UsageError;
use serde::{Deserialize, Serialize};
use std::{
    iter,
    process::{Command, Stdio},
};

/// What changed between two versions of a client that were checked one after the other.
#[derive(Debug, Serialize, Deserialize)]
pub struct ServedChange {
    /// The client in the earlier version, as [`ServedClient::command`](super::ServedClient::command) has it.
    pub before: String,
    /// The client in the later version.
    pub after: String,
    /// What the later version has or lacks.
    pub diff: ServedDiff,
}

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

/// What changed from each version to the next, in the order in which they were checked.
pub(super) fn changes(served: &Served) -> Vec<ServedChange> {
    let pairs = iter::zip(&served.clients, served.clients.iter().skip(1));
    let change = |(before, after)| {
        let diff = ServedDiff::of(before, after);
        ServedChange { before: before.command.clone(), after: after.command.clone(), diff }
    };
    pairs.map(change).collect()
}
