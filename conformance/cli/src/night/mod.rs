//! A night: runs of the suite with several sets of dependencies, sweeps, and what the fuzz targets found. Its report
//! says what is new, and which change caused it.
//!
//! All other runs are compared with the run of the locked dependencies. Its findings come from the suite's own code, or
//! from crates that moved in the lock file since the night before. Findings only with another set come from the crates
//! that moved in that set; if several sets show a finding, the set in which the fewest moved counts. Findings only of a
//! fuzz target or another seed do not come from a change: they are older, and were found tonight. Findings of a sweep
//! come from the release, if it is new since the night before.

pub mod folder;
pub mod text;

use crate::sweep::{Release, Sweep};
use conformance::report::{
    ClauseReport, Finding, Run, SCHEMA,
    baseline::{BaselineDiff, ClientChange, Moved, compatible, moved},
};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

/// The name of the run with the dependencies of the lock file.
pub const LOCKED: &str = "locked";

/// The name of the run with the newest dependencies.
const NEWEST: &str = "newest";

/// The prefix of the names of runs in which one crate alone is newer. The rest names its version.
const ONE_NEWER: &str = "only-";

/// The results of a night, before they are compared with the night before.
#[derive(Debug, Default)]
pub struct Tonight {
    /// The runs, by the name of their set of dependencies.
    pub runs: BTreeMap<String, Run>,
    /// What each fuzz target found, with the name of the target.
    pub fuzzed: Vec<(String, Finding)>,
    /// The sweeps over releases.
    pub sweeps: Vec<Sweep>,
    /// The steps of the night, and the results that could not be read.
    pub steps: Vec<Step>,
}

/// The night before.
#[derive(Debug, Default)]
pub struct Before {
    /// The run with the dependencies of the lock file.
    pub locked: Option<Run>,
    /// The sweeps over releases.
    pub sweeps: Vec<Sweep>,
    /// Everything that had been reported until then.
    pub known: Vec<Known>,
}

/// A step of a night.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// What was done.
    pub name: String,
    /// How it ended.
    pub ended: StepEnd,
    /// Its last message, if it failed or was left out.
    #[serde(default)]
    pub said: String,
}

/// How a step ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StepEnd {
    /// It succeeded.
    Done,
    /// It could not be done here, for a reason outside the code under test: no network, or no tool.
    Left,
    /// It failed.
    Failed,
}

/// What something was found with.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FoundWith {
    /// The run with this set of dependencies.
    Run(String),
    /// A run in which one crate alone is newer. Its name contains the crate's version, so it may differ the next night.
    OneNewer(String),
    /// This fuzz target.
    Target(String),
    /// Releases of this crate.
    Releases(String),
}

impl FoundWith {
    /// The run of this name.
    pub fn run(name: &str) -> FoundWith {
        let of = if name.starts_with(ONE_NEWER) { FoundWith::OneNewer } else { FoundWith::Run };
        of(name.into())
    }

    /// Whether it is the run with the dependencies of the lock file.
    fn is_locked(&self) -> bool {
        matches!(self, FoundWith::Run(name) if name == LOCKED)
    }
}

impl fmt::Display for FoundWith {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FoundWith::Run(name) | FoundWith::OneNewer(name) | FoundWith::Target(name) => f.write_str(name),
            FoundWith::Releases(name) => write!(f, "releases of {name}"),
        }
    }
}

/// Something that has been reported, so that it is not reported again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    /// What it is known by.
    pub id: String,
    /// What it was found with.
    pub with: FoundWith,
    /// The version, if it was found with a release.
    pub release: Option<String>,
}

/// Everything that has been reported, which a night leaves for the next one.
#[derive(Debug, Serialize, Deserialize)]
struct Memory {
    schema: u32,
    known: Vec<Known>,
}

/// The report of a night.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Night {
    /// [`SCHEMA`].
    pub schema: u32,
    /// What is new, by cause; the largest group first.
    pub new: Vec<Group>,
    /// The crates that moved in the lock file since the night before.
    pub moved: Vec<Moved>,
    /// The number of findings that had been reported before.
    pub again: usize,
    /// The number of findings that are known from now on without a report: of releases that were never played before,
    /// because they are not new, and of a new release that does what the release before it does.
    pub recorded: usize,
    /// What had been reported and is gone.
    pub gone: Vec<Known>,
    /// Every run.
    pub runs: Vec<RunLine>,
    /// Every step.
    pub steps: Vec<Step>,
    /// What is known from now on.
    pub known: Vec<Known>,
}

