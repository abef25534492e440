//! Every specimen can be obtained, and is what the table says.

use conformance::{
    chain::StackName,
    classifiers::Classifiers,
    specimens::SPECIMENS,
    stacks::{Driver, drive::record_stack_panics},
};

#[test]
fn every_specimen_is_obtained_and_is_what_the_table_says() {
    record_stack_panics();
    let driver = Driver::new();
    let mut wrong = Vec::new();
    for specimen in SPECIMENS.iter() {
        for stack in StackName::ALL {
            let error = specimen.obtain(stack, &driver);
            let chain = error.map(|error| Classifiers::OWN.of(stack).reader.read(error.as_ref()).links);
            let expected = specimen.on(stack).ok().map(<[_]>::to_vec);
            if chain != expected {
                let show = |links: Option<Vec<_>>| {
                    links.map_or("none".to_owned(), |links| conformance::chain::Chain { links, cut: false }.to_string())
                };
                wrong.push(format!("{} on {stack}: {}, and not {}", specimen.name, show(chain), show(expected)));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
