//! The run: all scenarios, the corpus, generated scripts and error chains on both stacks, checked against the laws.
//!
//! Cases are generated in batches, each with its own random sequence. So the findings depend only on the seed and on
//! the number of cases, not on the number of threads or their speed.

mod clauses;
mod clients;
mod error_chains;
mod findings;
mod metamorphic;
mod releases;

pub use clients::play_clients;
pub use error_chains::judge_error_chain;
pub use releases::play_release;

use crate::{
    classifiers::OWN_CLASSIFIERS,
    comparison::Harness,
    generators::Sequence,
    judge::{Judgement, judge, judge_scenario},
    ledger::LEDGER,
    outcome::{Kind, digest},
    report::{self, DivergenceCount, Found, Run, ScenarioReport, Share, Theme},
    scenarios::Scenario,
    script::Script,
    stacks::{Profile, drive::record_stack_panics},
    vocabulary::{Phase, StackName},
};
use clauses::ClauseTally;
use error_chains::ErrorChainTally;
use findings::Findings;
use metamorphic::MetamorphicTally;
use std::{
    collections::BTreeMap,
    num::NonZeroUsize,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
};

/// The number of scripts or error chains in one random sequence.
pub const BATCH: u64 = 500;

/// What to run.
pub struct RunConfig {
    /// The scenarios.
    pub scenarios: Vec<Scenario>,
    /// Corpus files: the name and the bytes of each.
    pub corpus: Vec<(String, Vec<u8>)>,
    /// The number of scripts to generate.
    pub cases: u64,
    /// The number of error chains to check: first every catalogue entry in every phase, then generated chains.
    pub error_chains: u64,
    /// The seed that scripts and error chains are generated from.
    pub seed: u64,
    /// The settings of the stacks.
    pub profile: Profile,
}

/// Follows the progress of a run, and can stop it.
pub trait Progress: Sync {
    /// Another `cases` scripts were played, or error chains checked.
    fn advance(&self, cases: u64);

    /// Whether to end the run early, with the results so far.
    fn is_stopped(&self) -> bool {
        false
    }
}

/// Shows nothing and never stops.
impl Progress for () {
    fn advance(&self, _: u64) {}
}

/// Stops once the flag is set.
impl Progress for AtomicBool {
    fn advance(&self, _: u64) {}

    fn is_stopped(&self) -> bool {
        self.load(Ordering::Relaxed)
    }
}

/// Runs what the configuration asks for.
pub fn run(config: &RunConfig, progress: &dyn Progress) -> Run {
    record_stack_panics();
    let harness = Harness::with(config.profile, OWN_CLASSIFIERS);
    let mut tally = ScriptTally::default();
    let mut violations = Vec::new();
    let themes = run_scenarios(config, &harness, &mut tally, &mut violations, progress);
    for (name, bytes) in &config.corpus {
        let script = Script::decode(bytes.clone());
        let judgement = judge(&harness, &script);
        tally.count_divergences(&judgement);
        tally.clauses.count(judgement.clauses());
        if judgement.unexplained {
            tally.unexplained.add(Some(name), script, &judgement);
        }
        progress.advance(1);
    }
    let generated = run_generated(config, progress);
    tally.add(generated);
    violations.extend(tally.unexplained.found(&harness));
    tally.into_run(config, &harness, themes, violations, error_chains::run(config, progress))
}

fn run_scenarios(
    config: &RunConfig,
    harness: &Harness,
    tally: &mut ScriptTally,
    violations: &mut Vec<Found>,
    progress: &dyn Progress,
) -> Vec<Theme> {
    let mut themes: Vec<Theme> = Vec::new();
    for scenario in &config.scenarios {
        let judgement = judge_scenario(harness, scenario);
        tally.count_divergences(&judgement);
        tally.changes.try_all(harness, &scenario.script, scenario.name.len());
        tally.clauses.note(&scenario.name, judgement.clauses());
        let fingerprint = format!("{}: {}", scenario.name, judgement.like());
        let case = judgement.into_scenario_case(scenario);
        if case.unexplained {
            violations.push(Found::new(1, fingerprint.into(), case.clone()));
        }
        let report = ScenarioReport {
            name: scenario.name.clone(),
            divergences: case.divergences.iter().map(|entry| entry.name.clone()).collect(),
            but: scenario.but.iter().map(|but| but.because.clone()).collect(),
            violations: if case.unexplained { case.violations.len() } else { 0 },
            laws_only: case.laws_only,
            case,
        };
        match themes.iter_mut().find(|theme| theme.name == scenario.theme) {
            Some(theme) => theme.scenarios.push(report),
            None => themes.push(Theme { name: scenario.theme.clone(), scenarios: vec![report] }),
        }
        progress.advance(1);
    }
    themes
}

/// The counts over a part of a run. They do not depend on the order in which parts are added.
trait Tally: Default + Send {
    /// Adds another part.
    fn add(&mut self, other: Self);
}

