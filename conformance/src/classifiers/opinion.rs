use super::{Advice, Proof, Verdict};
use crate::vocabulary::{Phase, Processed, StackName};
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

    /// Its opinion on an error that ended a request in this phase.
    fn classify(&self, error: &(dyn Error + 'static), phase: Phase) -> Opinion;
}

/// The answer of a classifier. The laws check only what it answers: a classifier that says "retry: yes or no" need not
/// know what the peer did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Opinion {
    /// Whether the client sends the request again, if a repetition does no harm.
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
pub fn retries<F>(name: &str, stacks: &[StackName], retries: F) -> RetryPolicy<F>
where
    F: Fn(&(dyn Error + 'static), Phase) -> bool + Sync,
{
    RetryPolicy { name: name.to_owned(), stacks: stacks.to_vec(), promises: Proof::ALL, retries }
}

/// A classifier that only says whether the client sends the request again. [`retries`] makes it.
pub struct RetryPolicy<F> {
    name: String,
    stacks: Vec<StackName>,
    promises: &'static [Proof],
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

impl<F: Fn(&(dyn Error + 'static), Phase) -> bool + Sync> Classifier for RetryPolicy<F> {
    fn name(&self) -> &str {
        &self.name
    }

    fn stacks(&self) -> &[StackName] {
        &self.stacks
    }

    fn promises(&self) -> &[Proof] {
        self.promises
    }

    fn classify(&self, error: &(dyn Error + 'static), phase: Phase) -> Opinion {
        Opinion::Retry((self.retries)(error, phase))
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
