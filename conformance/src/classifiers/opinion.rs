use super::{Advice, Proof, Verdict};
use crate::{
    script::Method,
    vocabulary::{Phase, Processed, StackName},
};
use std::{error::Error, fmt};

/// A classifier, as a client implements it.
pub trait Classifier: Sync {
    /// Its name, for reports.
    fn name(&self) -> &str;

    /// The stacks whose errors it accepts; both, if it has to tell them apart itself.
    fn stacks(&self) -> &[StackName];

    /// As a retry policy, the proofs after which it promises to send a request again that was not processed. The report
    /// of a check names what it does not promise.
    fn promises(&self) -> &[Proof] {
        Proof::ALL
    }

    /// The methods that it is asked about, each on its own. None, by default: it leaves to its caller whether a repetition
    /// does harm.
    fn methods(&self) -> &[Method] {
        &[]
    }

    /// Its opinion on an error that ended a request in this phase.
    fn classify(&self, error: &(dyn Error + 'static), phase: Phase) -> Opinion;

    /// The same for a request with this method, one of [`methods`](Classifier::methods). By default, the method does not
    /// matter.
    fn classify_for(&self, error: &(dyn Error + 'static), phase: Phase, _method: Method) -> Opinion {
        self.classify(error, phase)
    }
}

/// The answer of a classifier. The laws check only what it answers: a classifier that says "retry: yes or no" need not
/// know what the peer did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Opinion {
    /// Whether the client sends the request again. Without a method it means: if a repetition does no harm.
    Retry(bool),
    /// Whether the peer provably did not act on the request, so that it may be sent again whatever its method.
    Unprocessed(bool),
    /// Both axes of a [`Verdict`].
    Verdict(Processed, Advice),
}

impl From<Verdict> for Opinion {
    fn from(verdict: Verdict) -> Opinion {
        Opinion::Verdict(verdict.processed, verdict.advice)
    }
}

impl fmt::Display for Opinion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Opinion::Retry(true) => f.write_str("retry"),
            Opinion::Retry(false) => f.write_str("do not retry"),
            Opinion::Unprocessed(true) => f.write_str("not processed"),
            Opinion::Unprocessed(false) => f.write_str("perhaps processed"),
            Opinion::Verdict(processed, advice) => write!(f, "processed {processed}, {advice}"),
        }
    }
}

/// Makes a classifier from a function.
pub fn by<F>(name: &str, stacks: &[StackName], classify: F) -> impl Classifier + use<F>
where
    F: Fn(&(dyn Error + 'static), Phase) -> Opinion + Sync,
{
    Function { name: name.to_owned(), stacks: stacks.to_vec(), classify }
}

/// Makes a classifier from a function that only says whether the client sends the request again, if a repetition does
/// no harm. It promises to send again whatever was provably not processed.
pub fn retries<F>(
    name: &str,
    stacks: &[StackName],
    retries: F,
) -> RetryPolicy<impl Fn(&(dyn Error + 'static), Phase, Method) -> bool + Sync + use<F>>
where
    F: Fn(&(dyn Error + 'static), Phase) -> bool + Sync,
{
    let retries = move |error: &(dyn Error + 'static), phase: Phase, _: Method| retries(error, phase);
    RetryPolicy { methods: &[], ..retries_request(name, stacks, retries) }
}

/// Makes a classifier from a function that says whether the client sends a request with this method again. It is asked
/// about a GET, which is idempotent, and about a POST, which is not. It promises to send again whatever was provably not
/// processed, whatever its method.
pub fn retries_request<F>(name: &str, stacks: &[StackName], retries: F) -> RetryPolicy<F>
where
    F: Fn(&(dyn Error + 'static), Phase, Method) -> bool + Sync,
{
    let methods = &[Method::Get, Method::Post];
    RetryPolicy { name: name.to_owned(), stacks: stacks.to_vec(), promises: Proof::ALL, methods, retries }
}

/// A classifier that only says whether the client sends the request again. [`retries`] and [`retries_request`] make it.
pub struct RetryPolicy<F> {
    name: String,
    stacks: Vec<StackName>,
    promises: &'static [Proof],
    methods: &'static [Method],
    retries: F,
}

impl<F> RetryPolicy<F> {
    /// Narrows its promise: only after these proofs does it send a request again that was not processed. RFC 9113 allows
    /// that (§8.7: "clients MAY automatically retry them").
    pub fn promising(self, promises: &'static [Proof]) -> RetryPolicy<F> {
        RetryPolicy { promises, ..self }
    }
}

struct Function<F> {
    name: String,
    stacks: Vec<StackName>,
    classify: F,
}

impl<F: Fn(&(dyn Error + 'static), Phase, Method) -> bool + Sync> Classifier for RetryPolicy<F> {
    fn name(&self) -> &str {
        &self.name
    }

    fn stacks(&self) -> &[StackName] {
        &self.stacks
    }

    fn promises(&self) -> &[Proof] {
        self.promises
    }

    fn methods(&self) -> &[Method] {
        self.methods
    }

    fn classify(&self, error: &(dyn Error + 'static), phase: Phase) -> Opinion {
        self.classify_for(error, phase, Method::Get)
    }

    fn classify_for(&self, error: &(dyn Error + 'static), phase: Phase, method: Method) -> Opinion {
        Opinion::Retry((self.retries)(error, phase, method))
    }
}

impl<F: Fn(&(dyn Error + 'static), Phase) -> Opinion + Sync> Classifier for Function<F> {
    fn name(&self) -> &str {
        &self.name
    }

    fn stacks(&self) -> &[StackName] {
        &self.stacks
    }

    fn classify(&self, error: &(dyn Error + 'static), phase: Phase) -> Opinion {
        (self.classify)(error, phase)
    }
}
