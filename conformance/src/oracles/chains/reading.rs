//! Law 1, agreement, for the suite's own readers: an error chain is read link by link as what it is.

use crate::{
    chain::Chain,
    classifiers::{Both, Reader},
    error_chains::{ErrorChain, KnownTypes},
    oracles::{Law, Violation},
    vocabulary::StackName,
};
use std::error::Error;

/// What the readers misread of an error chain that was realised for this stack as this error: the stack's own reader, and the one
/// that knows both.
pub fn judge(
    own: &dyn Reader,
    error_chain: &ErrorChain,
    stack: StackName,
    error: &(dyn Error + 'static),
) -> Option<Violation> {
    [(own, KnownTypes::Own), (&Both as &dyn Reader, KnownTypes::Both)].into_iter().find_map(|(reader, known_types)| {
        let expected = error_chain.chain(stack, known_types)?;
        let read = reader.read(error);
        let message = || difference(stack, &read, &expected);
        (read != expected).then(|| Violation { law: Law::Agreement, stack: None, request: None, message: message() })
    })
}

/// The first link that differs.
fn difference(stack: StackName, read: &Chain, expected: &Chain) -> String {
    let same = read.links.iter().zip(&expected.links).take_while(|(read, expected)| read == expected).count();
    let show = |chain: &Chain| chain.links.get(same).map_or("no link".to_owned(), ToString::to_string);
    format!("of the {stack} stack's chain, link {same} is {}, and was read as {}", show(expected), show(read))
}
