//! Law 1 for the suite's own readers: a plan is read link by link as what it is.

use crate::{
    chain::{Chain, StackName},
    classifiers::Reader,
    oracles::{Law, Violation},
    plans::{ErrorPlan, Knows},
    stacks::Driver,
};

/// What a reader misreads of a plan on that stack.
pub fn judge(
    reader: &dyn Reader,
    knows: Knows,
    plan: &ErrorPlan,
    stack: StackName,
    driver: &Driver,
) -> Option<Violation> {
    if !plan.exists_on(stack) {
        return None;
    }
    let violation = |message| Some(Violation { law: Law::Agreement, request: None, message });
    let expected = plan.chain(stack, knows)?;
    let Some(error) = plan.realise(stack, driver) else {
        return violation(format!("the {stack} stack no longer gives the error of this plan"));
    };
    let read = reader.read(error.as_ref());
    if read == expected {
        return None;
    }
    violation(difference(stack, &read, &expected))
}

/// The first link that differs.
fn difference(stack: StackName, read: &Chain, expected: &Chain) -> String {
    let same = read.links.iter().zip(&expected.links).take_while(|(read, expected)| read == expected).count();
    let show = |chain: &Chain| chain.links.get(same).map_or("no link".to_owned(), ToString::to_string);
    format!("of the {stack} stack's chain, link {same} is {}, and was read as {}", show(expected), show(read))
}
