//! Checks a classifier of your own against the laws, then a classifier with the bug that this suite was written for: it
//! looks for the error type of h2 0.4 in errors of hyper 0.14.
//!
//! `cargo run -p conformance --example own_classifier`

use conformance::{
    check,
    classifiers::{Classifier, Opinion, retries},
    vocabulary::{Phase, StackName},
};
use std::{error::Error, io, sync::Arc};
use tokio::time::error::Elapsed;

/// Whether a client on hyper 0.14 sends a request again on its own.
struct RetryPolicy;

impl Classifier for RetryPolicy {
    fn name(&self) -> &str {
        "RetryPolicy"
    }

    fn stacks(&self) -> &[StackName] {
        &[StackName::Legacy]
    }

    fn classify(&self, error: &(dyn Error + 'static), phase: Phase) -> Opinion {
        Opinion::Retry(match phase {
            // Nothing was sent.
            Phase::Connection | Phase::Sending => true,
            Phase::Head => was_not_processed(error),
            // The peer has begun to answer.
            Phase::Body | Phase::Trailers => false,
        })
    }
}

/// The outermost error of a known kind decides: an outer error knows more about this request.
fn was_not_processed(error: &(dyn Error + 'static)) -> bool {
    for error in chain(error) {
        if let Some(hyper) = error.downcast_ref::<hyper_014::Error>() {
            if hyper.is_connect() || hyper.is_canceled() || hyper.is_closed() {
                return true;
            }
            if hyper.is_user() || hyper.is_timeout() || hyper.is_incomplete_message() || hyper.is_parse() {
                return false;
            }
        }
        if let Some(h2) = error.downcast_ref::<h2_03::Error>() {
            let refused = h2.is_reset() && h2.reason() == Some(h2_03::Reason::REFUSED_STREAM);
            return h2.is_remote() && (h2.is_go_away() || refused);
        }
        if error.is::<Elapsed>() {
            return false;
        }
    }
    false
}

/// The error and the errors inside it; at most 1,024, because some chains never end.
fn chain<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error| inside(*error)).take(1_024)
}

/// The error inside this one. The `source()` of a holder is that of the error that it holds, so it skips that error.
fn inside<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e (dyn Error + 'static)> {
    if let Some(io) = error.downcast_ref::<io::Error>() {
        return io.get_ref().map(|inner| inner as &(dyn Error + 'static));
    }
    if let Some(held) = error.downcast_ref::<Arc<hyper_014::Error>>() {
        return Some(&**held);
    }
    if let Some(held) = error.downcast_ref::<Box<hyper_014::Error>>() {
        return Some(&**held);
    }
    error.source()
}

fn main() {
    match check(&RetryPolicy) {
        Ok(report) => println!("{report}"),
        Err(failure) => println!("{failure}"),
    }

    let crossed = retries("the original fault", &[StackName::Legacy], |error, phase| {
        let of_h2 = |error: &(dyn Error + 'static)| {
            error.downcast_ref::<h2_04::Error>().is_some_and(|h2| h2.is_remote() && h2.is_go_away())
        };
        phase == Phase::Sending || phase == Phase::Head && chain(error).any(of_h2)
    });
    match check(&crossed) {
        Ok(report) => println!("{report}"),
        Err(failure) => println!("\n{failure}"),
    }
}
