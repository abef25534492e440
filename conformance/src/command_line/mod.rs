//! What the commands of `main` have in common: what they are asked for, where they write to, and how far they are.

mod input;
mod night;
mod output;
mod progress;

pub(crate) use input::{Found, baseline, built_in, client, corpus, error_chain, find};
pub(crate) use night::{night_before, tonight, write_night};
pub(crate) use output::{all, can_be_written, to_file, to_stderr, unwritable, write};
pub(crate) use progress::{Bar, INTERRUPTED, ReleaseBar, is_stopped, stop_on_interrupt};

/// Why nothing could be run: what was wrong, where, and what to do.
#[derive(Debug)]
pub(crate) struct UsageError(pub String);
