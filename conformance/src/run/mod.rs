//! The run: all scenarios, the corpus, generated scripts and error chains on both stacks, checked against the laws.
//!
//! Cases are generated in batches, each with its own random sequence. So the findings depend only on the seed and on
//! the number of cases, not on the number of threads or their speed.

mod clients;
mod error_chains;
mod findings;
mod frame_log;
mod metamorphic;
mod newly_explained;
mod releases;
mod situations;

pub use clients::play_clients;
pub use error_chains::judge_error_chain;
pub use frame_log::judge_frame_log;
pub use newly_explained::add_replays;
pub use releases::play_release;

use crate::{
    classifiers::OWN_CLASSIFIERS,
    comparison::Harness,
    generators::{BATCH, Sequence},
    judge::{Judgement, Settled, judge, judge_scenario},
    ledger,
    metamorphic::TRANSFORMATIONS,
    oracles::Violation,
    outcome::{Kind, digest},
    report::{
        self, ClauseReport, Found, Run, ScenarioReport, Share, SituationReport, Theme, TransformationReport,
        divergence_count::DivergenceCount, shards::Shard,
    },
    rfc9113::Clause,
    scenarios::Scenario,
    script::Script,
    stacks::{Profile, panics::record_stack_panics},
    vocabulary::{Phase, StackName},
};
use error_chains::BrokenErrorChains;
use findings::Findings;
use metamorphic::{Applied, BrokenTransformations};
use situations::SITUATIONS;
use std::{
    collections::BTreeMap,
    num::NonZeroUsize,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread,
};

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
    /// The part of all this to play.
    pub shard: Shard,
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

/// Runs what the configuration asks for.
pub fn run(config: &RunConfig, progress: &dyn Progress) -> Run {
    record_stack_panics();
    let harness = Harness::with(config.profile, OWN_CLASSIFIERS);
    let mut tally = Tally::new(config);
    for scenario in config.shard.of_all(&config.scenarios) {
        tally.count_scenario(&harness, scenario);
        progress.advance(1);
    }
    for (name, bytes) in config.shard.of_all(&config.corpus) {
        let script = Script::decode(bytes.clone());
        let judgement = judge(&harness, &script);
        tally.count(Some(name), None, &script, &judgement);
        progress.advance(1);
    }
    run_generated(config, &mut tally, progress);
    error_chains::run(config, &mut tally, progress);
    tally.into_run(&harness)
}

/// Checks the shard's cases in batches, on one thread per core, the calling thread among them. Each thread creates its own worker,
/// which checks the given number of cases of a batch and counts each in the tally of all threads.
fn in_batches<T: Send, Worker: Fn(u64, usize, &Mutex<&mut T>)>(
    cases: u64,
    shard: Shard,
    progress: &dyn Progress,
    tally: &mut T,
    worker: impl Fn() -> Worker + Sync,
) {
    let next = AtomicU64::new(0);
    let tally = Mutex::new(tally);
    let work = || {
        let worker = worker();
        while !progress.is_stopped() {
            let batch = next.fetch_add(1, Ordering::Relaxed);
            let left = cases.saturating_sub(batch * BATCH).min(BATCH);
            if left == 0 {
                break;
            }
            if !shard.has(batch) {
                continue;
            }
            worker(batch, left as usize, &tally);
            progress.advance(left);
        }
    };
    let threads = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    thread::scope(|scope| {
        for _ in 1..threads {
            // Where no thread can be made, the others do the work.
            if thread::Builder::new().spawn_scoped(scope, work).is_err() {
                break;
            }
        }
        work();
    });
}

/// The tally, for the thread that has checked a case.
fn locked<T>(tally: &Mutex<T>) -> MutexGuard<'_, T> {
    tally.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Plays the generated scripts.
fn run_generated(config: &RunConfig, tally: &mut Tally, progress: &dyn Progress) {
    in_batches(config.cases, config.shard, progress, tally, || {
        let harness = Harness::with(config.profile, OWN_CLASSIFIERS);
        move |batch, cases, tally| {
            for (index, script) in Sequence::of_scripts(config.seed, batch).take(cases).enumerate() {
                let judgement = judge(&harness, &script);
                let sides = judgement.comparison.sides.each();
                let digest = digest(sides.map(|side| (side.stack, &side.observation.record, &side.outcome)));
                let situations = situations::of(&script, &judgement.comparison);
                let number = batch * BATCH + index as u64;
                locked(tally).count_generated(number, &script, &judgement, digest, &situations);
                if index % metamorphic::EVERY == 0 {
                    let (change, choice) = metamorphic::chosen(batch as usize + index / metamorphic::EVERY);
                    let violations = Settled::new(&harness, &script).judge(change, choice);
                    locked(tally).count_transformation((script, change, choice), violations);
                }
            }
        }
    });
}

/// The run so far, and what its findings are made of at the end. It does not depend on the order in which generated
/// cases are counted.
#[derive(Default)]
struct Tally {
    run: Run,
    digest: u64,
    shares: BTreeMap<(Phase, Kind), u64>,
    unexplained: Findings,
    broken_transformations: BrokenTransformations,
    broken_error_chains: BrokenErrorChains,
}

