//! The report of a run as values, and the forms in which people and programs read them.
//!
//! The JSON form has the fields of [`Run`] and [`Case`], and is read back as the same types. Everything here is a
//! pure function of these values; nothing here plays a script.

pub mod alike;
pub mod baseline;
pub mod case;
pub mod clients;
mod coverage;
pub mod divergence_count;
pub mod error_chain;
pub mod error_text;
pub mod explain;
mod finding;
pub mod frame_log;
pub mod layout;
pub mod play;
pub mod server;
pub mod shards;
mod style;
pub mod timeline;

pub use case::{Case, RequestReport, SideReport, TruthReport};
pub use finding::{BrokenErrorChain, BrokenTransformation, Finding, Found, Similar};
pub use style::{STYLES, styled};

use crate::{
    metamorphic::Transformation,
    outcome::Kind,
    rfc9113::{Clause, ForSenders},
    stacks::Profile,
    vocabulary::{PerStack, Phase, StackName},
};
use baseline::BaselineDiff;
use divergence_count::DivergenceCount;
use serde::{Deserialize, Serialize};
use shards::Shard;
use std::fmt;

/// The version of the JSON form. It changes when a key changes its meaning or goes; new keys do not change it. A
/// file with another version is refused.
pub const SCHEMA: u32 = 4;

/// The crates under test, legacy first, with the versions of the lock file.
pub fn versions() -> Vec<Version> {
    let versions = [
        ("hyper", env!("VERSION_HYPER_014")),
        ("h2", env!("VERSION_H2_03")),
        ("hyper", env!("VERSION_HYPER_1")),
        ("h2", env!("VERSION_H2_04")),
    ];
    versions.map(Version::new).into()
}

/// Every crate of the lock file.
pub fn locked() -> Vec<Version> {
    env!("LOCKED").split(';').filter_map(|package| package.split_once('=')).map(Version::new).collect()
}

/// What one run of the suite found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// [`SCHEMA`].
    pub schema: u32,
    /// The crates under test, with their versions.
    pub versions: Vec<Version>,
    /// Every crate of the lock file.
    pub locked: Vec<Version>,
    /// The settings of the stacks.
    pub profile: Profile,
    /// The seed of the generated scripts.
    pub seed: u64,
    /// The part of the whole run that this is.
    #[serde(default)]
    pub shard: Shard,
    /// A digest of the first scripts of the seed: runs with the same digest most likely generate the same scripts.
    #[serde(default)]
    pub scripts_digest: String,
    /// The scenarios, by theme.
    pub themes: Vec<Theme>,
    /// The number of corpus files that were replayed.
    pub corpus: usize,
    /// The number of scripts that were generated and played.
    pub generated: u64,
    /// Whether the run ended early: nothing is known about what was not played.
    pub interrupted: bool,
    /// A digest of all observations of the generated scripts, in any order: the same seed, number of cases and versions
    /// give the same digest in every build.
    pub digest: String,
    /// The number of requests that these scripts issued.
    pub requests: u64,
    /// How these requests ended on the modern stack. Where legacy differs, the ledger counts it.
    pub shares: Vec<Share>,
    /// The entries of the ledger, with the number of scripts that showed them.
    pub divergences: Vec<DivergenceCount>,
    /// The number of generated scripts that made a task of a stack panic.
    pub panics: u64,
    /// The number of scripts that differ only with the stacks' own settings; 0 with equal settings.
    pub configuration: u64,
    /// The number of error chains that were checked against the laws.
    pub error_chains: u64,
    /// The number of them that only one stack can return, or returns with other links.
    pub unequal_error_chains: u64,
    /// The laws that error chains break, each with its smallest error chain.
    pub broken_error_chains: Vec<BrokenErrorChain>,
    /// The clauses of RFC 9113 that the model covers, and what reached them.
    pub clauses: Vec<ClauseReport>,
    /// The situations that generated scripts have to bring about.
    pub situations: Vec<SituationReport>,
    /// The metamorphic transformations, and how often they were applied.
    pub transformations: Vec<TransformationReport>,
    /// Those that changed an outcome.
    pub broken_transformations: Vec<BrokenTransformation>,
    /// The outcome of the scenarios with third-party clients.
    pub clients: Vec<clients::ClientReport>,
    /// Every violation that the ledger does not explain, with its smallest script; similar cases are merged.
    pub violations: Vec<Found>,
    /// What is new since an earlier run, if one was given.
    pub baseline: Option<BaselineDiff>,
}

/// A crate, with its version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its source, if that is not a registry: `at 1a2b3c4` for a commit of a repository, or `from a folder`.
    pub source: Option<String>,
}

impl Version {
    /// A crate from its name, and its version as the build script writes it.
    fn new((name, said): (&str, &str)) -> Version {
        let (version, source) = said.split_once(' ').map_or((said, None), |(version, source)| (version, Some(source)));
        Version { name: name.into(), version: version.into(), source: source.map(Into::into) }
    }

