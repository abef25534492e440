use super::FoundCase;
use crate::{
    classifiers::{Classifier, Opinion, Proof},
    peer::lock,
    script::Method,
    vocabulary::{Phase, StackName},
};
use std::{
    error::Error,
    fmt::Display,
    io::Write,
    process,
    sync::{Arc, Mutex, mpsc},
    thread,
    time::{Duration, Instant},
};

/// The exit status of a program that somebody else's code keeps from going on: that of a failed test.
const FAILED: i32 = 101;

/// A thread that ends the program if a call of somebody else's code does not return.
pub(super) struct TimeLimit {
    limit: Duration,
    running: Arc<Mutex<Running>>,
    /// Ends the thread when it is dropped.
    _end: mpsc::Sender<()>,
}

#[derive(Default)]
struct Running {
    /// What the code is asked about.
    case: Option<Box<dyn Display + Send>>,
    /// The start of the current call.
    started: Option<Instant>,
}

impl TimeLimit {
    /// `says` makes the last words from the case that the code was asked about.
    ///
    /// Panics if no thread can be started.
    pub(super) fn new(limit: Duration, says: impl Fn(&str) -> String + Send + 'static) -> TimeLimit {
        let running = Arc::<Mutex<Running>>::default();
        let (end, ended) = mpsc::channel::<()>();
        let watched = running.clone();
        let watch = move || {
            while ended.recv_timeout(limit / 4) == Err(mpsc::RecvTimeoutError::Timeout) {
                let running = lock(&watched);
                if running.started.is_some_and(|started| started.elapsed() > limit) {
                    // Written past the capture of a test's output, which the end of the program would lose.
                    let case = running.case.as_ref().map(ToString::to_string).unwrap_or_default();
                    let _ = writeln!(std::io::stderr(), "{}", says(&case));
                    process::exit(FAILED);
                }
            }
        };
        thread::Builder::new().name("time limit".into()).spawn(watch).expect("a thread can be started");
        TimeLimit { limit, running, _end: end }
    }

    /// Names the case that the next calls are about.
    pub(super) fn is_about(&self, case: impl Display + Send + 'static) {
        lock(&self.running).case = Some(Box::new(case));
    }

    /// Calls somebody else's code.
    pub(super) fn call<T>(&self, code: impl FnOnce() -> T) -> T {
        lock(&self.running).started = Some(Instant::now());
        let _stops = Stops(self);
        code()
    }
}

/// Stops the clock when it is dropped, after a panic too.
struct Stops<'l>(&'l TimeLimit);

impl Drop for Stops<'_> {
    fn drop(&mut self) {
        lock(&self.0.running).started = None;
    }
}

/// A classifier whose time is measured.
pub(super) struct Watched<'c> {
    classifier: &'c dyn Classifier,
    limit: TimeLimit,
    /// The number of its answers, and the time that they took together.
    answers: Mutex<(usize, Duration)>,
}

impl<'c> Watched<'c> {
    /// Panics if no thread can be started.
    pub(super) fn new(classifier: &'c dyn Classifier, limit: Duration) -> Watched<'c> {
        let name = classifier.name().to_owned();
        let says = move |case: &str| {
            format!(
                "liveness: {name} did not answer within {limit:?}, the time limit of the check.\n  \
                 again     Check::new(&classifier).replay({case:?})"
            )
        };
        Watched { classifier, limit: TimeLimit::new(limit, says), answers: Mutex::default() }
    }

    /// Names the case that the next answers are about.
    pub(super) fn is_asked_about(&self, case: &Arc<FoundCase>) {
        self.limit.is_about(case.clone());
    }

    /// What is wrong with the time that the classifier has taken so far.
    pub(super) fn too_slow(&self) -> Option<String> {
        let (limit, (answers, spent)) = (self.limit.limit, *lock(&self.answers));
        (spent > limit).then(|| format!("it is too slow: {answers} answers took longer than {limit:?}"))
    }
}

impl Classifier for Watched<'_> {
    fn name(&self) -> &str {
        self.classifier.name()
    }

    fn stacks(&self) -> &[StackName] {
        self.classifier.stacks()
    }

    fn promises(&self) -> &[Proof] {
        self.classifier.promises()
    }

    fn methods(&self) -> &[Method] {
        self.classifier.methods()
    }

    fn classify(&self, error: &(dyn Error + 'static), phase: Phase) -> Opinion {
        let _counts = Counts(self, Instant::now());
        self.limit.call(|| self.classifier.classify(error, phase))
    }

    fn classify_for(&self, error: &(dyn Error + 'static), phase: Phase, method: Method) -> Opinion {
        let _counts = Counts(self, Instant::now());
        self.limit.call(|| self.classifier.classify_for(error, phase, method))
    }
}

/// Counts an answer when it is dropped, after a panic too.
struct Counts<'w>(&'w Watched<'w>, Instant);

impl Drop for Counts<'_> {
    fn drop(&mut self) {
        let (answers, spent) = &mut *lock(&self.0.answers);
        *answers += 1;
        *spent += self.1.elapsed();
    }
}
