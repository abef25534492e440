//! From the text of an error, as a log has it, to the answer: was the request processed, and may it be sent again?
//!
//! What hyper and h2 print is learnt from the [error catalogue](crate::error_catalog): its errors are obtained from both
//! stacks and printed, as `Display` and as `Debug`. What other crates print around them is a small table. A text becomes
//! every [`Chain`](crate::chain::Chain) that prints so, with every phase in which it can, and the answer holds for all of
//! them, or says on what it depends.

mod answer;
mod clean;
mod marks;
mod meaning;
mod read;
mod wrappings;

pub(crate) use clean::records;

pub use answer::{Answer, AnswerCase, Basis, NotSaid, SentAgain};

use crate::{
    error_catalog::{CatalogEntry, ERROR_CATALOG},
    stacks::{BoxError, Driver},
    vocabulary::{PerStack, StackName},
};
use marks::MARKS;
use std::error::Error;

/// The maximum number of different errors of one log that are answered.
const MOST_ANSWERS: usize = 5;

/// No known error is in a text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "no error of hyper, h2, reqwest, hyper-util, tonic, the AWS SDK or the transport is in this text{}. Paste the error \
     with all its sources, as `{{:?}}` prints it, or `{{:#}}` of anyhow; `conformance errors --search TEXT` finds what \
     an error prints",
    nearest.as_ref().map_or_else(String::new, |nearest| format!("; the nearest known text is `{nearest}`"))
)]
pub struct NotUnderstood {
    /// The known text that shares the most words with this one.
    pub nearest: Option<String>,
}

/// The answers for the errors in a text, the first five that differ.
///
/// # Errors
///
/// If no known error is in it.
pub fn answers(text: &str) -> Result<Vec<Answer>, NotUnderstood> {
    let mut answers: Vec<Answer> = Vec::new();
    for record in records(text) {
        let answer = read::read(&record).map(Answer::of);
        let is_known = |answer: &Answer| answers.iter().any(|known| known.cases == answer.cases);
        let new = answer.filter(|answer| !is_known(answer));
        answers.extend(new);
        if answers.len() == MOST_ANSWERS {
            break;
        }
    }
    if answers.is_empty() { Err(NotUnderstood { nearest: nearest(text) }) } else { Ok(answers) }
}

/// The known text that shares the most words with the beginning of this one.
fn nearest(text: &str) -> Option<String> {
    const LONGEST: usize = 1_000;
    let words = |text: &str| -> Vec<String> {
        let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| word.len() > 2);
        words.take(LONGEST).map(str::to_ascii_lowercase).collect()
    };
    let asked = words(text);
    let shared = |known: &str| words(known).iter().filter(|word| asked.contains(word)).count();
    let known = MARKS.values().flatten().map(|mark| &*mark.text);
    let best = known.max_by_key(|known| (shared(known), std::cmp::Reverse((known.len(), *known))));
    best.filter(|known| shared(known) > 1).map(str::to_owned)
}

/// A text that is known by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Phrase {
    /// The crate that prints it around an error of another; `None` for hyper, h2, hyper-util and I/O errors, whose texts
    /// are learnt from the error catalogue.
    pub wrapped_by: Option<&'static str>,
    /// The text.
    pub text: &'static str,
}

/// Every text that is known, in the order of the alphabet.
pub fn phrases() -> Vec<Phrase> {
    let phrase = |mark: &'static marks::Mark| Phrase { wrapped_by: mark.wrapped_by, text: &mark.text };
    let mut phrases: Vec<_> = MARKS.values().flatten().map(phrase).collect();
    phrases.sort_unstable();
    phrases
}

/// An error with its sources, as `Display` prints them, joined by colons.
pub fn displayed(error: &(dyn Error + 'static)) -> String {
    let errors = std::iter::successors(Some(error), |error| (*error).source());
    errors.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// The entries of the catalogue whose error prints this text, each with what it prints: `Display` and then `Debug`.
pub fn search(text: &str) -> Vec<(&'static CatalogEntry, PerStack<Option<[String; 2]>>)> {
    let driver = Driver::new();
    let wanted = text.trim().to_lowercase();
    let print = |error: BoxError| [displayed(error.as_ref()), format!("{error:?}")];
    let prints = |printed: &[String; 2]| printed.iter().any(|printed| printed.to_lowercase().contains(&wanted));
    let entry = |entry: &'static CatalogEntry| {
        let printed = PerStack::of(|stack: StackName| entry.obtain(stack, &driver).map(print));
        let is_found = printed.each().into_iter().flatten().any(prints);
        is_found.then_some((entry, printed))
    };
    ERROR_CATALOG.iter().filter_map(entry).collect()
}
