//! What the laws over error chains say about classifiers that are wrong on purpose, as snapshots. Mutation testing runs
//! these tests.

use crate::wrong::{CrossedH2, IgnoresRemote, SourceOnly};
use conformance::{
    classifiers::{Advice, Both, Classifier, Legacy, OWN_CLASSIFIERS, Opinion, Reader, Verdict, by, decide},
    error_chains::ErrorChain,
    generators::{Sequence, every_catalog_entry},
    oracles::{
        chains::{Examiner, broken_opinion},
        misread,
    },
    stacks::{Driver, panics::record_stack_panics},
    vocabulary::{Phase, Processed, StackName},
};
use std::{collections::BTreeMap, error::Error, rc::Rc};

type Caught<'e> = &'e (dyn Error + 'static);

const LEGACY: &[StackName] = &[StackName::Legacy];
const MODERN: &[StackName] = &[StackName::Modern];

fn own(error: Caught<'_>, phase: Phase) -> Verdict {
    decide(&Both.read(error), phase)
}

/// For every kind of opinion: classifiers that are right, that always answer the same, and that are wrong in one way.
fn classifiers() -> Vec<Box<dyn Classifier>> {
    let both = &StackName::ALL;
    let retries =
        |verdict: Verdict| Opinion::Retry(verdict.processed == Processed::No && verdict.advice == Advice::Retry);
    let unprocessed = |verdict: Verdict| Opinion::Unprocessed(verdict.processed == Processed::No);
    let mut classifiers: Vec<Box<dyn Classifier>> = vec![
        Box::new(by("own verdict", both, |error, phase| own(error, phase).into())),
        Box::new(by("own retry", both, move |error, phase| retries(own(error, phase)))),
        Box::new(by("own unprocessed", both, move |error, phase| unprocessed(own(error, phase)))),
        Box::new(by("legacy alone", LEGACY, |error, phase| decide(&Legacy.read(error), phase).into())),
        Box::new(by("modern alone, by phase head", MODERN, |error, _| {
            decide(&OWN_CLASSIFIERS[StackName::Modern].reader.read(error), Phase::Head).into()
        })),
        Box::new(by("legacy is retried", both, move |error, phase| match Legacy.read(error).is_foreign() {
            true => Opinion::Retry(false),
            false => retries(own(error, phase)),
        })),
        Box::new(by("source only", LEGACY, |error, phase| decide(&SourceOnly(Legacy).read(error), phase).into())),
        Box::new(by("source only, retry", LEGACY, move |error, phase| {
            retries(decide(&SourceOnly(Legacy).read(error), phase))
        })),
        Box::new(by("remote", LEGACY, |error, phase| decide(&IgnoresRemote(Legacy).read(error), phase).into())),
        Box::new(by("crossed", LEGACY, |error, phase| decide(&CrossedH2.read(error), phase).into())),
        Box::new(by("text", LEGACY, |error, phase| {
            let says = |text: &str| error.to_string().contains(text);
            Opinion::Unprocessed(phase < Phase::Head || says("connection error received") || says("refused stream"))
        })),
        Box::new(by("panics", LEGACY, |error, phase| {
            let chain = Legacy.read(error);
            assert!(!chain.is_foreign(), "this cannot happen");
            decide(&chain, phase).into()
        })),
    ];
    let same = [Opinion::Retry(true), Opinion::Retry(false), Opinion::Unprocessed(true), Opinion::Unprocessed(false)];
    let verdicts =
        [(Processed::Yes, Advice::Retry), (Processed::No, Advice::GiveUp), (Processed::Maybe, Advice::BackOff)];
    for opinion in same.into_iter().chain(verdicts.map(|(processed, advice)| Opinion::Verdict(processed, advice))) {
        classifiers.push(Box::new(by(&format!("always {opinion}"), both, move |_, _| opinion)));
    }
    classifiers
}

/// The error chains to judge: every catalogue entry, bare and wrapped, in each phase, and chains from a fixed seed.
fn put() -> Vec<ErrorChain> {
    let alone = every_catalog_entry().flat_map(|error_chain| error_chain.in_every_phase().collect::<Vec<_>>());
    alone.chain(Sequence::of_error_chains(9, 0).take(1_500)).collect()
}

/// How often each line was said.
type Counts = BTreeMap<String, usize>;

#[test]
fn the_laws_over_error_chains_say_what_the_snapshot_says() {
    record_stack_panics();
    let driver = Rc::new(Driver::new());
    let mut counts = Counts::new();
    let mut count = |what: String| *counts.entry(what).or_default() += 1;
    for classifier in &classifiers() {
        let examiner = Examiner::with(classifier.as_ref(), driver.clone());
        for error_chain in put() {
            let Some((stack, violation)) = examiner.judge(&error_chain) else { continue };
            // Leaves out the error chain that an opinion is compared with, and the line number of a panic.
            let said = violation.message.lines().last().and_then(|line| line.split(" (").next()).unwrap_or_default();
            assert!(!classifier.name().starts_with("own"), "{}: {error_chain}: {violation}", classifier.name());
            count(format!("{} on {stack}: {}: {said}", classifier.name(), violation.law));
        }
    }
    let readers: [(&str, &dyn Reader); 3] =
        [("own", &Legacy), ("crossed", &CrossedH2), ("remote", &IgnoresRemote(Legacy))];
    for error_chain in put() {
        let Some(error) = error_chain.realise(StackName::Legacy, &driver) else { continue };
        for (name, reader) in readers {
            if let Some(violation) = misread(reader, &error_chain, StackName::Legacy, error.as_ref()) {
                let links: Vec<&str> = violation.message.split(['(', ')']).step_by(2).collect();
                count(format!("read as {name}: {}", links.concat()));
            }
        }
    }
    let lines: Vec<String> = counts.iter().map(|(what, times)| format!("{times:6}  {what}")).collect();
    snapshot("chain_laws", &lines);
}

#[test]
fn an_examination_holds_the_answer_and_the_expected_verdict() {
    record_stack_panics();
    let own = by("own", LEGACY, |error, phase| decide(&Legacy.read(error), phase).into());
    let examiner = Examiner::new(&own);
    let error_chain: ErrorChain = "hidden > hyper:goaway(NO_ERROR) in head".parse().expect("a valid error chain");
    let bare: ErrorChain = "hyper:goaway(NO_ERROR) in head".parse().expect("a valid error chain");
    let examination = examiner.examine(&bare, StackName::Legacy).expect("both stacks have this error");
    assert_eq!(
        (examination.expected.processed, examination.answer),
        (Processed::No, Ok(examination.expected.clone().into()))
    );
    assert_eq!(examiner.answer(&bare, StackName::Legacy), Some(Ok(examination.expected.into())));
    assert!(
        examiner
            .examine(&error_chain, StackName::Legacy)
            .is_some_and(|hidden| hidden.expected.processed == Processed::Maybe)
    );
}

#[test]
fn wrong_opinions_are_those_of_the_snapshot() {
    let processed = [Processed::Yes, Processed::No, Processed::Maybe];
    let advice = [Advice::Retry, Advice::BackOff, Advice::UseHttp1, Advice::GiveUp];
    let verdicts = || processed.into_iter().flat_map(|processed| advice.map(|advice| (processed, advice)));
    let mut opinions = vec![Opinion::Retry(true), Opinion::Retry(false)];
    opinions.extend([Opinion::Unprocessed(true), Opinion::Unprocessed(false)]);
    opinions.extend(verdicts().map(|(processed, advice)| Opinion::Verdict(processed, advice)));
    let mut lines = Vec::new();
    for (processed, advice) in verdicts() {
        let expected = Verdict { processed, advice, because: "it is so".into() };
        for said in &opinions {
            if let Some((law, message)) = broken_opinion(said, &expected, None, true) {
                lines.push(format!("{processed}, {advice}: {law}: {message}"));
            }
        }
    }
    snapshot("opinions", &lines);
}

fn snapshot(name: &str, lines: &[String]) {
    insta::with_settings!({ snapshot_path => "../../../snapshots", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(name, lines.join("\n"));
    });
}