impl Tally {
    fn new(config: &RunConfig) -> Tally {
        let run = Run {
            schema: report::SCHEMA,
            versions: report::versions(),
            locked: report::locked(),
            profile: config.profile,
            seed: config.seed,
            shard: config.shard,
            scripts_digest: report::divergence_count::digest_of_scripts(config.seed),
            corpus: config.shard.of_all(&config.corpus).count(),
            divergences: ledger::entries().map(DivergenceCount::new).collect(),
            clauses: Clause::ALL.iter().map(|clause| ClauseReport::new(*clause)).collect(),
            situations: SITUATIONS.iter().map(|situation| SituationReport::new(situation.about)).collect(),
            transformations: TRANSFORMATIONS.iter().map(|change| TransformationReport::new(change)).collect(),
            ..Run::default()
        };
        Tally { run, ..Tally::default() }
    }

    /// Plays a scenario, and counts it.
    fn count_scenario(&mut self, harness: &Harness, scenario: &Scenario) {
        let judgement = judge_scenario(harness, scenario);
        self.count_divergences(&judgement, None);
        self.count_broken(&judgement);
        let (settled, choice) = (Settled::new(harness, &scenario.script), scenario.name.len());
        for change in TRANSFORMATIONS {
            let violations = settled.judge(change, choice);
            self.count_transformation((scenario.script.clone(), change, choice), violations);
        }
        for clause in judgement.clauses().iter() {
            self.run.clauses[clause as usize].scenarios.push(scenario.name.clone());
        }
        let fingerprint = format!("{}: {}", scenario.name, judgement.like());
        let case = judgement.into_scenario_case(scenario);
        if case.fails() {
            self.run.violations.push(Found::new(1, fingerprint.into(), case.clone()));
        }
        let report = ScenarioReport {
            name: scenario.name.clone(),
            divergences: case.divergences.iter().map(|entry| entry.name.clone()).collect(),
            but: scenario.but.iter().map(|but| but.because.clone()).collect(),
            violations: if case.fails() { case.violations.len() } else { 0 },
            laws_only: case.laws_only,
            case,
        };
        match self.run.themes.iter_mut().find(|theme| theme.name == scenario.theme) {
            Some(theme) => theme.scenarios.push(report),
            None => self.run.themes.push(Theme { name: scenario.theme.clone(), scenarios: vec![report] }),
        }
    }

    fn count_generated(
        &mut self,
        number: u64,
        script: &Script,
        judgement: &Judgement,
        digest: u64,
        situations: &[bool],
    ) {
        self.run.generated += 1;
        self.digest = self.digest.wrapping_add(digest);
        let sides = &judgement.comparison.sides;
        self.run.panics += u64::from(sides.each().iter().any(|side| !side.observation.panics.is_empty()));
        for request in &sides[StackName::Modern].outcome.requests {
            self.run.requests += 1;
            *self.shares.entry((request.phase, request.kind())).or_default() += 1;
        }
        for (count, holds) in self.run.situations.iter_mut().zip(situations) {
            count.scripts += u64::from(*holds);
        }
        self.count(None, Some(number), script, judgement);
    }

    /// Counts a script other than a scenario. It has a name if it is a corpus file, and a number if it was generated.
    fn count(&mut self, name: Option<&str>, number: Option<u64>, script: &Script, judgement: &Judgement) {
        self.count_divergences(judgement, number);
        self.count_broken(judgement);
        for clause in judgement.clauses().iter() {
            self.run.clauses[clause as usize].scripts += 1;
        }
        if judgement.unexplained {
            self.unexplained.add(name, script.clone(), judgement);
        }
    }

    fn count_divergences(&mut self, judgement: &Judgement, number: Option<u64>) {
        self.run.configuration += u64::from(judgement.configuration);
        for entry in &judgement.divergences {
            let counts = self.run.divergences.iter_mut().filter(|count| count.name == entry.name);
            counts.for_each(|count| count.count(number));
        }
    }

    /// Counts the clauses that each stack broke.
    fn count_broken(&mut self, judgement: &Judgement) {
        let is_explained = judgement.explains_laws();
        for side in judgement.comparison.sides.each() {
            for clause in side.model.broken().iter() {
                self.run.clauses[clause as usize].count_broken(side.stack, is_explained);
            }
        }
    }

    /// Counts a transformation of a script, with its violations; `None` if it does not apply to the script.
    fn count_transformation(&mut self, applied: Applied, violations: Option<Vec<Violation>>) {
        let Some(violations) = violations else { return };
        for count in self.run.transformations.iter_mut().filter(|count| count.name == applied.1.name) {
            count.scripts += 1;
        }
        if let Some(violation) = violations.into_iter().next() {
            self.broken_transformations.add(violation, 1, findings::size(&applied.0), applied);
        }
    }

    /// The run, with a smallest case for each finding.
    fn into_run(self, harness: &Harness) -> Run {
        let mut run = self.run;
        run.digest = format!("{:016x}", self.digest);
        run.shares = self.shares.iter().map(|(&(phase, kind), &requests)| Share { phase, kind, requests }).collect();
        run.violations.extend(self.unexplained.found(harness));
        run.broken_transformations = metamorphic::smallest(&self.broken_transformations, harness);
        run.broken_error_chains = error_chains::smallest(self.broken_error_chains);
        run
    }
}
