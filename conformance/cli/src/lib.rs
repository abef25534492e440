//! The command line of `conformance`: what its commands are asked for, the forms in which a run is written, the sweep over
//! releases, and the night.

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

/// Why nothing could be run: what was wrong, where, and what to do.
#[derive(Debug)]
pub struct UsageError(pub String);
