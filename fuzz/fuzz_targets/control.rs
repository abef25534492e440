//! The original fault, for measuring how soon it is found: hyper 0.14's chain is asked for h2 0.4's error.

#![no_main]

use conformance::{
    chain::Link,
    classifiers::{ChainClassifier, Classifiers, Legacy, Modern, Reader},
    fuzz::check_with,
    stacks::drive::record_stack_panics,
};
use libfuzzer_sys::fuzz_target;
use std::error::Error;

#[cfg(not(feature = "bytes-only"))]
#[path = "../mutators.rs"]
mod mutators;

struct CrossedH2;

impl Reader for CrossedH2 {
    fn link(&self, error: &(dyn Error + 'static)) -> Link {
        if error.is::<h2_03::Error>() { Modern.link(error) } else { Legacy.link(error) }
    }

    fn inner<'e>(&self, error: &'e (dyn Error + 'static)) -> Option<&'e (dyn Error + 'static)> {
        Legacy.inner(error)
    }
}

const CROSSED: Classifiers =
    Classifiers { legacy: ChainClassifier { reader: &CrossedH2, ..Classifiers::OWN.legacy }, ..Classifiers::OWN };

fuzz_target!(init: record_stack_panics(), |bytes: &[u8]| {
    if let Err(finding) = check_with(CROSSED, bytes) {
        panic!("{finding}");
    }
});
