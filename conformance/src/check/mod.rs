//! Checks a third-party classifier against the laws.
//!
//! [`check`] is all that a test needs; [`Check`] also sets the budget and the seed. A check runs every entry of the
//! error catalogue in every phase, alone and inside each of the stack's own errors; random error chains; every
//! scenario; and random scripts; each on the stacks that the classifier accepts. A [`Failure`] has the smallest case of
//! each broken law, and is readable as the error of a test.

mod failure;
mod hint;

pub use failure::{Failure, Finding, FoundCase, Report};
pub use hint::Hint;

use crate::{
    chain::Chain,
    classifiers::{Both, Classifier, OWN_CLASSIFIERS, Reader, Verdict},
    error_chains::{ErrorChain, InvalidErrorChain},
    generators::{Sequence, every_catalog_entry},
    minimize::{minimize, minimize_error_chain},
    oracles::{
        Law,
        chains::{Examiner, broken_opinion},
    },
    scenarios,
    script::{Script, text::from_hex},
    stacks::{
        Driver, End, Legacy, Modern, Profile, Stack,
        drive::{catch, record_stack_panics},
    },
    vocabulary::{Phase, StackName},
};
use std::{collections::BTreeMap, error::Error};

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
        Check { classifier, seed: 1, error_chains: 10_000, scripts: 1_000 }
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

    /// Runs the check.
    ///
    /// # Errors
    ///
    /// Returns the smallest case of each broken law.
    ///
    /// # Panics
    ///
    /// If the suite's own scenarios are broken.
    pub fn run(&self) -> Result<Report, Failure> {
        record_stack_panics();
        let mut run = Run::new(self.classifier);
        every_catalog_entry().for_each(|error_chain| run.in_every_phase(&error_chain));
        Sequence::of_error_chains(self.seed, 0)
            .take(self.error_chains)
            .for_each(|error_chain| run.error_chain(error_chain));
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
    pub fn replay(&self, case: &str) -> Result<Report, ReplayError> {
        record_stack_panics();
        let mut run = Run::new(self.classifier);
        match case.strip_prefix("hex:") {
            Some(hex) => run.script(&Script::decode(from_hex(hex).ok_or(ReplayError::Script)?)),
            None => run.error_chain(case.parse()?),
        }
        run.finish(self.seed).map_err(ReplayError::Failure)
    }
}

/// A check that is running.
struct Run<'c> {
    classifier: &'c dyn Classifier,
    examiner: Examiner<'c>,
    error_chains: usize,
    requests: usize,
    findings: BTreeMap<Law, Finding>,
}

