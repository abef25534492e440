//! A night: runs of the suite with several sets of dependencies, and what the fuzz targets found. What of it is new, what
//! changed that brought it, and what is to be told to whom.
//!
//! The run with the locked dependencies is what all others are held against. What is found in it is of the suite's own code,
//! or of what moved in its lock file since the night before. What is found only with another set is of the crates that moved
//! in it; of several sets that show it, the one in which the fewest moved says most. What only a fuzz target or another seed
//! finds is of nothing that changed: it was always there, and has now been found. What a sweep finds is of the release, if
//! that came out since.

pub mod folder;
pub mod text;

use crate::sweep::{Release, Sweep};
use conformance::report::{
    SCHEMA,
    baseline::{BaselineDiff, ClientChange, Finding, Gist, Moved, compatible, moved},
};
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
    /// What releases came to.
    pub sweeps: Vec<Sweep>,
    /// What else was done, and what did not come to its end.
    pub steps: Vec<Step>,
}

/// The night before.
#[derive(Debug, Default)]
pub struct Before {
    /// The run with the dependencies of the lock file.
    pub locked: Option<Gist>,
    /// What releases came to.
    pub sweeps: Vec<Sweep>,
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
    /// [`SCHEMA`].
    pub schema: u32,
    /// What is new, by what brought it; what broke most first.
    pub new: Vec<Group>,
    /// The crates that moved in the lock file since the night before.
    pub moved: Vec<Moved>,
    /// How much was found that had been told before.
    pub again: usize,
    /// How much was found that is known from now on and not told: with releases that nobody had looked at before, because that
    /// newer ones do better is no news, and with a new one that does what the one before it does.
    pub recorded: usize,
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
    /// What clients do wrong only there.
    pub wrong: Vec<ClientChange>,
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
        let mut wrong: BTreeMap<ClientChange, (Cause, String)> = BTreeMap::new();
        // That newer releases do better is no news.
        let is_recorded = |cause: &Cause| before.locked.is_none() && cause.is_of_older_releases();
        for (cause, with, gist) in tonight.causes(before) {
            let recorded = is_recorded(&cause);
            for finding in gist.findings() {
                let (cause, with) = (cause.clone(), with.into());
                found.entry(finding.id.clone()).or_insert(Found { cause, with, finding, recorded });
            }
            let against = if with == LOCKED { before.locked.as_ref() } else { tonight.runs.get(LOCKED) };
            for baseline in against.map(|against| BaselineDiff::between(against, gist).wrong).unwrap_or_default() {
                wrong.entry(baseline).or_insert((cause.clone(), with.into()));
            }
        }
        for (target, finding) in &tonight.fuzzed {
            let (cause, with, finding) = (Cause::Search, target.clone(), finding.clone());
            found.entry(finding.id.clone()).or_insert(Found { cause, with, finding, recorded: false });
        }
        for swept in tonight.swept(before) {
            found.entry(swept.finding.id.clone()).or_insert(swept);
        }
        let told: BTreeSet<&str> = before.known.iter().map(|known| &*known.id).collect();
        let known_now = found.iter().map(|(id, found)| Known { id: id.clone(), with: found.with.clone() });
        let wrong_now =
            wrong.iter().map(|(baseline, (_, with))| Known { id: baseline.to_string(), with: with.clone() });
        let mut known: Vec<Known> = known_now.chain(wrong_now).collect();
        // What was wrong the night before and is so tonight is not new, and it is not gone either.
        let still_wrong: BTreeSet<String> =
            tonight.runs.values().flat_map(Gist::wrong).map(|wrong| wrong.to_string()).collect();
        let not_new = before.known.iter().filter(|earlier| known.iter().all(|known| known.id != earlier.id));
        let (gone, kept): (Vec<Known>, Vec<Known>) =
            not_new.cloned().partition(|known| !still_wrong.contains(&known.id) && tonight.has_repeated(known, before));
        let mut groups: Vec<Group> = Vec::new();
        let (mut again, mut recorded) = (kept.iter().filter(|known| still_wrong.contains(&known.id)).count(), 0);
        known.extend(kept);
        for found in found.values() {
            match &found.cause {
                _ if told.contains(&*found.finding.id) => again += 1,
                _ if found.recorded => recorded += 1,
                cause => group(&mut groups, cause, &found.with).findings.push(found.finding.clone()),
            }
        }
        for (baseline, (cause, with)) in &wrong {
            match cause {
                _ if told.contains(&*baseline.to_string()) => again += 1,
                cause if is_recorded(cause) => recorded += 1,
                cause => group(&mut groups, cause, with).wrong.push(baseline.clone()),
            }
        }
        groups.iter_mut().for_each(|group| group.findings.sort_by_key(|finding| finding.told.len()));
        groups.sort_by_key(|group| std::cmp::Reverse(group.findings.len() + group.wrong.len()));
        let runs = tonight.run_lines();
        let moved = tonight.moved(before);
        Night { schema: SCHEMA, new: groups, moved, again, recorded, gone, runs, steps: tonight.steps, known }
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

/// What a sweep is called, before the name of the crate.
const RELEASES: &str = "releases of ";

/// Every release of some sweeps, with the one before it that was played.
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

/// What brought what a release breaks, and whether nobody has looked at it before, although it was there.
fn cause_of_release(sweep: &Sweep, previous: Option<&Release>, release: &Release, before: &Before) -> (Cause, bool) {
    let earlier =
        || of_releases(&before.sweeps).filter(|(other, ..)| other.name == sweep.name).map(|(.., other)| other);
    let of_version = |version: &str| Some(version.to_owned());
    if let Some(same) = earlier().find(|other| other.version == release.version) {
        // What moves with it may have a newer release.
        let partner =
            sweep.lines.iter().find_map(|line| line.partner.clone()).filter(|_| same.partner != release.partner);
        let moved = |name| Moved { name, before: same.partner.clone(), after: release.partner.clone() };
        let cause = partner.map_or(Cause::OurCode, |name| Cause::Dependency { moved: vec![moved(name)] });
        return (cause, false);
    }
    let before = previous.and_then(|previous| of_version(&previous.version));
    let moved = vec![Moved { name: sweep.name.clone(), before, after: of_version(&release.version) }];
    let of_its_line = || earlier().filter(|other| compatible(&other.version) == compatible(&release.version));
    let is_newer = |other: &Release| numbers(&of_version(&other.version)) < numbers(&of_version(&release.version));
    let came_out = of_its_line().next().is_some() && of_its_line().all(is_newer);
    (Cause::Dependency { moved }, !came_out)
}

/// Something found, with what brought it.
struct Found {
    cause: Cause,
    with: String,
    finding: Finding,
    /// Whether it is known from now on and not told: nobody has looked at these releases before, or an earlier one does it too.
    recorded: bool,
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
    /// crates moved, released ones first, then those that only searched elsewhere.
    fn causes(&self, before: &Before) -> Vec<(Cause, &str, &Gist)> {
        let base = self.runs.get(LOCKED).or(before.locked.as_ref());
        let mut causes = Vec::new();
        for (with, gist) in &self.runs {
            let (against, unmoved) = match &**with {
                LOCKED => (before.locked.as_ref(), Cause::OurCode),
                _ => (base, Cause::Search),
            };
            let cause = match against.map(|against| moved(&against.locked, &gist.locked)) {
                None => Cause::FirstNight,
                Some(moved) if moved.is_empty() => unmoved,
                Some(moved) => Cause::Dependency { moved },
            };
            causes.push((cause, &**with, gist));
        }
        causes.sort_by_key(|(cause, with, _)| match cause {
            _ if *with == LOCKED => (0, 0, false),
            Cause::Dependency { moved } => (1, moved.len(), moved.iter().any(Moved::is_unreleased)),
            _ => (2, 0, false),
        });
        causes
    }

