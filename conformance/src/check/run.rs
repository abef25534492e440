use super::{Failure, Finding, FoundCase, Hint, Report, Unwise, versions, watch::Watched};
use crate::{
    classifiers::{Both, ChainClassifier, Classifier, OWN_CLASSIFIERS, Opinion, Proof, Reader, Verdict, decide},
    error_chains::{ErrorChain, KnownTypes},
    minimize::{minimize, minimize_error_chain},
    oracles::{
        Law, Violation,
        chains::{Answer, Examiner, Limit, broken_opinion, is_unwise},
        panicked,
    },
    script::Script,
    stacks::{BoxError, Driver, End, Profile, observe},
    vocabulary::{Phase, StackName},
};
use std::{borrow::Cow, collections::BTreeMap, error::Error, rc::Rc, sync::Arc};

/// A check that is running.
pub(super) struct Run<'c> {
    classifier: &'c Watched<'c>,
    limit: &'c Limit<'c>,
    /// One for each method, or one that asks about none.
    examiners: Vec<Rc<Examiner<'c>>>,
    driver: Rc<Driver>,
    error_chains: usize,
    requests: usize,
    left_out: usize,
    findings: BTreeMap<Law, Finding>,
    unwise: BTreeMap<Cow<'static, str>, Unwise>,
    asked: Vec<Question<'c>>,
}

/// A question that was put to the classifier, and its first answer.
struct Question<'c> {
    examiner: Rc<Examiner<'c>>,
    case: Arc<FoundCase>,
    stack: StackName,
    phase: Phase,
    error: Arc<BoxError>,
    expected: Verdict,
    answer: Answer,
}

/// The number of a request that failed, its phase, and its error.
type FailedRequest = (usize, Phase, Arc<BoxError>);

