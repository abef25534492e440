//! What a series of releases makes of the scenarios, and the table that tells which release changed what.

use conformance::{ledger::Divergence, report::play::Play};
use serde::{Deserialize, Serialize};

/// What the releases of one crate make of the scenarios.
#[derive(Debug, Serialize, Deserialize)]
pub struct Sweep {
    /// [`SCHEMA`](conformance::report::SCHEMA).
    pub schema: u32,
    /// The crate.
    pub name: String,
    /// Its lines of releases, oldest first.
    pub lines: Vec<Series>,
}

/// Releases that follow each other and are compatible, and what each makes of the scenarios.
#[derive(Debug, Serialize, Deserialize)]
pub struct Series {
    /// The crate that each is paired with, if one is.
    pub partner: Option<String>,
    /// What is observed, in words.
    pub observed: String,
    /// The releases, oldest first.
    pub releases: Vec<Release>,
}

/// One release.
#[derive(Debug, Serialize, Deserialize)]
pub struct Release {
    /// Its version.
    pub version: String,
    /// The version of its partner, if it was built with one.
    pub partner: Option<String>,
    /// What became of it.
    pub fate: ReleaseStatus,
}

/// What became of a release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "fate")]
pub enum ReleaseStatus {
    /// There is a gap in the numbers.
    NeverPublished,
    /// It was taken back.
    Yanked,
    /// The suite does not build with it.
    DoesNotBuild {
        /// The first error.
        error: String,
    },
    /// The suite was built with it, and did not come to its end.
    DoesNotRun {
        /// What it ended with.
        error: String,
    },
    /// The suite was built with it.
    Played {
        /// What the scenarios came to.
        scenarios: Vec<Play>,
    },
}

impl Sweep {
    /// Whether nothing was found that the ledger does not explain.
    pub fn is_clean(&self) -> bool {
        self.lines.iter().flat_map(|line| &line.releases).all(Release::is_clean)
    }
}

impl Release {
    /// What a checkout has in the place of a version.
    pub const CHECKOUT: &'static str = "checkout";

    /// Whether nothing was found that the ledger does not explain. That the suite cannot be built with a release, or does not
    /// come to its end, is a fact of the past; of a checkout it is what somebody is about to do.
    pub fn is_clean(&self) -> bool {
        self.unexplained() == 0 && (self.version != Release::CHECKOUT || self.plays().is_some())
    }

    /// What the scenarios came to, if it was built and they were played.
    pub fn plays(&self) -> Option<&[Play]> {
        match &self.fate {
            ReleaseStatus::Played { scenarios } => Some(scenarios),
            _ => None,
        }
    }

    /// What it breaks that nothing explains, by what it is known by, with all that there is to say of it; that the suite does
    /// not build with it, too.
    pub fn findings(&self) -> Vec<(String, String)> {
        let plays = self.plays().unwrap_or_default().iter();
        let broken = plays.filter_map(|play| Some((play, play.unexplained.first()?)));
        let broken = broken.map(|(play, first)| {
            (format!("{}: {first}", play.name), format!("{}\n{}", play.name, play.unexplained.join("\n")))
        });
        let fate = match &self.fate {
            ReleaseStatus::DoesNotBuild { error } => Some(("the suite does not build".into(), error.clone())),
            ReleaseStatus::DoesNotRun { error } => Some(("the suite does not run".into(), error.clone())),
            ReleaseStatus::NeverPublished | ReleaseStatus::Yanked | ReleaseStatus::Played { .. } => None,
        };
        broken.chain(fate).collect()
    }

    /// How many scenarios it breaks a law in that nothing explains.
    pub fn unexplained(&self) -> usize {
        self.plays().unwrap_or_default().iter().filter(|play| !play.unexplained.is_empty()).count()
    }

    /// Whether a scenario shows this entry of the ledger with it, on either stack.
    pub fn shows(&self, entry: &Divergence) -> bool {
        self.plays().unwrap_or_default().iter().any(|play| play.is_explained_by(entry))
    }

    /// Whether the stacks differ in the scenario that reproduces this entry of the ledger, because of it.
    pub fn differs_by(&self, entry: &Divergence) -> bool {
        let reproduces = |play: &&Play| play.name == entry.scenario;
        let play = self.plays().unwrap_or_default().iter().find(reproduces);
        play.is_some_and(|play| play.differs && play.is_explained_by(entry))
    }
}
