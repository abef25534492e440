//! What a run found, as values that serialise, and the forms in which people and programs read them.
//!
//! Everything here is a pure function of [`Run`] or [`Case`]; the suite makes them, nothing here plays a script.
//! [`terminal`] prints tables, [`explain`] tells one case from the first frame to the verdict, and the JSON form is the
//! values themselves, as [`Run`] and [`Case`] document them.

pub mod baseline;
pub mod case;
pub mod clients;
pub mod error_chain;
pub mod explain;
pub mod play;
pub mod server;

pub mod layout;
mod style;
pub mod timeline;

use baseline::BaselineDiff;

pub use case::{Case, RequestReport, SideReport};
pub use style::{STYLES, styled};

use crate::{
    error_chains::ErrorChain,
    ledger::Divergence,
    oracles::{Law, Violation},
    outcome::Kind,
    scenarios::THEMES,
    vocabulary::{Phase, StackName},
};
use serde::Serialize;

/// The version of the JSON form. It changes when a key changes its meaning or goes; new keys do not change it.
pub const SCHEMA: u32 = 1;

/// The crates under test, legacy first, as the lock file has them.
pub const VERSIONS: [Version; 4] = [
    Version { name: "hyper", version: env!("VERSION_HYPER_014") },
    Version { name: "h2", version: env!("VERSION_H2_03") },
    Version { name: "hyper", version: env!("VERSION_HYPER_1") },
    Version { name: "h2", version: env!("VERSION_H2_04") },
];

/// Every crate of the lock file, by name: `0.4.20`, or with where it is from if that is no registry: `0.4.20 at 1a2b3c4` of a
/// repository, `0.4.20 from a folder`.
pub fn locked() -> Vec<Version> {
    let packages = env!("LOCKED").split(';').filter_map(|package| package.split_once('='));
    packages.map(|(name, version)| Version { name, version }).collect()
}

/// What one run of the suite found.
#[derive(Debug, Serialize)]
pub struct Run {
    /// [`SCHEMA`].
    pub schema: u32,
    /// The crates under test, with their versions.
    pub versions: Vec<Version>,
    /// Every crate of the lock file.
    pub locked: Vec<Version>,
    /// The settings of the stacks: `equal` or `defaults`.
    pub profile: &'static str,
    /// The seed of the generated scripts.
    pub seed: u64,
    /// The scenarios, by theme.
    pub themes: Vec<Theme>,
    /// How many corpus files were replayed.
    pub corpus: usize,
    /// How many scripts were generated and played.
    pub generated: u64,
    /// Whether it was ended before all that it was to be was played: what it does not say is not known then.
    pub interrupted: bool,
    /// A digest of all that was observed of them, whatever the order: the same seed, number of cases and versions give the
    /// same digest in every build.
    pub digest: String,
    /// How many requests these scripts issued.
    pub requests: u64,
    /// What the requests of generated scripts came to on the modern stack; where legacy differs, the ledger counts it.
    pub shares: Vec<Share>,
    /// The divergences of the ledger that were met, with the number of scripts.
    pub divergences: Vec<Met>,
    /// How many generated scripts made a task of a stack panic.
    pub panics: u64,
    /// How many scripts differ with the stacks' own settings only; none on equal settings.
    pub configuration: u64,
    /// How many error chains were held against the laws.
    pub error_chains: u64,
    /// How many of them only one stack can give, or gives as other links than the other.
    pub unequal_error_chains: u64,
    /// The laws that error chains break, each with its smallest error chain.
    pub broken_error_chains: Vec<BrokenErrorChain>,
    /// The clauses of RFC 9113 that the model knows, and what met them.
    pub clauses: Vec<ClauseReport>,
    /// What must not matter, and how often it was changed.
    pub changes: Vec<TransformationReport>,
    /// What of that mattered.
    pub broken_transformations: Vec<BrokenTransformation>,
    /// What clients that others wrote make of the scenarios.
    pub clients: Vec<clients::ClientReport>,
    /// Every violation that the ledger does not explain, with its smallest script; cases alike stand as one.
    pub violations: Vec<Found>,
    /// What is new since an earlier run, if one was given.
    pub baseline: Option<BaselineDiff>,
}

/// A crate under test.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Version {
    /// Its name.
    pub name: &'static str,
    /// Its version.
    pub version: &'static str,
}

/// A change that must not matter.
#[derive(Debug, Serialize)]
pub struct TransformationReport {
    /// Its name.
    pub name: &'static str,
    /// What it changes.
    pub about: &'static str,
    /// The clause by which it must not matter.
    pub rfc: &'static str,
    /// In how many scripts, scenarios among them, it was made.
    pub scripts: u64,
}

/// A change that mattered.
#[derive(Debug, Serialize)]
pub struct BrokenTransformation {
    /// The name of the change.
    pub change: &'static str,
    /// The clause by which it must not matter.
    pub rfc: &'static str,
    /// In how many scripts it made such a difference.
    pub scripts: u64,
    /// What was different in the smallest of them.
    pub message: String,
    /// The command that plays that script before the change.
    pub before: String,
    /// The command that plays it after the change.
    pub after: String,
}

/// A clause of RFC 9113, and what met it.
#[derive(Debug, Serialize)]
pub struct ClauseReport {
    /// Its name.
    pub name: &'static str,
    /// The number of its section.
    pub section: &'static str,
    /// What it says, in the RFC's words.
    pub text: &'static str,
    /// Whether a run of the whole suite has to meet it.
    pub required: bool,
    /// The scenarios that meet it.
    pub scenarios: Vec<String>,
    /// How many generated scripts and corpus files met it.
    pub scripts: u64,
}

