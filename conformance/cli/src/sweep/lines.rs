//! Which crates can be swept.

use super::Range;

/// A line of releases: those of one crate that are compatible with each other.
#[derive(Debug)]
pub struct Line {
    /// The crate.
    pub name: &'static str,
    /// The versions that are meant.
    pub versions: Range,
    /// What moves with it: cargo takes the newest release of each that goes with it. The first is its partner.
    pub movers: &'static [Companion],
    /// The features that its packages need of the crate that plays.
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

/// What a release is part of, and is observed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Observed {
    /// hyper 0.14 on h2 0.3.
    Legacy,
    /// hyper 1 on h2 0.4.
    Modern,
    /// The AWS SDK's clients on hyper 0.14 and on hyper 1, alone and under its orchestrator.
    Aws,
}

impl Observed {
    /// It in words.
    pub fn about(self) -> &'static str {
        match self {
            Observed::Legacy => "the legacy stack",
            Observed::Modern => "the modern stack",
            Observed::Aws => "the AWS SDK's clients",
        }
    }

    /// The crate of the suite that plays it, with the folder of that below the library's.
    pub fn player(self) -> (&'static str, &'static str) {
        match self {
            Observed::Legacy | Observed::Modern => ("conformance", ""),
            Observed::Aws => ("conformance-clients", "clients"),
        }
    }

    /// The call that plays it, in a program that depends on that crate.
    pub fn call(self) -> &'static str {
        match self {
            Observed::Legacy => "conformance::run::play_release(conformance::vocabulary::StackName::Legacy)",
            Observed::Modern => "conformance::run::play_release(conformance::vocabulary::StackName::Modern)",
            Observed::Aws => "conformance_clients::aws::play_release()",
        }
    }
}