impl<'c> Run<'c> {
    fn new(classifier: &'c dyn Classifier) -> Run<'c> {
        Run { classifier, examiner: Examiner::new(classifier), error_chains: 0, requests: 0, findings: BTreeMap::new() }
    }

    /// Judges the error chain in every phase. Its error is the same in all of them, so it is made once.
    fn in_every_phase(&mut self, error_chain: &ErrorChain) {
        for stack in self.classifier.stacks().iter().filter(|stack| error_chain.exists_on(**stack)) {
            let Some(error) = error_chain.realise(*stack, self.examiner.driver()) else { continue };
            for error_chain in error_chain.in_every_phase() {
                self.error_chains += 1;
                if let Some(violation) = self.examiner.judge_error(&error_chain, *stack, error.as_ref()) {
                    self.found(&error_chain, violation.law);
                }
            }
        }
    }

    fn error_chain(&mut self, error_chain: ErrorChain) {
        self.error_chains += self.classifier.stacks().iter().filter(|stack| error_chain.exists_on(**stack)).count();
        if let Some((_, violation)) = self.examiner.judge(&error_chain) {
            self.found(&error_chain, violation.law);
        }
    }

    /// Keeps the smallest error chain that breaks the same law, unless the law has a finding already.
    fn found(&mut self, error_chain: &ErrorChain, law: Law) {
        if self.findings.contains_key(&law) {
            return;
        }
        let breaks =
            |error_chain: &ErrorChain| self.examiner.judge(error_chain).filter(|(_, violation)| violation.law == law);
        let error_chain = minimize_error_chain(error_chain, |candidate| breaks(candidate).is_some());
        let Some((stack, violation)) = breaks(&error_chain) else { return };
        let Some(examination) = self.examiner.examine(&error_chain, stack) else { return };
        let error = error_chain.realise(stack, self.examiner.driver());
        let finding = Finding {
            law,
            message: violation.message,
            stack,
            phase: error_chain.phase,
            texts: error.map(|error| texts(error.as_ref())).unwrap_or_default(),
            expected: examination.expected.clone(),
            hint: Hint::on(law, &examination, &self.examiner),
            chain: examination.chain,
            case: FoundCase::ErrorChain(error_chain),
        };
        self.findings.insert(law, finding);
    }

    fn script(&mut self, script: &Script) {
        for stack in self.classifier.stacks() {
            let answers = self.answers(script, *stack);
            self.requests += answers.len();
            let Some(law) = answers.iter().find_map(|answer| answer.broken.as_ref().map(|(law, _)| *law)) else {
                continue;
            };
            if self.findings.contains_key(&law) {
                continue;
            }
            let first = |script: &Script| {
                let answers = self.answers(script, *stack);
                answers.into_iter().find(|answer| answer.broken.as_ref().is_some_and(|(broken, _)| *broken == law))
            };
            let script = minimize(script, |candidate| first(candidate).is_some());
            let Some(answer) = first(&script) else { continue };
            let Some((_, message)) = answer.broken else { continue };
            let finding = Finding {
                law,
                message,
                case: FoundCase::Script(script, answer.request),
                stack: *stack,
                phase: answer.phase,
                chain: answer.chain,
                texts: answer.texts,
                expected: answer.expected,
                hint: None,
            };
            self.findings.insert(law, finding);
        }
    }

    fn answers(&self, script: &Script, stack: StackName) -> Vec<AnswerToRequest> {
        match stack {
            StackName::Legacy => self.answers_on::<Legacy>(script),
            StackName::Modern => self.answers_on::<Modern>(script),
        }
    }

    /// The classifier's answers on every request that the script makes fail.
    fn answers_on<S: Stack>(&self, script: &Script) -> Vec<AnswerToRequest> {
        let driver: &Driver = self.examiner.driver();
        let observation = driver.observe::<S>(script, Profile::Equal);
        let own = OWN_CLASSIFIERS[S::NAME];
        let failed = observation.requests.iter().enumerate().filter_map(|(request, seen)| match &seen.end {
            End::Failed(phase, error) => Some((request, *phase, error.as_ref().as_ref())),
            End::Open | End::Complete => None,
        });
        let answers = failed.map(|(request, phase, error)| {
            let error: &(dyn Error + 'static) = error;
            let chain = own.reader.read(error);
            let expected = (own.decide)(&chain, phase);
            let broken = match catch(|| self.classifier.classify(error, phase)) {
                Ok(said) => broken_opinion(&said, &expected),
                Err(panic) => Some((Law::Liveness, format!("it panics: {panic}"))),
            };
            AnswerToRequest { request, phase, texts: texts(error), chain, expected, broken }
        });
        answers.collect()
    }

    fn finish(self, seed: u64) -> Result<Report, Failure> {
        let classifier = self.classifier.name().to_owned();
        if self.findings.is_empty() {
            return Ok(Report { classifier, seed, error_chains: self.error_chains, requests: self.requests });
        }
        let mut findings: Vec<Finding> = self.findings.into_values().collect();
        // A classifier that asks for the wrong types breaks other laws as a consequence.
        findings.sort_by_key(|finding| !matches!(finding.hint, Some(Hint::OtherTypes { .. })));
        Err(Failure { classifier, seed, findings })
    }
}

struct AnswerToRequest {
    request: usize,
    phase: Phase,
    chain: Chain,
    texts: Vec<String>,
    expected: Verdict,
    broken: Option<(Law, String)>,
}

/// The texts of the errors of a chain, up to a readable number.
fn texts(error: &(dyn Error + 'static)) -> Vec<String> {
    const READ: usize = 12;
    std::iter::successors(Some(error), |error| Both.inner(*error)).take(READ).map(ToString::to_string).collect()
}
