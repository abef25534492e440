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
    classifiers::{Both, ChainClassifier, Classifier, OWN_CLASSIFIERS, Reader},
    error_chains::{ErrorChain, InvalidErrorChain},
    generators::{Sequence, every_catalog_entry},
    minimize::{minimize, minimize_error_chain},
    oracles::{
        Law, Violation,
        chains::{Examiner, broken_opinion},
        panicked,
    },
    scenarios,
    script::{Script, text::from_hex},
    stacks::{
        End, Profile,
        drive::{catch, record_stack_panics},
        observe,
    },
    vocabulary::StackName,
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
                let examination = self.examiner.examine_error(&error_chain, *stack, error.as_ref());
                if let Some(violation) = examination.and_then(|examination| examination.violation()) {
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
        let Some((stack, Violation { message, .. })) = breaks(&error_chain) else { return };
        let Some(examination) = self.examiner.examine(&error_chain, stack) else { return };
        let error = error_chain.realise(stack, self.examiner.driver());
        let finding = Finding {
            law,
            message,
            stack,
            phase: error_chain.phase,
            texts: error.map(|error| texts(error.as_ref())).unwrap_or_default(),
            expected: examination.expected.clone(),
            hint: Hint::on(law, &examination),
            chain: examination.chain,
            case: FoundCase::ErrorChain(error_chain),
        };
        self.findings.insert(law, finding);
    }

    fn script(&mut self, script: &Script) {
        for stack in self.classifier.stacks() {
            let verdicts = self.judge_requests(script, *stack);
            self.requests += verdicts.len();
            let Some(Finding { law, .. }) = verdicts.into_iter().flatten().next() else { continue };
            if self.findings.contains_key(&law) {
                continue;
            }
            let first = |script: &Script| {
                let mut found = self.judge_requests(script, *stack).into_iter().flatten();
                found.find(|finding| finding.law == law)
            };
            let smallest = minimize(script, |candidate| first(candidate).is_some()).script;
            if let Some(finding) = first(&smallest) {
                self.findings.insert(law, finding);
            }
        }
    }

    /// For each request that the script makes fail on this stack, the law that the classifier's answer breaks.
    fn judge_requests(&self, script: &Script, stack: StackName) -> Vec<Option<Finding>> {
        let observation = observe(stack)(self.examiner.driver(), script, Profile::Equal);
        let failed = observation.requests.iter().enumerate().filter_map(|(request, seen)| match &seen.end {
            End::Failed(phase, error) => Some((request, *phase, error.as_ref().as_ref() as &(dyn Error + 'static))),
            End::Open | End::Complete => None,
        });
        let verdicts = failed.map(|(request, phase, error)| {
            let ChainClassifier { reader, decide } = OWN_CLASSIFIERS[stack];
            let chain = reader.read(error);
            let expected = decide(&chain, phase);
            let (law, message) = match catch(|| self.classifier.classify(error, phase)) {
                Ok(said) => broken_opinion(&said, &expected)?,
                Err(panic) => (Law::Liveness, panicked(&panic)),
            };
            let case = FoundCase::Script(script.clone(), request);
            Some(Finding { law, message, case, stack, phase, texts: texts(error), chain, expected, hint: None })
        });
        verdicts.collect()
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

/// The texts of the errors of a chain, up to a readable number.
fn texts(error: &(dyn Error + 'static)) -> Vec<String> {
    const READ: usize = 12;
    std::iter::successors(Some(error), |error| Both.inner(*error)).take(READ).map(ToString::to_string).collect()
}
