use crate::{
    classifiers::{Classifier, Opinion, Proof},
    vocabulary::{Phase, StackName},
};
use std::{
    error::Error,
    io::Write,
    process,
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread,
    time::{Duration, Instant},
};

/// The exit status of a program that a classifier keeps from going on: that of a failed test.
const FAILED: i32 = 101;

/// A classifier whose time is measured. A thread beside it ends the program if an answer does not come.
pub(super) struct Watched<'c> {
    classifier: &'c dyn Classifier,
    limit: Duration,
    clock: Arc<Mutex<Clock>>,
    /// Ends the thread when it is dropped.
    _end: mpsc::Sender<()>,
}

#[derive(Default)]
struct Clock {
    /// The case that the classifier is asked about.
    case: String,
    /// The start of the current call.
    started: Option<Instant>,
    calls: usize,
    spent: Duration,
}

impl<'c> Watched<'c> {
    /// Panics if no thread can be started.
    pub(super) fn new(classifier: &'c dyn Classifier, limit: Duration) -> Watched<'c> {
        let clock = Arc::<Mutex<Clock>>::default();
        let (end, ended) = mpsc::channel::<()>();
        let (name, watched) = (classifier.name().to_owned(), clock.clone());
        let watch = move || {
            while ended.recv_timeout(limit / 4) == Err(mpsc::RecvTimeoutError::Timeout) {
                let clock = watched.lock().unwrap_or_else(PoisonError::into_inner);
                if clock.started.is_some_and(|started| started.elapsed() > limit) {
                    let Clock { case, .. } = &*clock;
                    // Written past the capture of a test's output, which the end of the program would lose.
                    let _ = writeln!(
                        std::io::stderr(),
                        "liveness: {name} did not answer within {limit:?}, the time limit of the check.\n  \
                         again     Check::new(&classifier).replay({case:?})"
                    );
                    process::exit(FAILED);
                }
            }
        };
        thread::Builder::new().name("time limit".into()).spawn(watch).expect("a thread can be started");
        Watched { classifier, limit, clock, _end: end }
    }

    /// Names the case that the next answers are about.
    pub(super) fn is_asked_about(&self, case: String) {
        self.with(|clock| clock.case = case);
    }

    /// What is wrong with the time that the classifier has taken so far.
    pub(super) fn too_slow(&self) -> Option<String> {
        let limit = self.limit;
        self.with(|Clock { calls, spent, .. }| {
            (*spent > limit).then(|| format!("it is too slow: {calls} answers took longer than {limit:?}"))
        })
    }

    fn with<T>(&self, access: impl FnOnce(&mut Clock) -> T) -> T {
        access(&mut self.clock.lock().unwrap_or_else(PoisonError::into_inner))
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

    fn classify(&self, error: &(dyn Error + 'static), phase: Phase) -> Opinion {
        let measured = Measured(self);
        self.with(|clock| clock.started = Some(Instant::now()));
        let opinion = self.classifier.classify(error, phase);
        drop(measured);
        opinion
    }
}

/// Stops the clock when it is dropped, after a panic too.
struct Measured<'w>(&'w Watched<'w>);

impl Drop for Measured<'_> {
    fn drop(&mut self) {
        self.0.with(|clock| {
            clock.calls += 1;
            clock.spent += clock.started.take().map(|started| started.elapsed()).unwrap_or_default();
        });
    }
}