/// Counts cases in batches, on one thread per core. Each thread creates its own worker, which counts the given number
/// of cases of a batch.
fn in_batches<T: Tally, Worker: FnMut(u64, usize, &mut T)>(
    cases: u64,
    progress: &dyn Progress,
    worker: impl Fn() -> Worker + Sync,
) -> T {
    let next = AtomicU64::new(0);
    let total = Mutex::new(T::default());
    let work = || {
        let mut worker = worker();
        let mut tally = T::default();
        while !progress.is_stopped() {
            let batch = next.fetch_add(1, Ordering::Relaxed);
            let left = cases.saturating_sub(batch * BATCH).min(BATCH);
            if left == 0 {
                break;
            }
            worker(batch, left as usize, &mut tally);
            progress.advance(left);
        }
        total.lock().unwrap_or_else(PoisonError::into_inner).add(tally);
    };
    let threads = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(work);
        }
    });
    total.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// Plays the generated scripts.
fn run_generated(config: &RunConfig, progress: &dyn Progress) -> ScriptTally {
    in_batches(config.cases, progress, || {
        let harness = Harness::with(config.profile, OWN_CLASSIFIERS);
        move |batch, cases, tally: &mut ScriptTally| {
            for (index, script) in Sequence::of_scripts(config.seed, batch).take(cases).enumerate() {
                tally.count(&script, judge(&harness, &script));
                if index % metamorphic::EVERY == 0 {
                    tally.changes.try_one(&harness, &script, batch as usize + index / metamorphic::EVERY);
                }
            }
        }
    })
}

/// The counts over the scripts of a run.
#[derive(Default)]
struct ScriptTally {
    scripts: u64,
    clauses: ClauseTally,
    digest: u64,
    requests: u64,
    panics: u64,
    configuration: u64,
    shares: BTreeMap<(Phase, Kind), u64>,
    divergences: BTreeMap<&'static str, u64>,
    changes: MetamorphicTally,
    unexplained: Findings,
}

impl Tally for ScriptTally {
    fn add(&mut self, other: ScriptTally) {
        self.scripts += other.scripts;
        self.digest = self.digest.wrapping_add(other.digest);
        self.requests += other.requests;
        self.panics += other.panics;
        self.configuration += other.configuration;
        self.changes.add(other.changes);
        self.clauses.add(other.clauses);
        for (share, requests) in other.shares {
            *self.shares.entry(share).or_default() += requests;
        }
        for (name, scripts) in other.divergences {
            *self.divergences.entry(name).or_default() += scripts;
        }
        self.unexplained.extend(other.unexplained);
    }
}

impl ScriptTally {
    fn count(&mut self, script: &Script, judgement: Judgement) {
        self.scripts += 1;
        self.digest = self.digest.wrapping_add(digest(judgement.comparison.sides.each()));
        self.panics +=
            u64::from(judgement.comparison.sides.each().iter().any(|side| !side.observation.panics.is_empty()));
        self.clauses.count(judgement.clauses());
        for request in &judgement.comparison.sides[StackName::Modern].outcome.requests {
            self.requests += 1;
            *self.shares.entry((request.phase, request.kind())).or_default() += 1;
        }
        self.count_divergences(&judgement);
        if judgement.unexplained {
            self.unexplained.add(None, script.clone(), &judgement);
        }
    }

    fn count_divergences(&mut self, judgement: &Judgement) {
        self.configuration += u64::from(judgement.configuration);
        for entry in &judgement.divergences {
            *self.divergences.entry(entry.name).or_default() += 1;
        }
    }

    fn into_run(
        self,
        config: &RunConfig,
        harness: &Harness,
        themes: Vec<Theme>,
        violations: Vec<Found>,
        error_chains: ErrorChainTally,
    ) -> Run {
        let scripts = |name| self.divergences.get(name).copied().unwrap_or_default();
        Run {
            schema: report::SCHEMA,
            versions: report::versions(),
            locked: report::locked(),
            profile: config.profile,
            seed: config.seed,
            themes,
            corpus: config.corpus.len(),
            generated: self.scripts,
            digest: format!("{:016x}", self.digest),
            requests: self.requests,
            shares: self.shares.iter().map(|(&(phase, kind), &requests)| Share { phase, kind, requests }).collect(),
            divergences: LEDGER.iter().map(|entry| DivergenceCount::new(entry, scripts(entry.name))).collect(),
            panics: self.panics,
            configuration: self.configuration,
            error_chains: error_chains.error_chains,
            unequal_error_chains: error_chains.unequal,
            broken_error_chains: error_chains.into_broken(),
            clauses: self.clauses.reports(),
            transformations: self.changes.reports(),
            broken_transformations: self.changes.found(harness),
            violations,
            ..Run::default()
        }
    }
}
