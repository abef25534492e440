//! A run in parts: each machine plays a shard, and their reports are joined to that of the whole run, count for count.

use super::{ClauseReport, Found, Run, Share, Similar, Theme, clients::ClientReport};
use crate::vocabulary::StackName;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt, str::FromStr};

/// A part of a run: of all scenarios, corpus files and batches of generated cases, every [`Shard::of`]th.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shard {
    /// Its number, counted from 1.
    pub number: u64,
    /// The number of shards.
    pub of: u64,
}

impl Default for Shard {
    fn default() -> Shard {
        Shard::WHOLE
    }
}

impl Shard {
    /// All of a run.
    pub const WHOLE: Shard = Shard { number: 1, of: 1 };

    /// Whether it has the item with this index.
    pub fn has(self, index: u64) -> bool {
        index % self.of == self.number - 1
    }

    /// Those of these items that it has.
    pub fn of_all<T>(self, items: impl IntoIterator<Item = T>) -> impl Iterator<Item = T> {
        items.into_iter().zip(0..).filter(move |(_, index)| self.has(*index)).map(|(item, _)| item)
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.of)
    }
}

/// A text is not a shard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a shard is its number and that of all shards, such as 1/4, and the first is 1")]
pub struct NoShard;

impl FromStr for Shard {
    type Err = NoShard;

    fn from_str(text: &str) -> Result<Shard, NoShard> {
        let (number, of) = text.split_once('/').ok_or(NoShard)?;
        let shard = Shard { number: number.parse().map_err(|_| NoShard)?, of: of.parse().map_err(|_| NoShard)? };
        if (1..=shard.of).contains(&shard.number) { Ok(shard) } else { Err(NoShard) }
    }
}

/// Why reports are not the shards of one run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotOneRun {
    /// There is no report.
    #[error("there is no report to merge")]
    Nothing,
    /// A report is of no shard.
    #[error("one of the reports is of a whole run, and no shard")]
    Whole,
    /// The shards are of runs with other numbers of shards.
    #[error("the shards are of different runs: {0} and {1}")]
    OtherShards(Shard, Shard),
    /// A shard is there twice.
    #[error("shard {0} is there twice")]
    Twice(Shard),
    /// Some shards are not there.
    #[error("of {1} shards, these are missing: {0}")]
    Missing(String, u64),
    /// Two shards were run with other seeds, settings or versions.
    #[error("shard {0} and shard {1} were run with different {2}")]
    Differ(Shard, Shard, &'static str),
}

impl Run {
    /// The whole run of these shards, in any order.
    ///
    /// # Errors
    ///
    /// If they are not all the shards of one run, each once.
    pub fn merged(mut shards: Vec<Run>) -> Result<Run, NotOneRun> {
        shards.sort_by_key(|run| run.shard.number);
        let first = shards.first().ok_or(NotOneRun::Nothing)?;
        if shards.iter().any(|run| run.shard == Shard::WHOLE) {
            return Err(NotOneRun::Whole);
        }
        for run in &shards {
            if let Some(what) = first.difference(run) {
                return Err(NotOneRun::Differ(first.shard, run.shard, what));
            }
            if run.shard.of != first.shard.of {
                return Err(NotOneRun::OtherShards(first.shard, run.shard));
            }
        }
        if let Some(pair) = shards.windows(2).find(|pair| pair[0].shard == pair[1].shard) {
            return Err(NotOneRun::Twice(pair[0].shard));
        }
        let of = first.shard.of;
        let is_missing = |number: &u64| !shards.iter().any(|run| run.shard.number == *number);
        let missing: Vec<String> = (1..=of).filter(is_missing).map(|number| number.to_string()).collect();
        if !missing.is_empty() {
            return Err(NotOneRun::Missing(missing.join(", "), of));
        }
        Ok(joined(shards))
    }

    /// What makes this run another than the other one, besides what they played.
    fn difference(&self, other: &Run) -> Option<&'static str> {
        let differs = [
            (self.seed != other.seed || self.scripts_digest != other.scripts_digest, "generated scripts"),
            (self.profile != other.profile, "settings of the stacks"),
            (self.versions != other.versions || self.locked != other.locked, "versions"),
        ];
        differs.into_iter().find(|(differs, _)| *differs).map(|(_, what)| what)
    }
}

/// The whole run of all its shards, in the order of their numbers.
fn joined(mut shards: Vec<Run>) -> Run {
    let themes = themes(&mut shards);
    let place = |name: &String| {
        let scenarios = themes.iter().flat_map(|theme| &theme.scenarios);
        scenarios.zip(0..).find(|(scenario, _)| scenario.name == *name).map(|(_, place)| place)
    };
    let clients = clients(&mut shards);
    let mut rest = shards.into_iter();
    let first = rest.next().unwrap_or_default();
    let mut whole = Run { shard: Shard::WHOLE, clients, ..first };
    for shard in rest {
        whole.add(shard);
    }
    for clause in &mut whole.clauses {
        clause.scenarios.sort_by_key(place);
    }
    let size = |found: &Found| found.smallest.script.len();
    whole.violations = merged(whole.violations, |found| found.known_by.clone(), size, |found| &mut found.cases);
    whole.violations.sort_by_key(size);
    whole.broken_error_chains = merged(
        whole.broken_error_chains,
        |broken| broken.law,
        |broken| broken.smallest.len(),
        |broken| &mut broken.error_chains,
    );
    whole.broken_transformations = merged(
        whole.broken_transformations,
        |broken| (broken.change.clone(), broken.message.clone()),
        |broken| broken.before.len(),
        |broken| &mut broken.scripts,
    );
    whole.themes = themes;
    whole
}

