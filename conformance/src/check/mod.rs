//! Checks a third-party classifier or client against the laws. [`client`] checks a client.
//!
//! [`check`] is all that a test needs; [`Check`] also sets the budget and the seed. A check runs every entry of the
//! error catalogue in every phase, alone and inside each of the stack's own errors; random error chains; every
//! scenario; and random scripts; each on the stacks that the classifier accepts. Every question is asked twice, the second
//! time after all others. A [`Failure`] has the smallest case of each broken law, and is readable as the error of a test.

mod client;
mod failure;
mod hint;
mod run;
mod versions;
mod watch;

pub use client::{
    Because, ClientCheck, ClientFailed, ClientFinding, ClientResult, Played, ScenarioResult, SeenMistake, Shown,
    Tolerated, client,
};
pub use failure::{Failure, Finding, FoundCase, Report, Unwise};
pub use hint::Hint;

use crate::{
    classifiers::Classifier,
    error_chains::InvalidErrorChain,
    generators::{Sequence, every_catalog_entry},
    oracles::chains::Limit,
    scenarios,
    script::{Script, text::from_hex},
    stacks::panics::record_stack_panics,
    vocabulary::Phase,
};
use run::Run;
use std::{error::Error, time::Duration};
use watch::Watched;

/// Checks a classifier against the laws, with the budget of [`Check::new`].
///
/// # Errors
///
/// Returns the smallest case of each broken law.
pub fn check(classifier: &dyn Classifier) -> Result<Report, Failure> {
    Check::new(classifier).run()
}

/// A check with its budget.
pub struct Check<'c> {
    classifier: &'c dyn Classifier,
    seed: u64,
    error_chains: usize,
    scripts: usize,
    time_limit: Duration,
    limit: Box<Limit<'c>>,
}

/// Why a case cannot be replayed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReplayError {
    /// It is not an error chain.
    #[error(transparent)]
    ErrorChain(#[from] InvalidErrorChain),
    /// It is not a script.
    #[error("`hex:` needs pairs of hexadecimal digits")]
    Script,
    /// A law is broken.
    #[error("{0}")]
    Failure(Failure),
}

impl<'c> Check<'c> {
    /// A check of 10,000 error chains and 1,000 scripts, besides the error catalogue and all scenarios. It takes a
    /// second or two if dependencies are compiled with optimisations.
    pub fn new(classifier: &'c dyn Classifier) -> Check<'c> {
        let time_limit = Duration::from_secs(60);
        Check { classifier, seed: 1, error_chains: 10_000, scripts: 1_000, time_limit, limit: Box::new(|_, _| true) }
    }

    /// Limits the check to the errors that the classifier's client can hand to it. The result counts what is left out; a
    /// check that has nothing left fails.
    ///
    /// Some chains have no end: the limit should look at the outermost error, or at a number of them.
    ///
    /// ```
    /// use conformance::{
    ///     Check,
    ///     classifiers::{Both, Reader, by, decide},
    ///     vocabulary::{Phase, StackName},
    /// };
    ///
    /// // Its client asks it only while there is no response, so it does not look at the phase.
    /// let policy = by("policy", &StackName::ALL, |error, _| decide(&Both.read(error), Phase::Head).into());
    /// let report = Check::new(&policy).only(|_, phase| phase == Phase::Head).run().unwrap();
    /// assert!(report.error_chains > 10_000 && report.left_out > 10_000, "{report}");
    /// ```
    pub fn only(self, limit: impl Fn(&(dyn Error + 'static), Phase) -> bool + 'c) -> Check<'c> {
        Check { limit: Box::new(limit), ..self }
    }

    /// Sets the seed. The same seed generates the same cases.
    pub fn seed(self, seed: u64) -> Check<'c> {
        Check { seed, ..self }
    }

    /// Sets the number of generated error chains, besides those of every entry.
    pub fn error_chains(self, error_chains: usize) -> Check<'c> {
        Check { error_chains, ..self }
    }

    /// Sets the number of generated scripts.
    pub fn scripts(self, scripts: usize) -> Check<'c> {
        Check { scripts, ..self }
    }

    /// Sets the time that the classifier may take for all its answers together, 60 s by default. A check ends with a
    /// finding after it. If a single answer takes longer, the program ends with exit status 101 and names the case on
    /// standard error: a thread that does not return cannot be stopped.
    pub fn time_limit(self, time_limit: Duration) -> Check<'c> {
        Check { time_limit, ..self }
    }

    /// Runs the check.
    ///
    /// # Errors
    ///
    /// Returns the smallest case of each broken law, or that nothing was checked.
    ///
    /// # Panics
    ///
    /// If the suite's own scenarios are broken, or if no thread can be started to watch the time.
    pub fn run(&self) -> Result<Report, Failure> {
        record_stack_panics();
        let watched = Watched::new(self.classifier, self.time_limit);
        let mut run = Run::new(&watched, &*self.limit);
        every_catalog_entry().for_each(|error_chain| run.in_every_phase(&error_chain));
        Sequence::of_error_chains(self.seed, 0)
            .take(self.error_chains)
            .for_each(|error_chain| run.error_chain(&error_chain));
        let scenarios = scenarios::built_in().expect("the suite's own scenarios are valid");
        let scripts = Sequence::of_scripts(self.seed, 0).take(self.scripts);
        scenarios.into_iter().map(|scenario| scenario.script).chain(scripts).for_each(|script| run.script(&script));
        run.finish(self.seed)
    }

    /// Runs one case again, as a [`Failure`] prints it: an error chain, or `hex:` and the bytes of a script.
    ///
    /// # Errors
    ///
    /// Returns the law that the case breaks, or why it cannot be replayed.
    ///
    /// # Panics
    ///
    /// If no thread can be started to watch the time.
    pub fn replay(&self, case: &str) -> Result<Report, ReplayError> {
        record_stack_panics();
        let watched = Watched::new(self.classifier, self.time_limit);
        let mut run = Run::new(&watched, &*self.limit);
        match case.strip_prefix("hex:") {
            Some(hex) => run.script(&Script::decode(from_hex(hex).ok_or(ReplayError::Script)?)),
            None => run.error_chain(&case.parse()?),
        }
        run.finish(self.seed).map_err(ReplayError::Failure)
    }
}
