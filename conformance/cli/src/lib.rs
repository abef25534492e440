//! The program `conformance`: its commands, the forms in which it writes a run, the sweep over releases, and the report
//! of the nightly job.
//!
//! The [`guide`] has a page for each task. The program uses the library [`conformance`], and plays the scenarios to the
//! clients of [`conformance_clients`].

pub mod capture;
pub mod client_tables;
pub mod findings;
pub mod guide;
pub mod html;
pub mod input;
pub mod junit;
pub mod listing;
pub mod night;
pub mod output;
pub mod progress;
pub mod reproduce;
pub mod serve;
pub mod sweep;
pub mod terminal;

/// The reason that the program could not run: what was wrong, where, and how to fix it.
#[derive(Debug)]
pub struct UsageError(pub String);

/// For errors that name the file or argument that is wrong.
impl<E: std::error::Error> From<E> for UsageError {
    fn from(error: E) -> UsageError {
        UsageError(error.to_string())
    }
}