/// What is new because of one cause.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// The cause.
    pub cause: Cause,
    /// What it was found with.
    pub with: FoundWith,
    /// What was found, the shortest first.
    pub findings: Vec<Finding>,
    /// The new violations of clients.
    pub wrong: Vec<ClientChange>,
}

/// The cause of something new.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "cause")]
pub enum Cause {
    /// The suite's own code: nothing else has changed since the night before.
    OurCode,
    /// A dependency: these crates moved, and nothing else.
    Dependency {
        /// The crates.
        moved: Vec<Moved>,
    },
    /// No change: a search found it, and it may be older.
    Search,
    /// Unknown: there is no night before to compare with.
    FirstNight,
}

/// The summary of a run in one line.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunLine {
    /// The name of its set of dependencies.
    pub with: String,
    /// The crates that are not those of the lock file.
    pub moved: Vec<Moved>,
    /// The number of its findings.
    pub findings: usize,
    /// The scenarios with another outcome on a stack than with the lock file, explained or not.
    pub changed: Vec<String>,
}

impl Night {
    /// Compares a night with the one before.
    pub fn new(tonight: Tonight, before: &Before) -> Night {
        let found = tonight.found(before);
        let reported: BTreeSet<&str> = before.known.iter().map(|known| &*known.id).collect();
        let mut known: Vec<Known> = found.iter().map(|found| found.known.clone()).collect();
        // A reported violation of a client that is still there tonight is neither new nor gone.
        let still_wrong: BTreeSet<String> =
            tonight.runs.values().flat_map(Run::wrong).map(|wrong| wrong.to_string()).collect();
        let not_new = before.known.iter().filter(|earlier| known.iter().all(|known| known.id != earlier.id));
        let (gone, kept): (Vec<Known>, Vec<Known>) =
            not_new.cloned().partition(|known| !still_wrong.contains(&known.id) && tonight.has_repeated(known, before));
        let (mut again, mut recorded) = (kept.iter().filter(|known| still_wrong.contains(&known.id)).count(), 0);
        known.extend(kept);
        let mut groups: Vec<Group> = Vec::new();
        for found in found {
            if reported.contains(&*found.known.id) {
                again += 1;
            } else if found.recorded {
                recorded += 1;
            } else {
                let group = group(&mut groups, &found.cause, &found.known.with);
                match found.what {
                    What::Finding(finding) => group.findings.push(finding),
                    What::Wrong(wrong) => group.wrong.push(wrong),
                }
            }
        }
        groups.iter_mut().for_each(|group| group.findings.sort_by_key(|finding| finding.rendered.len()));
        groups.sort_by_key(|group| std::cmp::Reverse(group.findings.len() + group.wrong.len()));
        let runs = tonight.run_lines();
        let moved = tonight.moved(before);
        Night { schema: SCHEMA, new: groups, moved, again, recorded, gone, runs, steps: tonight.steps, known }
    }

