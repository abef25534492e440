//! A night: runs of the suite with several sets of dependencies, and what the fuzz targets found. What of it is new, what
//! changed that brought it, and what is to be told to whom.
//!
//! The run with the locked dependencies is what all others are held against. What is found in it is of the suite's own code,
//! or of what moved in its lock file since the night before. What is found only with another set is of the crates that moved
//! in it; of several sets that show it, the one in which the fewest moved says most. What only a fuzz target or another seed
//! finds is of nothing that changed: it was always there, and has now been found.

pub mod text;

use super::news::{Finding, Gist, Moved, News, SubjectNews, moved};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The name of the run with the dependencies of the lock file.
pub const LOCKED: &str = "locked";

/// Everything that a night has come to, before it is held against the night before.
#[derive(Debug, Default)]
pub struct Tonight {
    /// The runs, by the name of their set of dependencies.
    pub runs: BTreeMap<String, Gist>,
    /// What each fuzz target found, with the name of the target.
    pub fuzzed: Vec<(String, Finding)>,
    /// What else was done, and what did not come to its end.
    pub steps: Vec<Step>,
}

/// The night before.
#[derive(Debug, Default)]
pub struct Before {
    /// The run with the dependencies of the lock file.
    pub locked: Option<Gist>,
    /// What had been told until then.
    pub known: Vec<Known>,
}

/// A step of a night.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// What was done.
    pub name: String,
    /// How it ended.
    pub ended: StepEnd,
    /// What it said last, if it did not come to its end.
    #[serde(default)]
    pub said: String,
}

/// How a step ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StepEnd {
    /// It did what it was to do.
    Done,
    /// It could not be done here, and why is no fault of anything under test: no network, a tool that is not to be had.
    Left,
    /// It failed.
    Failed,
}

/// Something that has been told, so that it is not told again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    /// What it is known by.
    pub id: String,
    /// Which set of dependencies, or which fuzz target, it was found with.
    pub with: String,
}

/// What a night comes to.
#[derive(Debug, Serialize)]
pub struct Night {
    /// [`SCHEMA`](super::SCHEMA).
    pub schema: u32,
    /// What is new, by what brought it; what broke most first.
    pub new: Vec<Group>,
    /// How much was found that had been told before.
    pub again: usize,
    /// How much was found on a first night with older releases only: that newer ones do better is no news.
    pub mended: usize,
    /// What had been told, and is gone.
    pub gone: Vec<Known>,
    /// Every run.
    pub runs: Vec<RunLine>,
    /// Every step.
    pub steps: Vec<Step>,
    /// What is known from now on.
    pub known: Vec<Known>,
}

/// What is new because of one thing.
#[derive(Debug, Serialize)]
pub struct Group {
    /// What brought it.
    pub cause: Cause,
    /// Which set of dependencies, or which fuzz target, shows it.
    pub with: String,
    /// What was found: the shortest to tell first.
    pub findings: Vec<Finding>,
    /// What subjects do wrong only there.
    pub wrong: Vec<SubjectNews>,
}

/// What brought something new.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "cause")]
pub enum Cause {
    /// The suite's own code: nothing else has changed since the night before.
    OurCode,
    /// A dependency: these crates moved, and nothing else.
    Dependency {
        /// The crates.
        moved: Vec<Moved>,
    },
    /// Nothing that changed: it was not looked for there before.
    Search,
    /// There is no night before to hold it against.
    FirstNight,
}

/// A run in one line.
#[derive(Debug, Serialize)]
pub struct RunLine {
    /// The name of its set of dependencies.
    pub with: String,
    /// The crates that are not those of the lock file.
    pub moved: Vec<Moved>,
    /// How many findings it has.
    pub findings: usize,
    /// The scenarios that come to something else on a stack than with the lock file, though all is explained.
    pub turned: Vec<String>,
}

