//! The outcomes of the scenarios with a series of releases, as values.

use conformance::{ledger::Divergence, report::play::Play};
use serde::{Deserialize, Serialize};

/// The outcomes of the scenarios with the releases of one crate.
#[derive(Debug, Serialize, Deserialize)]
pub struct Sweep {
    /// [`SCHEMA`](conformance::report::SCHEMA).
    pub schema: u32,
    /// The crate.
    pub name: String,
    /// Whether it was ended early: nothing is known about releases that were not played.
    #[serde(default)]
    pub interrupted: bool,
    /// Its lines of releases, oldest first.
    pub lines: Vec<Series>,
}

/// A line of compatible releases, with the outcomes of each.
#[derive(Debug, Serialize, Deserialize)]
pub struct Series {
    /// The crate that each is paired with, if there is one.
    pub partner: Option<String>,
    /// What is observed, in words.
    pub observed: String,
    /// The releases, oldest first.
    pub releases: Vec<Release>,
}

/// One release.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    /// Its version, or [`Release::CHECKOUT`].
    pub version: String,
    /// The version of its partner, if it was built with one.
    pub partner: Option<String>,
    /// Whether it could be built and played.
    pub status: ReleaseStatus,
}

/// Whether a release could be built and played.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "status")]
pub enum ReleaseStatus {
    /// There is a gap in the numbers.
    NeverPublished,
    /// It was yanked.
    Yanked,
    /// The suite does not build with it.
    DoesNotBuild {
        /// The first error.
        error: String,
    },
    /// The suite was built with it, and did not run to its end.
    DoesNotRun {
        /// The last line of its standard error, or its exit status.
        error: String,
    },
    /// The suite was built with it.
    Played {
        /// The outcome of each scenario.
        scenarios: Vec<Play>,
    },
}

impl Sweep {
    /// Whether the ledger explains everything that was found.
    pub fn is_clean(&self) -> bool {
        self.lines.iter().flat_map(|line| &line.releases).all(Release::is_clean)
    }
}

impl Release {
    /// The `version` of a checkout.
    pub const CHECKOUT: &'static str = "checkout";

    /// Whether the ledger explains everything that was found. A checkout must be playable too; an old release that is
    /// not cannot be changed any more.
    pub fn is_clean(&self) -> bool {
        self.unexplained() == 0 && (self.version != Release::CHECKOUT || self.plays().is_some())
    }

    /// The outcome of each scenario, if they were played.
    pub fn plays(&self) -> Option<&[Play]> {
        match &self.status {
            ReleaseStatus::Played { scenarios } => Some(scenarios),
            _ => None,
        }
    }

    /// Each scenario that breaks a law without an explanation, or that the suite does not build or run: an id that is
    /// the same in every sweep, and the details.
    pub fn findings(&self) -> Vec<(String, String)> {
        let details = |play: &Play| format!("{}\n{}", play.name, play.unexplained.join("\n"));
        let broken = |play: &Play| Some((format!("{}: {}", play.name, play.unexplained.first()?), details(play)));
        match &self.status {
            ReleaseStatus::DoesNotBuild { error } => vec![("the suite does not build".into(), error.clone())],
            ReleaseStatus::DoesNotRun { error } => vec![("the suite does not run".into(), error.clone())],
            ReleaseStatus::NeverPublished | ReleaseStatus::Yanked => Vec::new(),
            ReleaseStatus::Played { scenarios } => scenarios.iter().filter_map(broken).collect(),
        }
    }

    /// How many scenarios break a law without an explanation.
    pub fn unexplained(&self) -> usize {
        self.plays().unwrap_or_default().iter().filter(|play| !play.unexplained.is_empty()).count()
    }

    /// Whether a scenario shows this entry of the ledger, on either stack.
    pub fn shows(&self, entry: &Divergence) -> bool {
        self.plays().unwrap_or_default().iter().any(|play| play.is_explained_by(entry))
    }

    /// Whether the stacks differ by this entry of the ledger in the scenario that reproduces it.
    pub fn differs_by(&self, entry: &Divergence) -> bool {
        let play = self.plays().unwrap_or_default().iter().find(|play| play.name == entry.scenario);
        play.is_some_and(|play| play.differs && play.is_explained_by(entry))
    }
}
