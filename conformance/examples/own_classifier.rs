//! A classifier of one's own, held against the laws. And the same with the fault that this suite was born from: the errors
//! of hyper 0.14 are asked for the type of h2 0.4.
//!
//! `cargo run --example own_classifier`

use conformance::{
    check,
    classifiers::{Classifier, Opinion, retries},
    vocabulary::{Phase, StackName},
};
use std::{error::Error, io, sync::Arc};
use tokio::time::error::Elapsed;

/// Whether the client, which stands on hyper 0.14, sends a request again by itself.
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

/// From the outside in, the first error that decides: what is around another knows more of this request.
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

/// The error and what is inside it, as far as a chain is worth reading.
fn chain<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error| inside(*error)).take(1_024)
}

/// What holds an error forwards `source()` to it, and would skip the error itself.
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
