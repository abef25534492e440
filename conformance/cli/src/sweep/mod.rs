//! The sweep: the scenarios with a series of published releases of one crate, and which release changed what.
//!
//! Each release gets a package of its own, with the suite as a dependency and the release pinned, in a folder of its own and
//! with a lock file of its own: the suite's, from which only the crate and what has to move with it are taken out. So cargo
//! itself pairs each release with the newest partner that accepts it, and nothing else differs between two releases.
//! Snapshots hold for the committed lock file only; here the laws judge, and what the scenarios expect. A checkout is played as
//! a release is, and can follow them.
//!
//! What a release came to is kept in its folder. It is not built again as long as the suite is the same, so a sweep that was
//! ended early goes on where it was.

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
    releases::{Registry, Standing, releases},
    report::{Release, ReleaseStatus, Series, Sweep},
    run::{Kept, Watch, run},
    table::table,
};
