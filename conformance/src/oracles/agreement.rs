//! Law 1, agreement: every error is read as what it is, and equal errors get equal verdicts on both stacks. This law
//! has no exceptions.

use super::{Law, Violation, chains::Examination};
use crate::{
    chain::Link,
    classifiers::{Both, Reader},
    comparison::Comparison,
    error_chains::{ErrorChain, KnownTypes},
    outcome::{RequestOutcome, Side},
    stacks::{End, generation},
    vocabulary::StackName,
};
use std::{error::Error, fmt::Display, iter::successors};

/// Judges the links that were read on both sides of a comparison, and the verdicts on equal chains.
pub(super) fn judge(comparison: &Comparison) -> Vec<Violation> {
    let unread = comparison.sides.each().into_iter().flat_map(unread_types);
    let [legacy, modern] = comparison.sides.each().map(|side| &side.outcome.requests);
    let pairs = legacy.iter().zip(modern).enumerate();
    let unequal = pairs.filter_map(|(number, (legacy, modern))| Some((number, unequal_verdicts(legacy, modern)?)));
    let violation = |(number, message)| Violation::new(Law::Agreement, None, Some(number), message);
    unread.chain(unequal).map(violation).collect()
}

/// For each request, the outermost link of one of the stack's own types that was not read as such. The stack's adapter
/// says which types are its own, so that a reader that asks for the wrong ones is caught.
fn unread_types(side: &Side) -> impl Iterator<Item = (usize, String)> {
    let requests = side.observation.requests.iter().zip(&side.outcome.requests).enumerate();
    requests.filter_map(|(number, (seen, outcome))| {
        let End::Failed(_, error) = &seen.end else { return None };
        let outermost: &(dyn Error + 'static) = error.as_ref().as_ref();
        let errors = successors(Some(outermost), |error| (*error).source());
        let mut links = outcome.chain()?.links.iter().zip(errors).enumerate();
        let unread = links.find_map(|(depth, (link, error))| {
            let name = generation(side.stack).own_type(error)?;
            let unread = !matches!(link, Link::Hyper(_) | Link::H2(_));
            unread.then(|| missed_type(side.stack, depth, name, link))
        });
        Some((number, unread?))
    })
}

fn unequal_verdicts(legacy: &RequestOutcome, modern: &RequestOutcome) -> Option<String> {
    let (theirs, ours) = (legacy.verdict()?, modern.verdict()?);
    if legacy.phase == modern.phase && legacy.chain() == modern.chain() { unequal(theirs, ours) } else { None }
}

/// Judges the opinions of a classifier that knows both stacks: the same error chain gets the same one on both.
pub(super) fn of_chain(examination: &Examination<'_>) -> Option<String> {
    let Examination { examiner, error_chain, stack, answer, .. } = examination;
    let both = examiner.known_types() == KnownTypes::Both && error_chain.is_equivalent();
    if !both || *stack != StackName::Legacy {
        return None;
    }
    let modern = examiner.answer(error_chain, StackName::Modern)?;
    unequal(answer.as_ref().ok()?, modern.as_ref().ok()?)
}

/// The first link of an error chain that the readers misread: the stack's own reader, and the one for both stacks.
/// `error` is the error chain, realised for this stack.
pub fn misread(
    own: &dyn Reader,
    error_chain: &ErrorChain,
    stack: StackName,
    error: &(dyn Error + 'static),
) -> Option<Violation> {
    [(own, KnownTypes::Own), (&Both as &dyn Reader, KnownTypes::Both)].into_iter().find_map(|(reader, known_types)| {
        let (expected, read) = (error_chain.chain(stack, known_types)?, reader.read(error));
        if read == expected {
            return None;
        }
        let same = read.links.iter().zip(&expected.links).take_while(|(read, expected)| read == expected).count();
        let [is, read] =
            [expected, read].map(|chain| chain.links.get(same).map_or("no link".to_owned(), ToString::to_string));
        let message = missed_type(stack, same, is, read);
        Some(Violation::new(Law::Agreement, None, None, message))
    })
}

fn missed_type(stack: StackName, link: usize, is: impl Display, read: impl Display) -> String {
    format!("the {stack} reader missed the type of link {link}: it is {is}, and was read as {read}")
}

fn unequal<T: PartialEq + Display>(legacy: &T, modern: &T) -> Option<String> {
    (legacy != modern).then(|| format!("equal chains get unequal verdicts: legacy {legacy}, modern {modern}"))
}