impl ClauseReport {
    /// Whether anything met it.
    pub fn is_met(&self) -> bool {
        self.scripts > 0 || !self.scenarios.is_empty()
    }
}

/// The scenarios of one theme.
#[derive(Debug, Serialize)]
pub struct Theme {
    /// The name of the theme's file, without its ending.
    pub name: String,
    /// What each scenario came to.
    pub scenarios: Vec<ScenarioReport>,
}

/// What one scenario came to.
#[derive(Debug, Serialize)]
pub struct ScenarioReport {
    /// Its name.
    pub name: String,
    /// The entries of the ledger that explain why the stacks differ in it.
    pub divergences: Vec<&'static str>,
    /// The reasons that the scenario states for not getting what RFC 9113 gives it.
    pub but: Vec<String>,
    /// How many laws it breaks without an explanation.
    pub violations: usize,
    /// Whether it was held to the laws only, because what it expects depends on other settings of the stacks.
    pub laws_only: bool,
    /// The whole of it.
    pub case: Case,
}

impl ScenarioReport {
    /// Whether every request came to what RFC 9113 makes of it, on both stacks.
    pub fn is_as_the_rfc(&self) -> bool {
        self.violations == 0 && self.but.is_empty() && !self.laws_only
    }

    /// Whether a request did not, and the scenario says why.
    pub fn is_stated(&self) -> bool {
        self.violations == 0 && !self.but.is_empty() && !self.laws_only
    }
}

/// How often generated requests came to this.
#[derive(Debug, Serialize)]
pub struct Share {
    /// How far the request came.
    pub phase: Phase,
    /// How it ended.
    pub kind: Kind,
    /// How many requests.
    pub requests: u64,
}

/// A divergence of the ledger, and how often it was met.
#[derive(Debug, Serialize)]
pub struct Met {
    /// The name of the entry.
    pub name: &'static str,
    /// What differs.
    pub about: &'static str,
    /// How many scripts showed it.
    pub scripts: u64,
}

impl Met {
    /// An entry that so many scripts showed.
    pub fn new(entry: &Divergence, scripts: u64) -> Met {
        Met { name: entry.name, about: entry.about, scripts }
    }
}

/// A violation that nothing explains.
#[derive(Debug, Serialize)]
pub struct Found {
    /// How many cases of the run break the law alike.
    pub cases: u64,
    /// What is alike in them, and what the finding is known by from one run to the next: the name of a scenario, or else
    /// which entries of the ledger were repaired in vain; the law, and what both stacks came to.
    pub like: String,
    /// The smallest of them, told as `explain` does.
    pub told: String,
    /// The smallest of them.
    pub smallest: Case,
}

impl Found {
    /// So many cases that are alike.
    pub fn new(cases: u64, like: String, smallest: Case) -> Found {
        Found { cases, like, told: plain(&explain::explain(&smallest)), smallest }
    }
}

/// Whether a run was of the whole suite, so that it has to meet every required clause.
fn is_whole(themes: usize, generated: u64, interrupted: bool) -> bool {
    themes == THEMES.len() && generated > 0 && !interrupted
}

/// A text without its styles.
pub fn plain(text: &str) -> String {
    let styles = [STYLES.heading, STYLES.good, STYLES.bad, STYLES.known];
    let styled = styles.iter().map(|style| style.render().to_string()).chain([STYLES.bad.render_reset().to_string()]);
    styled.fold(text.to_owned(), |text, code| text.replace(&code, ""))
}

/// A law that an error chain breaks.
#[derive(Debug, Serialize)]
pub struct BrokenErrorChain {
    /// How many error chains of the run break it.
    pub error_chains: u64,
    /// The smallest of them.
    pub smallest: String,
    /// The stack whose types it was made of.
    pub stack: StackName,
    /// The law.
    pub law: Law,
    /// What broke it.
    pub message: String,
    /// The command that plays it again.
    pub replay: String,
}

impl BrokenErrorChain {
    /// A law that so many error chains break, of which this is the smallest.
    pub fn new(error_chains: u64, smallest: &ErrorChain, stack: StackName, violation: &Violation) -> BrokenErrorChain {
        BrokenErrorChain {
            error_chains,
            smallest: smallest.to_string(),
            stack,
            law: violation.law,
            message: violation.message.clone(),
            replay: error_chain::replay(smallest),
        }
    }

    /// What it is known by from one run to the next.
    pub fn like(&self) -> String {
        format!("error chains: {} on {}", self.law, self.stack)
    }
}

impl Run {
    /// Whether nothing was found that the ledger does not explain.
    pub fn is_clean(&self) -> bool {
        self.unexplained() == 0
    }

    /// How many things nothing explains: findings among scripts and error chains, changes that mattered, clauses that nothing
    /// met, and what a client does wrong only since the run that this one is compared with.
    pub fn unexplained(&self) -> usize {
        let broken = self.violations.len() + self.broken_error_chains.len() + self.broken_transformations.len();
        broken + self.unmet().count() + self.baseline.as_ref().map_or(0, |baseline| baseline.wrong.len())
    }

    /// The clauses that the whole suite has to meet, and this run, which was of the whole suite, did not.
    pub fn unmet(&self) -> impl Iterator<Item = &ClauseReport> {
        let whole = is_whole(self.themes.len(), self.generated, self.interrupted);
        self.clauses.iter().filter(move |clause| whole && clause.required && !clause.is_met())
    }
}