/// The items of these lists in turn: first the first of each.
fn interleaved<T>(lists: Vec<Vec<T>>) -> impl Iterator<Item = T> {
    let mut lists: Vec<_> = lists.into_iter().map(Vec::into_iter).collect();
    let length = lists.iter().map(ExactSizeIterator::len).max().unwrap_or_default();
    let rounds = (0..length).map(move |_| lists.iter_mut().filter_map(Iterator::next).collect::<Vec<_>>());
    rounds.flatten()
}

fn themes(shards: &mut [Run]) -> Vec<Theme> {
    let of_shard = |run: &mut Run| {
        let themes = std::mem::take(&mut run.themes).into_iter();
        let scenarios = themes.flat_map(|theme| theme.scenarios.into_iter().map(move |one| (theme.name.clone(), one)));
        scenarios.collect()
    };
    let mut themes: Vec<Theme> = Vec::new();
    for (name, scenario) in interleaved(shards.iter_mut().map(of_shard).collect()) {
        match themes.iter_mut().find(|theme| theme.name == name) {
            Some(theme) => theme.scenarios.push(scenario),
            None => themes.push(Theme { name, scenarios: vec![scenario] }),
        }
    }
    themes
}

fn clients(shards: &mut [Run]) -> Vec<ClientReport> {
    let mut clients = std::mem::take(&mut shards[0].clients);
    for (index, client) in clients.iter_mut().enumerate() {
        let first = std::mem::take(&mut client.scenarios);
        let others = shards[1..].iter_mut().map(|run| {
            let client = run.clients.get_mut(index);
            client.map(|client| std::mem::take(&mut client.scenarios)).unwrap_or_default()
        });
        client.scenarios = interleaved([first].into_iter().chain(others).collect()).collect();
    }
    clients
}

impl Run {
    /// Adds the counts and the findings of another shard.
    fn add(&mut self, other: Run) {
        self.corpus += other.corpus;
        self.generated += other.generated;
        self.interrupted |= other.interrupted;
        self.digest = added_digests(&self.digest, &other.digest);
        self.requests += other.requests;
        self.panics += other.panics;
        self.configuration += other.configuration;
        self.error_chains += other.error_chains;
        self.unequal_error_chains += other.unequal_error_chains;
        let mut shares: BTreeMap<_, u64> = BTreeMap::new();
        for share in self.shares.drain(..).chain(other.shares) {
            *shares.entry((share.phase, share.kind)).or_default() += share.requests;
        }
        self.shares = shares.into_iter().map(|((phase, kind), requests)| Share { phase, kind, requests }).collect();
        for (ours, theirs) in self.divergences.iter_mut().zip(other.divergences) {
            ours.add(theirs);
        }
        for (ours, theirs) in self.clauses.iter_mut().zip(other.clauses) {
            ours.add(theirs);
        }
        for (ours, theirs) in self.situations.iter_mut().zip(other.situations) {
            ours.scripts += theirs.scripts;
        }
        for (ours, theirs) in self.transformations.iter_mut().zip(other.transformations) {
            ours.scripts += theirs.scripts;
        }
        self.violations.extend(other.violations);
        self.broken_error_chains.extend(other.broken_error_chains);
        self.broken_transformations.extend(other.broken_transformations);
    }
}

/// The digest of the observations of both: it does not depend on their order.
fn added_digests(one: &str, other: &str) -> String {
    let number = |digest| u64::from_str_radix(digest, 16).unwrap_or_default();
    format!("{:016x}", number(one).wrapping_add(number(other)))
}

impl ClauseReport {
    fn add(&mut self, other: ClauseReport) {
        self.scenarios.extend(other.scenarios);
        self.scripts += other.scripts;
        for stack in StackName::ALL {
            self.broken[stack].explained += other.broken[stack].explained;
            self.broken[stack].unexplained += other.broken[stack].unexplained;
        }
    }
}

/// What several shards have found, each kind once: the smallest case, with the number of all.
fn merged<T, Kind: Ord, Size: Ord>(
    found: Vec<T>,
    kind: impl Fn(&T) -> Kind,
    size: impl Fn(&T) -> Size,
    cases: impl Fn(&mut T) -> &mut u64,
) -> Vec<T> {
    let mut similar = Similar::default();
    for mut found in found {
        similar.add(kind(&found), *cases(&mut found), size(&found), found);
    }
    let smallest = similar.0.into_values().map(|(all, _, mut smallest)| {
        *cases(&mut smallest) = all;
        smallest
    });
    smallest.collect()
}