    /// The version, and its source if that is not a registry.
    pub fn with_source(&self) -> String {
        self.source.iter().fold(self.version.clone(), |version, source| format!("{version} {source}"))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name, self.with_source())
    }
}

/// A metamorphic transformation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransformationReport {
    /// Its name.
    pub name: String,
    /// What it changes.
    pub about: String,
    /// The clause that makes it harmless.
    pub rfc: String,
    /// The number of scripts, scenarios among them, that it was applied to.
    pub scripts: u64,
}

impl TransformationReport {
    /// A transformation that was not applied yet.
    pub fn new(change: &Transformation) -> TransformationReport {
        let Transformation { name, about, rfc, .. } = *change;
        TransformationReport { name: name.into(), about: about.into(), rfc: rfc.into(), scripts: 0 }
    }
}

/// A situation that generated scripts have to bring about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SituationReport {
    /// What happens, in a few words.
    pub about: String,
    /// The number of generated scripts in which it happened.
    pub scripts: u64,
}

impl SituationReport {
    /// A situation that no script brought about yet.
    pub fn new(about: &str) -> SituationReport {
        SituationReport { about: about.into(), scripts: 0 }
    }
}

/// A clause of RFC 9113, and what reached it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClauseReport {
    /// Its name.
    pub name: String,
    /// The number of its section.
    pub section: String,
    /// Its text.
    pub text: String,
    /// Whether a run of the whole suite has to reach it.
    pub required: bool,
    /// The scenarios that reach it.
    pub scenarios: Vec<String>,
    /// The number of generated scripts and corpus files that reach it.
    pub scripts: u64,
    /// Whether it is for senders, and whether clients are held to it.
    #[serde(default)]
    pub for_senders: Option<ForSenders>,
    /// How often each stack broke it.
    #[serde(default)]
    pub broken: PerStack<BrokenCount>,
}

/// The number of scenarios, corpus files and generated scripts in which a stack broke a clause.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BrokenCount {
    /// Those that the ledger or the settings of the stacks explain.
    pub explained: u64,
    /// Those that nothing explains.
    pub unexplained: u64,
}

impl ClauseReport {
    /// A clause that nothing has reached yet.
    pub fn new(clause: Clause) -> ClauseReport {
        ClauseReport {
            name: clause.name().into(),
            section: clause.section().into(),
            text: clause.text().into(),
            required: clause.is_required(),
            scenarios: Vec::new(),
            scripts: 0,
            for_senders: clause.for_senders(),
            broken: PerStack::default(),
        }
    }

    /// Whether no client is held to it.
    pub fn is_only_counted(&self) -> bool {
        self.for_senders == Some(ForSenders::Counted)
    }

    /// Whether a stack broke it.
    pub fn is_broken(&self) -> bool {
        self.broken.each().iter().any(|broken| broken.all() > 0)
    }

    /// Counts a case in which a stack broke it.
    pub fn count_broken(&mut self, stack: StackName, is_explained: bool) {
        let BrokenCount { explained, unexplained } = &mut self.broken[stack];
        *if is_explained { explained } else { unexplained } += 1;
    }

    /// Whether anything reached it.
    pub fn is_met(&self) -> bool {
        self.scripts > 0 || !self.scenarios.is_empty()
    }
}

impl BrokenCount {
    /// All of them.
    pub fn all(&self) -> u64 {
        self.explained + self.unexplained
    }
}

/// The scenarios of one theme.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Theme {
    /// The name of the theme's file, without its extension.
    pub name: String,
    /// The scenarios.
    pub scenarios: Vec<ScenarioReport>,
}

/// The outcome of one scenario.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScenarioReport {
    /// Its name.
    pub name: String,
    /// The entries of the ledger that explain why the stacks differ in it.
    pub divergences: Vec<String>,
    /// The reasons that the scenario states for an outcome other than that of RFC 9113.
    pub but: Vec<String>,
    /// The number of its violations, if one of them is unexplained; else 0.
    pub violations: usize,
    /// Whether only the laws were checked, because its expectations depend on other settings of the stacks.
    pub laws_only: bool,
    /// The case in full.
    pub case: Case,
}

impl ScenarioReport {
    /// Whether every request has the outcome that RFC 9113 requires, on both stacks.
    pub fn is_as_the_rfc(&self) -> bool {
        self.violations == 0 && self.but.is_empty() && !self.laws_only
    }

    /// Whether a request has another outcome, and the scenario states why.
    pub fn is_stated(&self) -> bool {
        self.violations == 0 && !self.but.is_empty() && !self.laws_only
    }
}

/// The number of generated requests that ended in one way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// The phase that they reached.
    pub phase: Phase,
    /// How they ended.
    pub kind: Kind,
    /// The number of requests.
    pub requests: u64,
}

/// A text without its styles.
pub fn plain(text: &str) -> String {
    let styles = [STYLES.heading, STYLES.good, STYLES.bad, STYLES.known];
    let styled = styles.iter().map(|style| style.render().to_string()).chain([STYLES.bad.render_reset().to_string()]);
    styled.fold(text.to_owned(), |text, code| text.replace(&code, ""))
}
