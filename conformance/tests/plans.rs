//! The laws over error plans.

use conformance::{
    chain::StackName,
    classifiers::{Both, Classifiers, Reader},
    generators::Sequence,
    oracles::chains::reading,
    plans::Knows,
    stacks::{Driver, drive::record_stack_panics},
};

#[test]
fn plans_are_read_link_by_link_as_what_they_are() {
    record_stack_panics();
    let driver = Driver::new();
    for plan in Sequence::of_plans(1, 0).take(25_000) {
        for stack in StackName::ALL {
            let own = Classifiers::OWN.of(stack).reader;
            for (reader, knows) in [(own, Knows::Own), (&Both as &dyn Reader, Knows::Both)] {
                let violation = reading::judge(reader, knows, &plan, stack, &driver);
                assert!(
                    violation.is_none(),
                    "{plan}\n{}",
                    violation.map_or_else(String::new, |found| found.to_string())
                );
            }
        }
    }
}