    /// Whether nothing is new and no step failed.
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

/// The numbers of a version, for comparison.
fn numbers(version: &Option<String>) -> Vec<u64> {
    let numbers = version.as_deref().unwrap_or_default().split(['.', ' ']).map_while(|part| part.parse().ok());
    numbers.collect()
}

/// Every release of these sweeps, with the last release before it that was played.
fn of_releases(sweeps: &[Sweep]) -> impl Iterator<Item = (&Sweep, Option<&Release>, &Release)> {
    sweeps.iter().flat_map(|sweep| {
        sweep.lines.iter().flat_map(move |line| {
            line.releases.iter().enumerate().map(move |(index, release)| {
                let previous = line.releases[..index].iter().rev().find(|earlier| earlier.plays().is_some());
                (sweep, previous, release)
            })
        })
    })
}

/// The cause of what a release breaks, and whether the release is older than the night before but was not played then.
fn cause_of_release(sweep: &Sweep, previous: Option<&Release>, release: &Release, before: &Before) -> (Cause, bool) {
    let earlier =
        || of_releases(&before.sweeps).filter(|(other, ..)| other.name == sweep.name).map(|(.., other)| other);
    let of_version = |version: &str| Some(version.to_owned());
    if let Some(same) = earlier().find(|other| other.version == release.version) {
        // The crate that moves with it may have a newer release.
        let partner =
            sweep.lines.iter().find_map(|line| line.partner.clone()).filter(|_| same.partner != release.partner);
        let (before, after) = (same.partner.clone(), release.partner.clone());
        let moved = |name| vec![Moved { name, before, after, unreleased: false }];
        return (partner.map_or(Cause::OurCode, |name| Cause::Dependency { moved: moved(name) }), false);
    }
    let before = previous.and_then(|previous| of_version(&previous.version));
    let after = of_version(&release.version);
    let moved = vec![Moved { name: sweep.name.clone(), before, after, unreleased: false }];
    let of_its_line = || earlier().filter(|other| compatible(&other.version) == compatible(&release.version));
    let is_newer = |other: &Release| numbers(&of_version(&other.version)) < numbers(&of_version(&release.version));
    let came_out = of_its_line().next().is_some() && of_its_line().all(is_newer);
    (Cause::Dependency { moved }, !came_out)
}

/// Something found, with its cause.
struct Found {
    known: Known,
    what: What,
    cause: Cause,
    /// Whether it is known from now on without a report: the release was never played before, or the release before it
    /// does the same.
    recorded: bool,
}

enum What {
    Finding(Finding),
    Wrong(ClientChange),
}

/// The group with this cause. Each finding of a search gets its own group.
fn group<'g>(groups: &'g mut Vec<Group>, cause: &Cause, with: &FoundWith) -> &'g mut Group {
    let is_it = |group: &Group| group.cause == *cause && group.with == *with && *cause != Cause::Search;
    let at = groups.iter().position(is_it);
    let at = at.unwrap_or_else(|| {
        groups.push(Group { cause: cause.clone(), with: with.clone(), findings: Vec::new(), wrong: Vec::new() });
        groups.len() - 1
    });
    &mut groups[at]
}

/// The clauses that a run had to meet and did not, each in the form of a finding: they are reported and forgotten alike.
fn missed(run: &Run) -> impl Iterator<Item = Finding> {
    run.missed().map(|ClauseReport { name, section, .. }| Finding {
        id: format!("clause that nothing meets: {name}"),
        cases: 1,
        rendered: format!("Nothing of the run meets {name} (RFC 9113 §{section}).\n"),
        replay: format!("cargo run --release -- --seed {}", run.seed),
    })
}

impl Tonight {
    /// Everything that was found tonight, each once, with the first possible cause: findings by what they are known by,
    /// then violations of clients.
    fn found(&self, before: &Before) -> Vec<Found> {
        let mut found: BTreeMap<String, Found> = BTreeMap::new();
        let mut wrong: BTreeMap<ClientChange, Found> = BTreeMap::new();
        for (cause, name, run) in self.causes(before) {
            // It is not new that older releases break more.
            let recorded = before.locked.is_none() && cause.is_of_older_releases();
            let known = |id| Known { id, with: FoundWith::run(name), release: None };
            let of_run = |id, what| Found { known: known(id), what, cause: cause.clone(), recorded };
            for finding in run.findings().into_iter().chain(missed(run)) {
                let id = finding.id.clone();
                found.entry(id.clone()).or_insert_with(|| of_run(id, What::Finding(finding)));
            }
            let against = if name == LOCKED { before.locked.as_ref() } else { self.runs.get(LOCKED) };
            for change in against.map(|against| BaselineDiff::between(against, run).wrong).unwrap_or_default() {
                wrong.entry(change.clone()).or_insert_with(|| of_run(change.to_string(), What::Wrong(change)));
            }
        }
        let fuzzed = self.fuzzed.iter().map(|(target, finding)| Found {
            known: Known { id: finding.id.clone(), with: FoundWith::Target(target.clone()), release: None },
            what: What::Finding(finding.clone()),
            cause: Cause::Search,
            recorded: false,
        });
        for other in fuzzed.chain(self.swept(before)) {
            found.entry(other.known.id.clone()).or_insert(other);
        }
        found.into_values().chain(wrong.into_values()).collect()
    }

