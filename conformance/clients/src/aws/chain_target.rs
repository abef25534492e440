//! The fuzz target `chain` with the SDK's legacy classifier: it recognises every error type that it looks for.

use super::{
    LegacyClassifier,
    classifier::{Answer, said_and_meant},
};
use conformance::{
    error_chains::ErrorChain,
    fuzz::{self, Finding, Held, Target, decode_chain},
    minimize::minimize_error_chain,
    oracles::Law,
    report::error_chain::replay,
    stacks::Driver,
};

/// The target `chain` of the library, and law 1 over the AWS SDK's legacy classifier.
pub const CHAIN: Target = Target { check, search: |bytes, _| check(bytes), smallest, ..fuzz::CHAIN };

fn check(bytes: &[u8]) -> Held {
    misread(bytes).map_or_else(|| (fuzz::CHAIN.check)(bytes), Err)
}

/// A misreading is already minimal.
fn smallest(bytes: &[u8]) -> Option<Box<Finding>> {
    misread(bytes).or_else(|| (fuzz::CHAIN.smallest)(bytes))
}

/// The smallest error chain that the classifier misreads as it misreads the one of these bytes.
fn misread(bytes: &[u8]) -> Option<Box<Finding>> {
    thread_local! {
        static AWS: (LegacyClassifier, Driver) =
            (LegacyClassifier::new().expect("the SDK makes a client in memory"), Driver::new());
    }
    let misread = |error_chain: &ErrorChain| {
        let answer = AWS.with(|(classifier, driver)| said_and_meant(classifier, error_chain, driver));
        answer.filter(|answer| answer.said != answer.meant)
    };
    let error_chain = decode_chain(bytes)?;
    misread(&error_chain)?;
    let smallest = minimize_error_chain(&error_chain, |error_chain| misread(error_chain).is_some());
    let Answer { said, meant } = misread(&smallest)?;
    let replay = replay(&smallest);
    let explanation = format!(
        "chain:{smallest}\n  {}\n  {}: the AWS SDK's legacy classifier says {said}, and means to say {meant}\n\n\
         Play it again\n  {replay}",
        Law::Agreement.text(),
        Law::Agreement,
    );
    let known_by = format!("AWS SDK's legacy classifier: {said} for what is {meant}").into();
    Some(Box::new(Finding { known_by, explanation, replay, shrink: None }))
}
