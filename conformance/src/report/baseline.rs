//! What is new in a run since an earlier one.

use super::{
    Run, ScenarioReport, SideReport, Version,
    divergence_count::{self, ChangedCount},
};
use crate::{oracles::clients::MistakeClass, vocabulary::StackName};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

/// What is new in a run since an earlier one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BaselineDiff {
    /// The crates that have another version in the lock file.
    pub moved: Vec<Moved>,
    /// The findings that the earlier run did not have: what each is known by.
    pub found: Vec<String>,
    /// The findings that only the earlier run had.
    pub gone: Vec<String>,
    /// The scenarios with another outcome on a stack.
    pub changed: Vec<ChangedScenario>,
    /// The entries of the ledger that explain other generated scripts.
    #[serde(default)]
    pub explained: Vec<ChangedCount>,
    /// The violations of clients that the earlier run did not have.
    pub wrong: Vec<ClientChange>,
    /// The violations of clients that only the earlier run had.
    pub fixed: Vec<ClientChange>,
}

/// A violation of a client in a scenario.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ClientChange {
    /// The name of the client.
    pub client: String,
    /// The name of the scenario.
    pub scenario: String,
    /// What is wrong: the request, the law, and the message.
    pub what: String,
}

impl fmt::Display for ClientChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} in {}: {}", self.client, self.scenario, self.what)
    }
}

/// A crate that has another version in the lock file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moved {
    /// Its name.
    pub name: String,
    /// The earlier version; none if the crate is new.
    pub before: Option<String>,
    /// The version now; none if the crate is gone.
    pub after: Option<String>,
    /// Whether the version now is not a release, but comes from a repository or a folder.
    pub unreleased: bool,
}

/// A scenario with another outcome on a stack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangedScenario {
    /// The name of the scenario.
    pub scenario: String,
    /// The stack.
    pub stack: StackName,
    /// How each request ended in the earlier run.
    pub before: Vec<String>,
    /// How each ends now.
    pub after: Vec<String>,
}

impl BaselineDiff {
    /// What is new in a run since another.
    pub fn between(before: &Run, after: &Run) -> BaselineDiff {
        let ids = |run: &Run| run.findings().into_iter().map(|finding| finding.id).collect::<BTreeSet<_>>();
        let (found_before, found_after) = (ids(before), ids(after));
        let wrong = |run: &Run, other: &Run| {
            run.wrong().filter(|wrong| other.has_played(&wrong.client, &wrong.scenario)).collect::<BTreeSet<_>>()
        };
        let (wrong_before, wrong_after) = (wrong(before, after), wrong(after, before));
        BaselineDiff {
            moved: moved(&before.locked, &after.locked),
            found: found_after.difference(&found_before).cloned().collect(),
            gone: found_before.difference(&found_after).cloned().collect(),
            changed: changed(before, after),
            explained: divergence_count::changed(before, after),
            wrong: wrong_after.difference(&wrong_before).cloned().collect(),
            fixed: wrong_before.difference(&wrong_after).cloned().collect(),
        }
    }

    /// The violations of this client in this scenario that the earlier run did not have.
    pub fn wrong_in(&self, client: &str, scenario: &str) -> impl Iterator<Item = &str> {
        let of_both = move |wrong: &&ClientChange| wrong.client == client && wrong.scenario == scenario;
        self.wrong.iter().filter(of_both).map(|wrong| &*wrong.what)
    }

    /// Whether nothing is new, apart from versions.
    pub fn is_empty(&self) -> bool {
        let BaselineDiff { moved: _, found, gone, changed, explained, wrong, fixed } = self;
        let of_stacks = found.is_empty() && gone.is_empty() && changed.is_empty() && explained.is_empty();
        of_stacks && wrong.is_empty() && fixed.is_empty()
    }
}

impl Run {
    fn scenarios(&self) -> impl Iterator<Item = &ScenarioReport> {
        self.themes.iter().flat_map(|theme| &theme.scenarios)
    }

    fn has_played(&self, client: &str, scenario: &str) -> bool {
        let mut of_it = self.clients.iter().filter(|other| other.name == client).flat_map(|client| &client.scenarios);
        of_it.any(|other| other.name == scenario)
    }

    /// The violations of all clients.
    pub fn wrong(&self) -> impl Iterator<Item = ClientChange> {
        self.clients.iter().flat_map(|client| {
            client.scenarios.iter().flat_map(move |scenario| {
                let mistakes = scenario.mistakes.iter().filter(|mistake| mistake.class != MistakeClass::Choice);
                mistakes.map(move |mistake| ClientChange {
                    client: client.name.clone(),
                    scenario: scenario.name.clone(),
                    what: mistake.to_string(),
                })
            })
        })
    }
}

/// The crates whose versions differ between two lock files; incompatible versions are separate crates.
pub fn moved(before: &[Version], after: &[Version]) -> Vec<Moved> {
    // Without a lock file the versions are unknown.
    if before.is_empty() {
        return Vec::new();
    }
    let lines = |locked: &[Version]| {
        let line = |locked: &Version| ((locked.name.clone(), compatible(&locked.version)), locked.clone());
        locked.iter().map(line).collect::<BTreeMap<_, _>>()
    };
    let (before, after) = (lines(before), lines(after));
    let all: BTreeSet<_> = before.keys().chain(after.keys()).collect();
    let moved = all.into_iter().filter(|line| before.get(line) != after.get(line)).map(|line| Moved {
        name: line.0.clone(),
        before: before.get(line).map(Version::with_source),
        after: after.get(line).map(Version::with_source),
        unreleased: after.get(line).is_some_and(|version| version.source.is_some()),
    });
    moved.collect()
}

/// The part that compatible versions share: `0.4` of 0.4.20, `1` of 1.12.0.
pub fn compatible(version: &str) -> String {
    let parts = if version.starts_with("0.") { 2 } else { 1 };
    version.split('.').take(parts).collect::<Vec<_>>().join(".")
}

fn changed(before: &Run, after: &Run) -> Vec<ChangedScenario> {
    let ends = |side: &SideReport| side.requests.iter().map(|request| request.end.to_string()).collect::<Vec<_>>();
    let mut changed = Vec::new();
    for scenario in after.scenarios() {
        let Some(earlier) = before.scenarios().find(|earlier| earlier.name == scenario.name) else { continue };
        for stack in StackName::ALL {
            let [before, after] = [earlier, scenario].map(|scenario| ends(&scenario.case.sides[stack]));
            if before != after {
                changed.push(ChangedScenario { scenario: scenario.name.clone(), stack, before, after });
            }
        }
    }
    changed
}

/// As text: `h2 0.4.20 → 0.4.21`.
impl fmt::Display for Moved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        match (&self.before, &self.after) {
            (Some(before), Some(after)) => write!(f, " {before} → {after}"),
            (None, Some(after)) => write!(f, " {after}, which was not there"),
            (Some(before), None) => write!(f, " {before}, which is gone"),
            (None, None) => Ok(()),
        }
    }
}
