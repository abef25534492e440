//! The program `conformance`: the arguments of its commands, the forms in which it writes a run, the sweep over
//! releases, and the report of the nightly job.
//!
//! The [`guide`] has a page for each task. The library below is [`conformance`], and the clients that every run shows
//! are in [`conformance_clients`].

pub mod client_tables;
pub mod guide;
pub mod html;
pub mod input;
pub mod junit;
pub mod listing;
pub mod night;
pub mod output;
pub mod progress;
pub mod sweep;
pub mod terminal;

/// Why the program could not run: what was wrong, where, and what to do.
#[derive(Debug)]
pub struct UsageError(pub String);