impl Night {
    /// Holds a night against the one before.
    pub fn new(tonight: Tonight, before: &Before) -> Night {
        let mut found: BTreeMap<String, Found> = BTreeMap::new();
        let mut wrong: BTreeMap<SubjectNews, (Cause, String)> = BTreeMap::new();
        for (cause, with, gist) in tonight.causes(before) {
            for finding in gist.findings() {
                found.entry(finding.id.clone()).or_insert(Found { cause: cause.clone(), with: with.into(), finding });
            }
            let against = if with == LOCKED { before.locked.as_ref() } else { tonight.runs.get(LOCKED) };
            for news in against.map(|against| News::between(against, gist).wrong).unwrap_or_default() {
                wrong.entry(news).or_insert((cause.clone(), with.into()));
            }
        }
        for (target, finding) in &tonight.fuzzed {
            let found_by = || Found { cause: Cause::Search, with: target.clone(), finding: finding.clone() };
            found.entry(finding.id.clone()).or_insert_with(found_by);
        }
        let told: BTreeSet<&str> = before.known.iter().map(|known| &*known.id).collect();
        let known_now = found.iter().map(|(id, found)| Known { id: id.clone(), with: found.with.clone() });
        let wrong_now = wrong.iter().map(|(news, (_, with))| Known { id: news.to_string(), with: with.clone() });
        let mut known: Vec<Known> = known_now.chain(wrong_now).collect();
        let is_found = |known: &Known| found.contains_key(&known.id);
        // What a search has found is not gone because tonight's did not come to it.
        let (gone, kept): (Vec<Known>, Vec<Known>) = before
            .known
            .iter()
            .filter(|known| !is_found(known) && !wrong.keys().any(|news| news.to_string() == known.id))
            .cloned()
            .partition(|known| tonight.has_repeated(&known.with));
        known.extend(kept);
        let mut groups: Vec<Group> = Vec::new();
        let (mut again, mut mended) = (0, 0);
        let is_mended = |cause: &Cause| before.locked.is_none() && cause.is_of_older_releases();
        for found in found.values() {
            match &found.cause {
                _ if told.contains(&*found.finding.id) => again += 1,
                cause if is_mended(cause) => mended += 1,
                cause => group(&mut groups, cause, &found.with).findings.push(found.finding.clone()),
            }
        }
        for (news, (cause, with)) in &wrong {
            match cause {
                _ if told.contains(&*news.to_string()) => again += 1,
                cause if is_mended(cause) => mended += 1,
                cause => group(&mut groups, cause, with).wrong.push(news.clone()),
            }
        }
        groups.iter_mut().for_each(|group| group.findings.sort_by_key(|finding| finding.told.len()));
        groups.sort_by_key(|group| std::cmp::Reverse(group.findings.len() + group.wrong.len()));
        let runs = tonight.run_lines();
        Night { schema: super::SCHEMA, new: groups, again, mended, gone, runs, steps: tonight.steps, known }
    }

    /// Whether nothing is new, and every step was done or could not be.
    pub fn is_quiet(&self) -> bool {
        self.new.is_empty() && self.failed().next().is_none()
    }

    /// The steps that failed.
    pub fn failed(&self) -> impl Iterator<Item = &Step> {
        self.steps.iter().filter(|step| step.ended == StepEnd::Failed)
    }
}

/// The crates whose errors are read.
pub const STACKS: [&str; 3] = ["h2", "hyper", "hyper-util"];

impl Cause {
    /// Whether crates of the stacks moved, and all of them to older releases.
    fn is_of_older_releases(&self) -> bool {
        let Cause::Dependency { moved } = self else { return false };
        let mut stacks = moved.iter().filter(|moved| STACKS.contains(&&*moved.name)).peekable();
        stacks.peek().is_some() && stacks.all(|moved| numbers(&moved.after) < numbers(&moved.before))
    }
}

/// The numbers of a version, to be compared.
fn numbers(version: &Option<String>) -> Vec<u64> {
    let numbers = version.as_deref().unwrap_or_default().split(['.', ' ']).map_while(|part| part.parse().ok());
    numbers.collect()
}

/// Something found, with what brought it.
struct Found {
    cause: Cause,
    with: String,
    finding: Finding,
}

/// The group of what this brought; a search groups by what is alike alone.
fn group<'g>(groups: &'g mut Vec<Group>, cause: &Cause, with: &str) -> &'g mut Group {
    let at = groups.iter().position(|group| group.cause == *cause && group.with == with && *cause != Cause::Search);
    let at = at.unwrap_or_else(|| {
        groups.push(Group { cause: cause.clone(), with: with.into(), findings: Vec::new(), wrong: Vec::new() });
        groups.len() - 1
    });
    &mut groups[at]
}

impl Tonight {
    /// The runs in the order in which they may say what brought something: the locked one, then those in which the fewest
    /// crates moved, then those that only searched elsewhere.
    fn causes(&self, before: &Before) -> Vec<(Cause, &str, &Gist)> {
        let mut causes = Vec::new();
        for (with, gist) in &self.runs {
            let moved_here =
                self.runs.get(LOCKED).map(|locked| moved(&locked.locked, &gist.locked)).unwrap_or_default();
            let cause = match &before.locked {
                _ if with != LOCKED && moved_here.is_empty() => Cause::Search,
                _ if with != LOCKED => Cause::Dependency { moved: moved_here },
                None => Cause::FirstNight,
                Some(last) => match moved(&last.locked, &gist.locked) {
                    moved if moved.is_empty() => Cause::OurCode,
                    moved => Cause::Dependency { moved },
                },
            };
            causes.push((cause, &**with, gist));
        }
        causes.sort_by_key(|(cause, with, _)| match cause {
            _ if *with == LOCKED => (0, 0),
            Cause::Dependency { moved } => (1, moved.len()),
            _ => (2, 0),
        });
        causes
    }

    /// Whether a run of this name was made again tonight, from the same seed as the locked one.
    fn has_repeated(&self, with: &str) -> bool {
        let seed = self.runs.get(LOCKED).map(|locked| locked.seed);
        self.runs.get(with).is_some_and(|gist| Some(gist.seed) == seed)
    }

    fn run_lines(&self) -> Vec<RunLine> {
        let locked = self.runs.get(LOCKED);
        let line = |(with, gist): (&String, &Gist)| {
            let news = locked.map(|locked| News::between(locked, gist)).unwrap_or_default();
            let turned = news.turned.iter().map(|turned| format!("{} on {}", turned.scenario, turned.stack));
            let (with, moved) = (with.clone(), news.moved.clone());
            RunLine { with, moved, findings: gist.findings().len(), turned: turned.collect() }
        };
        self.runs.iter().map(line).collect()
    }
}
