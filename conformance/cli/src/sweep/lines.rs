//! The crates that can be swept.

use super::Range;
use conformance::vocabulary::StackName;
use semver::Version;

/// A line of releases: those of one crate that are compatible with each other.
#[derive(Debug)]
pub struct Line {
    /// The crate.
    pub name: &'static str,
    /// Its versions.
    pub versions: Range,
    /// The crates that move with it: cargo takes the newest release of each that it accepts. The first is its partner.
    pub companions: &'static [Companion],
    /// What is observed.
    pub observed: Observed,
}

/// A crate whose release follows that of another.
#[derive(Debug)]
pub struct Companion {
    /// The crate.
    pub name: &'static str,
    /// Its versions.
    pub versions: Range,
}

const H2_03: Companion = Companion { name: "h2", versions: Range::of_minor(0, 3) };
const H2_04: Companion = Companion { name: "h2", versions: Range::of_minor(0, 4) };
const HYPER_014: Companion = Companion { name: "hyper", versions: Range::of_minor(0, 14) };
const HYPER_1: Companion = Companion { name: "hyper", versions: Range::of_major(1) };
const HYPER_UTIL: Companion = Companion { name: "hyper-util", versions: Range::of_minor(0, 1) };

const LEGACY: Observed = Observed::Stack(StackName::Legacy);
const MODERN: Observed = Observed::Stack(StackName::Modern);

/// Every line that can be swept, the lines of one crate oldest first.
pub const LINES: &[Line] = &[
    Line { name: "h2", versions: Range::of_minor(0, 3), companions: &[HYPER_014], observed: LEGACY },
    Line { name: "h2", versions: Range::of_minor(0, 4), companions: &[HYPER_1, HYPER_UTIL], observed: MODERN },
    Line { name: "hyper", versions: Range::of_minor(0, 14), companions: &[H2_03], observed: LEGACY },
    Line { name: "hyper", versions: Range::of_major(1), companions: &[H2_04, HYPER_UTIL], observed: MODERN },
    Line { name: "aws-smithy-http-client", versions: Range::of_major(1), companions: &[], observed: AWS },
    Line { name: "hyper-util", versions: Range::of_minor(0, 1), companions: &[], observed: of_hyper("hyper-util") },
    Line { name: "reqwest", versions: Range::of_minor(0, 11), companions: &[], observed: of_reqwest("reqwest 0.11") },
    Line { name: "reqwest", versions: Range::of_minor(0, 12), companions: &[], observed: of_reqwest("reqwest 0.12") },
    Line { name: "reqwest", versions: Range::of_minor(0, 13), companions: &[], observed: of_reqwest("reqwest 0.13") },
    Line { name: "tonic", versions: Range::of_minor(0, 12), companions: &[], observed: of_tonic("tonic 0.12") },
    Line { name: "tonic", versions: Range::of_minor(0, 14), companions: &[], observed: of_tonic("tonic 0.14") },
];

const AWS: Observed = Observed::Clients { feature: "aws-modern", begins: "aws" };

const fn of_hyper(begins: &'static str) -> Observed {
    Observed::Clients { feature: "hyper", begins }
}

const fn of_reqwest(begins: &'static str) -> Observed {
    Observed::Clients { feature: "reqwest", begins }
}

const fn of_tonic(begins: &'static str) -> Observed {
    Observed::Clients { feature: "tonic", begins }
}

impl Line {
    /// The crate that each release is paired with.
    pub fn partner(&self) -> Option<&'static Companion> {
        self.companions.first()
    }

    /// Whether a sweep of this line moves this version of a crate.
    pub(super) fn moves(&self, name: &str, version: &Version) -> bool {
        let is = |of: &str, versions: &Range| of == name && versions.contains(version);
        is(self.name, &self.versions) || self.companions.iter().any(|other| is(other.name, &other.versions))
    }
}

/// What is observed with each release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Observed {
    /// A stack.
    Stack(StackName),
    /// Whole clients: those of `conformance-clients` with this feature whose names begin like this.
    Clients {
        /// The feature.
        feature: &'static str,
        /// How their names begin.
        begins: &'static str,
    },
}

impl Observed {
    /// It in words.
    pub fn about(self) -> String {
        match self {
            Observed::Stack(stack) => format!("the {stack} stack"),
            AWS => "the AWS SDK's clients".into(),
            Observed::Clients { begins, .. } => format!("the client of {begins}"),
        }
    }

    /// The crate of the suite that plays it, the folder of that crate below the library's, and the features that it
    /// needs.
    pub fn player(self) -> (&'static str, &'static str, Vec<&'static str>) {
        match self {
            Observed::Stack(_) => ("conformance", "", Vec::new()),
            Observed::Clients { feature, .. } => ("conformance-clients", "clients", vec![feature]),
        }
    }

    /// The call that plays it, in a program that depends on that crate.
    pub fn call(self) -> String {
        match self {
            Observed::Stack(stack) => {
                format!("conformance::run::play_release(conformance::vocabulary::StackName::{stack:?})")
            }
            Observed::Clients { begins, .. } => format!("conformance_clients::play_release({begins:?})"),
        }
    }
}