impl<'c> Run<'c> {
    pub(super) fn new(classifier: &'c Watched<'c>, limit: &'c Limit<'c>) -> Run<'c> {
        let driver = Rc::new(Driver::new());
        let examiner = |method| Rc::new(Examiner::with(classifier, driver.clone()).limited(method, limit));
        let mut examiners: Vec<_> = classifier.methods().iter().map(|method| examiner(Some(*method))).collect();
        if examiners.is_empty() {
            examiners.push(examiner(None));
        }
        Run {
            classifier,
            limit,
            examiners,
            driver,
            error_chains: 0,
            requests: 0,
            left_out: 0,
            findings: BTreeMap::new(),
            unwise: BTreeMap::new(),
            asked: Vec::new(),
        }
    }

    /// Judges the error chain in every phase. Its error is the same in all of them, so it is made once.
    pub(super) fn in_every_phase(&mut self, error_chain: &ErrorChain) {
        self.put(error_chain, &Phase::ALL);
    }

    pub(super) fn error_chain(&mut self, error_chain: &ErrorChain) {
        self.put(error_chain, &[error_chain.phase]);
    }

    fn put(&mut self, error_chain: &ErrorChain, phases: &[Phase]) {
        for stack in self.classifier.stacks().iter().filter(|stack| error_chain.exists_on(**stack)) {
            let Some(error) = error_chain.realise(*stack, &self.driver).map(Arc::new) else { continue };
            for phase in phases {
                if self.is_over() {
                    return;
                }
                if !(self.limit)(error.as_ref().as_ref(), *phase) {
                    self.left_out += 1;
                    continue;
                }
                self.error_chains += 1;
                for examiner in self.examiners.clone() {
                    self.put_on(*stack, &ErrorChain { phase: *phase, ..error_chain.clone() }, &error, &examiner);
                }
            }
        }
    }

    /// Judges the error chain, realised as this error.
    fn put_on(
        &mut self,
        stack: StackName,
        error_chain: &ErrorChain,
        error: &Arc<BoxError>,
        examiner: &Rc<Examiner<'c>>,
    ) {
        let case = Arc::new(FoundCase::ErrorChain(error_chain.clone()));
        self.classifier.is_asked_about(&case);
        let Some(examination) = examiner.examine_error(error_chain, stack, error.as_ref().as_ref()) else {
            return;
        };
        let (violation, expected, answer) = (examination.violation(), examination.expected, examination.answer);
        let (phase, error) = (error_chain.phase, error.clone());
        self.answered(Question { examiner: examiner.clone(), case, stack, phase, error, expected, answer });
        if let Some(violation) = violation {
            self.found(error_chain, &violation, examiner);
        }
    }

    /// Keeps the question for the second round, and notes a retry that is allowed but unwise.
    fn answered(&mut self, question: Question<'c>) {
        let expected = &question.expected;
        if question.answer.as_ref().is_ok_and(|said| is_unwise(said, expected)) {
            let first = || Unwise { because: expected.because.clone(), times: 0, case: question.case.to_string() };
            self.unwise.entry(expected.because.clone()).or_insert_with(first).times += 1;
        }
        if let Some(message) = self.classifier.too_slow() {
            self.find(Law::Liveness, message, &question);
        }
        self.asked.push(question);
    }

    /// Whether the classifier has used up its time.
    fn is_over(&self) -> bool {
        self.classifier.too_slow().is_some()
    }

    /// Keeps a finding about a question, unless its law has one already.
    fn find(&mut self, law: Law, message: String, question: &Question<'c>) {
        let Question { examiner, case, stack, phase, error, .. } = question;
        let error: &(dyn Error + 'static) = error.as_ref().as_ref();
        let chain = match examiner.known_types() {
            KnownTypes::Both => Both.read(error),
            KnownTypes::Own => OWN_CLASSIFIERS[*stack].reader.read(error),
        };
        let finding = Finding {
            law,
            message,
            case: case.as_ref().clone(),
            stack: *stack,
            phase: *phase,
            method: examiner.method,
            texts: texts(error),
            expected: decide(&chain, *phase),
            chain,
            hint: None,
        };
        self.findings.entry(law).or_insert(finding);
    }

    /// The same for a violation of the last question that was not seen again.
    fn not_seen_again(&mut self, law: Law, message: &str) {
        if let Some(question) = self.asked.pop() {
            let message = format!("it broke the law of {law} once, and not when it was asked again: {message}");
            self.find(Law::Determinism, message, &question);
            self.asked.push(question);
        }
    }

    /// Keeps the smallest error chain that breaks the same law, unless the law has a finding already.
    fn found(&mut self, error_chain: &ErrorChain, violation: &Violation, examiner: &Examiner<'c>) {
        let law = violation.law;
        if self.findings.contains_key(&law) {
            return;
        }
        let breaks =
            |error_chain: &ErrorChain| examiner.judge(error_chain).filter(|(_, violation)| violation.law == law);
        // What does not come again cannot be made smaller.
        let again = breaks(error_chain).and_then(|_| {
            let error_chain = minimize_error_chain(error_chain, |candidate| breaks(candidate).is_some());
            breaks(&error_chain).map(|again| (error_chain, again))
        });
        let Some((error_chain, (stack, Violation { message, .. }))) = again else {
            return self.not_seen_again(law, &violation.message);
        };
        let Some(examination) = examiner.examine(&error_chain, stack) else { return };
        let error = error_chain.realise(stack, &self.driver);
        let finding = Finding {
            law,
            message,
            stack,
            phase: error_chain.phase,
            method: examiner.method,
            texts: error.map(|error| texts(error.as_ref())).unwrap_or_default(),
            expected: examination.expected.clone(),
            hint: Hint::on(law, &examination),
            chain: examination.chain,
            case: FoundCase::ErrorChain(error_chain),
        };
        self.findings.insert(law, finding);
    }

    pub(super) fn script(&mut self, script: &Script) {
        for stack in self.classifier.stacks() {
            if self.is_over() {
                return;
            }
            let (failed, left_out) = self.failed_requests(script, *stack);
            self.requests += failed.len();
            self.left_out += left_out.len();
            let judged = self.judge_requests(script, *stack, failed);
            let first = judged.iter().find_map(|(_, broken)| broken.clone());
            judged.into_iter().for_each(|(question, _)| self.answered(question));
            let Some((law, message)) = first else { continue };
            if self.findings.contains_key(&law) {
                continue;
            }
            let broken = |script: &Script| {
                let judged = self.judge_requests(script, *stack, self.failed_requests(script, *stack).0).into_iter();
                judged.filter_map(|(question, broken)| Some((question, broken?))).find(|(_, broken)| broken.0 == law)
            };
            let again =
                broken(script).and_then(|_| broken(&minimize(script, |candidate| broken(candidate).is_some()).script));
            match again {
                Some((question, (law, message))) => self.find(law, message, &question),
                None => self.not_seen_again(law, &message),
            }
        }
    }

    /// The requests that the script makes fail on this stack: those that the limit allows, and the others.
    fn failed_requests(&self, script: &Script, stack: StackName) -> (Vec<FailedRequest>, Vec<FailedRequest>) {
        let observation = observe(stack)(&self.driver, script, Profile::Equal);
        let failed = observation.requests.into_iter().enumerate().filter_map(|(request, seen)| match seen.end {
            End::Failed(phase, error) => Some((request, phase, error)),
            End::Open | End::Complete | End::Cancelled => None,
        });
        failed.partition(|(_, phase, error)| (self.limit)(error.as_ref().as_ref(), *phase))
    }

    /// Each of these requests for each method, with the law that the classifier's answer breaks.
    fn judge_requests(
        &self,
        script: &Script,
        stack: StackName,
        failed: Vec<FailedRequest>,
    ) -> Vec<(Question<'c>, Option<(Law, String)>)> {
        let questions =
            failed.into_iter().flat_map(|failed| self.examiners.iter().map(move |asks| (failed.clone(), asks)));
        let judged = questions.map(|((request, phase, error), examiner)| {
            let case = Arc::new(FoundCase::Script(script.clone(), request));
            self.classifier.is_asked_about(&case);
            let ChainClassifier { reader, decide } = OWN_CLASSIFIERS[stack];
            let chain = reader.read(error.as_ref().as_ref());
            let expected = decide(&chain, phase);
            let answer = examiner.ask(error.as_ref().as_ref(), phase);
            let promised = examiner.promises(&chain, phase);
            let broken = match &answer {
                Ok(said) => broken_opinion(said, &expected, examiner.method, promised),
                Err(panic) => Some((Law::Liveness, panicked(panic))),
            };
            (Question { examiner: examiner.clone(), case, stack, phase, error, expected, answer }, broken)
        });
        judged.collect()
    }

    /// Asks every question again.
    fn ask_again(&mut self) {
        for question in std::mem::take(&mut self.asked) {
            if self.is_over() {
                return;
            }
            self.classifier.is_asked_about(&question.case);
            let again = question.examiner.ask(question.error.as_ref().as_ref(), question.phase);
            if again != question.answer {
                let said = |answer: &Answer| answer.as_ref().map_or_else(|panic| panicked(panic), Opinion::to_string);
                let message = format!("it says: {}; asked again, it says: {}", said(&question.answer), said(&again));
                self.find(Law::Determinism, message, &question);
            }
        }
    }

    pub(super) fn finish(mut self, seed: u64) -> Result<Report, Failure> {
        let nothing = self.asked.is_empty();
        self.ask_again();
        let classifier = self.classifier.name().to_owned();
        let versions = versions::under_test(self.classifier.stacks());
        let left_out = self.left_out;
        if self.findings.is_empty() && !nothing {
            let promised = self.classifier.promises();
            return Ok(Report {
                classifier,
                seed,
                versions,
                error_chains: self.error_chains,
                requests: self.requests,
                methods: self.classifier.methods().to_vec(),
                left_out,
                unpromised: Proof::ALL.iter().filter(|proof| !promised.contains(proof)).copied().collect(),
                unwise: self.unwise.into_values().collect(),
            });
        }
        let mut findings: Vec<Finding> = self.findings.into_values().collect();
        // A classifier that asks for the wrong types breaks other laws as a consequence.
        findings.sort_by_key(|finding| !matches!(finding.hint, Some(Hint::OtherTypes { .. })));
        Err(Failure { classifier, seed, versions, left_out, findings })
    }
}

/// The texts of the errors of a chain, up to a readable number.
fn texts(error: &(dyn Error + 'static)) -> Vec<String> {
    const READ: usize = 12;
    std::iter::successors(Some(error), |error| Both.inner(*error)).take(READ).map(ToString::to_string).collect()
}