    /// What moved in the lock file since the night before.
    fn moved(&self, before: &Before) -> Vec<Moved> {
        match (&before.locked, self.runs.get(LOCKED)) {
            (Some(before), Some(locked)) => moved(&before.locked, &locked.locked),
            _ => Vec::new(),
        }
    }

    /// Whether what this was found with was looked at again tonight, and as long.
    fn has_repeated(&self, known: &Known, before: &Before) -> bool {
        if known.with.starts_with(RELEASES) {
            let is_of = |(sweep, _, release): (&Sweep, _, &Release)| {
                known.id.starts_with(&format!("{} {}: ", sweep.name, release.version))
            };
            return of_releases(&self.sweeps).any(is_of);
        }
        // A run with one newer crate is named after its version; the next night has another one.
        let with = if known.with.starts_with("only-") { "newest" } else { &known.with };
        let (Some(gist), Some(locked)) = (self.runs.get(with), self.runs.get(LOCKED)) else { return false };
        let as_long = before.locked.as_ref().is_none_or(|last| gist.generated >= last.generated);
        gist.seed == locked.seed && as_long && !gist.interrupted
    }

    /// What releases break and nothing explains.
    fn swept(&self, before: &Before) -> Vec<Found> {
        let mut swept = Vec::new();
        for (sweep, previous, release) in of_releases(&self.sweeps) {
            let (cause, is_recorded) = cause_of_release(sweep, previous, release, before);
            let inherited = previous.map(Release::findings).unwrap_or_default();
            let found = release.findings().into_iter().map(|(what, told)| Found {
                // What the release before does too did not come with this one.
                recorded: is_recorded || inherited.iter().any(|(earlier, _)| *earlier == what),
                cause: cause.clone(),
                with: format!("{RELEASES}{}", sweep.name),
                finding: Finding {
                    id: format!("{} {}: {what}", sweep.name, release.version),
                    cases: 1,
                    told,
                    replay: format!("cargo run --release -- sweep {} {}", sweep.name, release.version),
                },
            });
            swept.extend(found);
        }
        swept
    }

    fn run_lines(&self) -> Vec<RunLine> {
        let locked = self.runs.get(LOCKED);
        let line = |(with, gist): (&String, &Gist)| {
            let baseline = locked.map(|locked| BaselineDiff::between(locked, gist)).unwrap_or_default();
            let turned = baseline.turned.iter().map(|turned| format!("{} on {}", turned.scenario, turned.stack));
            let (with, moved) = (with.clone(), baseline.moved.clone());
            RunLine { with, moved, findings: gist.findings().len(), turned: turned.collect() }
        };
        self.runs.iter().map(line).collect()
    }
}
