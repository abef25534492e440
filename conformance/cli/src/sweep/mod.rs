//! The sweep: plays the scenarios with a series of published releases of one crate, and shows which release changed
//! what.
//!
//! Each release gets a package of its own in its own folder: the suite as a dependency, the release pinned, and a lock
//! file. That is the suite's lock file without the swept crate and its companions, so cargo pairs each release with the
//! newest companions that accept it, and nothing else differs between two releases. Snapshots hold for the committed
//! lock file only; a sweep is judged by the laws and by what the scenarios expect. A checkout is played like a release,
//! after them.
//!
//! The outcome of a release is kept in its folder. The release is not built again while the suite is the same, so a
//! sweep that was stopped early continues where it was.

mod cargo;
mod checkout;
mod error;
mod lines;
mod package;
mod range;
mod releases;
mod report;
mod run;
mod table;

pub use self::{
    cargo::{Cargo, Refusal, locked},
    checkout::Checkout,
    error::SweepError,
    lines::{Companion, LINES, Line, Observed},
    package::{Package, Suite},
    range::{InvalidRange, Range},
    releases::releases,
    report::{Release, ReleaseStatus, Series, Sweep},
    run::{Kept, run},
    table::table,
};