    /// The runs with their causes, most likely cause first: the locked run, then the runs in which the fewest crates
    /// moved (released ones first), then those that only searched elsewhere.
    fn causes(&self, before: &Before) -> Vec<(Cause, &str, &Run)> {
        let base = self.runs.get(LOCKED).or(before.locked.as_ref());
        let mut causes = Vec::new();
        for (with, run) in &self.runs {
            let (against, unmoved) = match &**with {
                LOCKED => (before.locked.as_ref(), Cause::OurCode),
                _ => (base, Cause::Search),
            };
            let cause = match against.map(|against| moved(&against.locked, &run.locked)) {
                None => Cause::FirstNight,
                Some(moved) if moved.is_empty() => unmoved,
                Some(moved) => Cause::Dependency { moved },
            };
            causes.push((cause, &**with, run));
        }
        causes.sort_by_key(|(cause, with, _)| match cause {
            _ if *with == LOCKED => (0, 0, false),
            Cause::Dependency { moved } => (1, moved.len(), moved.iter().any(|moved| moved.unreleased)),
            _ => (2, 0, false),
        });
        causes
    }

    /// The crates that moved in the lock file since the night before.
    fn moved(&self, before: &Before) -> Vec<Moved> {
        match (&before.locked, self.runs.get(LOCKED)) {
            (Some(before), Some(locked)) => moved(&before.locked, &locked.locked),
            _ => Vec::new(),
        }
    }

    /// Whether the run or release that this was found with was repeated tonight, and the run was at least as long.
    fn has_repeated(&self, known: &Known, before: &Before) -> bool {
        let name = match &known.with {
            FoundWith::Releases(name) => {
                let version = known.release.as_ref();
                return of_releases(&self.sweeps)
                    .any(|(sweep, _, release)| sweep.name == *name && version == Some(&release.version));
            }
            FoundWith::Target(_) => return false,
            FoundWith::OneNewer(_) => NEWEST,
            FoundWith::Run(name) => name,
        };
        let (Some(run), Some(locked)) = (self.runs.get(name), self.runs.get(LOCKED)) else { return false };
        let as_long = before.locked.as_ref().is_none_or(|last| run.generated >= last.generated);
        run.seed == locked.seed && as_long && !run.interrupted
    }

    /// The findings of releases.
    fn swept(&self, before: &Before) -> Vec<Found> {
        let mut swept = Vec::new();
        for (sweep, previous, release) in of_releases(&self.sweeps) {
            let (cause, is_recorded) = cause_of_release(sweep, previous, release, before);
            let inherited = previous.map(Release::findings).unwrap_or_default();
            let (name, version) = (&sweep.name, &release.version);
            swept.extend(release.findings().into_iter().map(|(what, rendered)| {
                let id = format!("{name} {version}: {what}");
                let replay = format!("cargo run --release -- sweep {name} {version}");
                let with = FoundWith::Releases(name.clone());
                Found {
                    known: Known { id: id.clone(), with, release: Some(version.clone()) },
                    what: What::Finding(Finding { id, cases: 1, rendered, replay }),
                    cause: cause.clone(),
                    // A finding that the release before has too did not come with this one.
                    recorded: is_recorded || inherited.iter().any(|(earlier, _)| *earlier == what),
                }
            }));
        }
        swept
    }

    fn run_lines(&self) -> Vec<RunLine> {
        let locked = self.runs.get(LOCKED);
        let line = |(with, run): (&String, &Run)| {
            let BaselineDiff { moved, changed, .. } =
                locked.map(|locked| BaselineDiff::between(locked, run)).unwrap_or_default();
            let changed = changed.iter().map(|changed| format!("{} on {}", changed.scenario, changed.stack));
            RunLine {
                with: with.clone(),
                moved,
                findings: run.findings().len() + run.missed().count(),
                changed: changed.collect(),
            }
        };
        self.runs.iter().map(line).collect()
    }
}
