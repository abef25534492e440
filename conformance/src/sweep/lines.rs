//! Which crates can be swept.

use super::{Observed, Range};

/// A line of releases: those of one crate that are compatible with each other.
#[derive(Debug)]
pub struct Line {
    /// The crate.
    pub name: &'static str,
    /// The versions that are meant.
    pub versions: Range,
    /// What moves with it: cargo takes the newest release of each that goes with it. The first is its partner.
    pub movers: &'static [Companion],
    /// The features of the suite that its packages need.
    pub features: &'static [&'static str],
    /// What is observed.
    pub observed: Observed,
}

/// A crate whose release follows that of another.
#[derive(Debug)]
pub struct Companion {
    /// The crate.
    pub name: &'static str,
    /// The versions that are meant.
    pub versions: Range,
}

/// Every line that can be swept, the lines of one crate oldest first.
pub const LINES: &[Line] = &[
    Line {
        name: "h2",
        versions: Range::of_minor(0, 3),
        movers: &[Companion { name: "hyper", versions: Range::of_minor(0, 14) }],
        features: &[],
        observed: Observed::Legacy,
    },
    Line {
        name: "h2",
        versions: Range::of_minor(0, 4),
        movers: &[
            Companion { name: "hyper", versions: Range::of_major(1) },
            Companion { name: "hyper-util", versions: Range::of_minor(0, 1) },
        ],
        features: &[],
        observed: Observed::Modern,
    },
    Line {
        name: "hyper",
        versions: Range::of_minor(0, 14),
        movers: &[Companion { name: "h2", versions: Range::of_minor(0, 3) }],
        features: &[],
        observed: Observed::Legacy,
    },
    Line {
        name: "hyper",
        versions: Range::of_major(1),
        movers: &[
            Companion { name: "h2", versions: Range::of_minor(0, 4) },
            Companion { name: "hyper-util", versions: Range::of_minor(0, 1) },
        ],
        features: &[],
        observed: Observed::Modern,
    },
    Line {
        name: "aws-smithy-http-client",
        versions: Range::of_major(1),
        movers: &[],
        features: &["aws-modern"],
        observed: Observed::Aws,
    },
];

impl Line {
    /// The crate that each release is paired with.
    pub fn partner(&self) -> Option<&'static Companion> {
        self.movers.first()
    }
}
