//! Classifiers with the mistakes that people make: each is caught, with a small case and a message that says what is
//! wrong.

use crate::wrong::SourceOnly;
use conformance::{
    Check,
    check::{Failure, FoundCase, Hint},
    classifiers::{
        Advice, Both, ChainClassifier, Classifier, Legacy, OWN_CLASSIFIERS, Opinion, Reader, by, decide, retries,
    },
    oracles::Law,
    vocabulary::{Phase, Processed, StackName},
};
use std::{error::Error, io};

pub(crate) type Caught<'e> = &'e (dyn Error + 'static);

pub(crate) const LEGACY: &[StackName] = &[StackName::Legacy];

/// The error and its sources.
fn sources(error: Caught<'_>) -> impl Iterator<Item = Caught<'_>> {
    std::iter::successors(Some(error), |error| (*error).source()).take(1_000)
}

/// The error and the errors inside it, with holders opened.
pub(crate) fn links(error: Caught<'_>) -> impl Iterator<Item = Caught<'_>> {
    std::iter::successors(Some(error), |error| Legacy.inner(*error)).take(1_000)
}

/// The first error of h2 0.3 in the chain.
pub(crate) fn first_h2(error: Caught<'_>) -> Option<&h2_03::Error> {
    links(error).find_map(|link| link.downcast_ref())
}

pub(crate) fn is_unprocessed(error: &h2_03::Error) -> bool {
    let refused = error.is_reset() && error.reason() == Some(h2_03::Reason::REFUSED_STREAM);
    error.is_remote() && (error.is_go_away() || refused)
}

/// The opinion of the suite's own classifier for a stack.
pub(crate) fn right(error: Caught<'_>, phase: Phase, stack: StackName) -> Opinion {
    let ChainClassifier { reader, decide } = OWN_CLASSIFIERS[stack];
    decide(&reader.read(error), phase).into()
}

/// The findings against a wrong classifier; each must have a small case that can be replayed.
fn caught(classifier: &dyn Classifier) -> Failure {
    let failure = Check::new(classifier).run().expect_err("it is wrong on purpose");
    for finding in &failure.findings {
        match &finding.case {
            FoundCase::ErrorChain(error_chain) => {
                assert!(error_chain.layers.len() <= 3, "more than three layers: {error_chain}")
            }
            FoundCase::Script(script, _) => {
                let frames = script.steps().iter().filter(|step| step.frame().is_some()).count();
                assert!(frames <= 4, "more than four frames: {}", script.to_toml());
            }
        }
        let again = Check::new(classifier).replay(&finding.case.to_string());
        assert!(again.is_err(), "not seen again: {}", finding.case);
    }
    failure
}

/// Asserts that this law catches the classifier, with these words in a message or a hint.
pub(crate) fn caught_by(classifier: &dyn Classifier, law: Law, words: &str) {
    let failure = caught(classifier);
    let finding = failure.findings.iter().find(|finding| finding.law == law);
    let finding = finding.unwrap_or_else(|| panic!("not caught by {law}: {failure}"));
    let said = finding.to_string().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains(words), "it does not say {words:?}: {failure}");
}

/// The same for every seed: also without generated cases.
fn always_caught_by(classifier: &dyn Classifier, law: Law, words: &str) {
    caught_by(classifier, law, words);
    let failure = Check::new(classifier).error_chains(0).scripts(0).run().expect_err("it is wrong on purpose");
    assert!(failure.findings.iter().any(|finding| finding.law == law), "not always caught by {law}: {failure}");
}

#[test]
fn the_suites_own_classifiers_keep_the_laws() {
    for stack in StackName::ALL {
        let stacks = [stack];
        let own = by("own", &stacks, move |error, phase| right(error, phase, stack));
        Check::new(&own).run().expect("the suite's own");
    }
    let both = by("both", &StackName::ALL, |error, phase| decide(&Both.read(error), phase).into());
    let report = Check::new(&both).run().expect("the suite's own");
    assert!(report.error_chains > 20_000 && report.requests > 1_000, "{report}");
}

#[test]
fn top_level_downcast_only() {
    let wrong = by("top level only", LEGACY, |error, phase| {
        let refused = error.downcast_ref::<h2_03::Error>().is_some_and(is_unprocessed);
        Opinion::Unprocessed(phase == Phase::Sending || refused && phase == Phase::Head)
    });
    caught_by(&wrong, Law::Completeness, "hyper:goaway(NO_ERROR)");
}

#[test]
fn first_source_only() {
    let wrong = retries("first source only", LEGACY, |error, phase| {
        let h2 = error.source().and_then(|source| source.downcast_ref::<h2_03::Error>());
        phase == Phase::Sending || h2.is_some_and(is_unprocessed)
    });
    caught_by(&wrong, Law::Layers, "without them: retry (hyper:goaway(");
}

#[test]
fn is_go_away_without_is_remote() {
    let wrong = by("any GOAWAY", LEGACY, |error, phase| {
        let h2 = links(error).find_map(|link| link.downcast_ref::<h2_03::Error>());
        Opinion::Unprocessed(phase < Phase::Body && h2.is_some_and(h2_03::Error::is_go_away))
    });
    caught_by(&wrong, Law::Safety, "connection-error(PROTOCOL_ERROR)");
}

/// Asserts that the classifier keeps the laws, and that its report gives this advice.
fn accepted(classifier: &dyn Classifier, advice: &str) {
    let report = Check::new(classifier).run().expect("no law is broken");
    assert!(report.unwise.iter().any(|unwise| unwise.because.contains(advice)), "no such advice: {report}");
}

#[test]
fn any_reset_is_retried() {
    let unwise = retries("any reset", LEGACY, |error, phase| {
        let right = matches!(right(error, phase, StackName::Legacy), Opinion::Verdict(Processed::No, _));
        right || first_h2(error).is_some_and(h2_03::Error::is_reset)
    });
    // Repeating an idempotent request is always allowed (RFC 9110 §9.2.2), so this is only unwise.
    accepted(&unwise, "the peer objects to how the request was sent");
}

#[test]
fn string_matching() {
    let wrong = retries("string matching", LEGACY, |error, phase| {
        let says = |text: &str| sources(error).any(|error| error.to_string().contains(text));
        phase == Phase::Sending || says("connection error received") || says("refused stream") || says("canceled")
    });
    caught_by(&wrong, Law::Text, "a layer that prints");
}

#[test]
fn only_source_is_followed() {
    let wrong = by("source() only", LEGACY, |error, phase| decide(&SourceOnly(Legacy).read(error), phase).into());
    caught_by(&wrong, Law::Safety, "what `source()` alone shows");
    let unwise = retries("source() only", LEGACY, |error, phase| {
        decide(&SourceOnly(Legacy).read(error), phase).advice == Advice::Retry
    });
    accepted(&unwise, "the application's own error would come again");
}

#[test]
fn reason_without_scope() {
    let wrong = by("by the reason alone", LEGACY, |error, phase| {
        let reason = links(error).find_map(|link| link.downcast_ref::<h2_03::Error>()?.reason());
        let named = [h2_03::Reason::NO_ERROR, h2_03::Reason::REFUSED_STREAM];
        Opinion::Unprocessed(phase == Phase::Head && reason.is_some_and(|reason| named.contains(&reason)))
    });
    caught_by(&wrong, Law::Safety, "RST_STREAM NO_ERROR");
}

#[test]
fn io_before_timeout() {
    let wrong = by("I/O before timeout", LEGACY, |error, phase| {
        let Opinion::Verdict(processed, advice) = right(error, phase, StackName::Legacy) else { unreachable!() };
        let io = links(error).any(|link| link.is::<io::Error>());
        let timeout = links(error).any(|link| link.is::<tokio::time::error::Elapsed>());
        Opinion::Verdict(processed, if io && timeout { Advice::Retry } else { advice })
    });
    let failure = Check::new(&wrong).error_chains(50_000).run().expect_err("it is wrong on purpose");
    assert!(failure.to_string().contains("elapsed"), "{failure}");
}

#[test]
fn the_crossed_type() {
    let wrong = retries("crossed", LEGACY, |error, _| {
        sources(error)
            .any(|error| error.downcast_ref::<h2_04::Error>().is_some_and(|h2| h2.is_remote() && h2.is_go_away()))
    });
    caught_by(&wrong, Law::Completeness, "looks for the other stack's types in the legacy stack's errors");
    // This breaks safety too, but the finding with the hint comes first.
    let wrong = by("crossed", LEGACY, |error, phase| {
        let h2 = sources(error).find_map(|error| error.downcast_ref::<h2_04::Error>());
        let goaway = h2.is_some_and(|h2| h2.is_remote() && h2.is_go_away());
        Opinion::Unprocessed(phase <= Phase::Sending || phase == Phase::Head && goaway)
    });
    caught_by(&wrong, Law::Safety, "not processed");
    assert!(matches!(caught(&wrong).findings[0].hint, Some(Hint::OtherTypes { .. })));
}

#[test]
fn hypers_is_user_trusted() {
    let wrong = by("is_user", LEGACY, |error, phase| {
        let user = links(error).find_map(|link| link.downcast_ref::<hyper_014::Error>()).is_some_and(|e| e.is_user());
        match right(error, phase, StackName::Legacy) {
            Opinion::Verdict(processed, advice) if !user => Opinion::Verdict(processed, advice),
            _ => Opinion::Verdict(Processed::No, Advice::GiveUp),
        }
    });
    caught_by(&wrong, Law::Safety, "user");
}

#[test]
fn a_depth_of_three() {
    let wrong = by("three links", LEGACY, |error, phase| {
        let h2 = links(error).take(3).find_map(|link| link.downcast_ref::<h2_03::Error>());
        Opinion::Unprocessed(phase == Phase::Head && h2.is_some_and(is_unprocessed))
    });
    caught_by(&wrong, Law::Layers, "without them: not processed");
}

#[test]
fn the_last_match_wins() {
    let wrong = by("last match", LEGACY, |error, phase| {
        let h2 = links(error).filter_map(|link| link.downcast_ref::<h2_03::Error>()).last();
        Opinion::Unprocessed(phase == Phase::Head && h2.is_some_and(is_unprocessed))
    });
    caught_by(&wrong, Law::Safety, "request-body");
}

#[test]
fn a_panic_on_a_foreign_error() {
    let wrong = by("no foreign errors", LEGACY, |error, phase| {
        assert!(!links(error).any(|link| link.is::<hyper_1::Error>()), "this cannot happen");
        right(error, phase, StackName::Legacy)
    });
    caught_by(&wrong, Law::Liveness, "this cannot happen");
}

#[test]
fn a_foreign_error_is_taken_for_a_lost_connection() {
    let known = |error: Caught<'_>| links(error).any(|link| link.is::<hyper_014::Error>() || link.is::<h2_03::Error>());
    let wrong = by("anything unknown", LEGACY, move |error, phase| {
        let right = matches!(right(error, phase, StackName::Legacy), Opinion::Verdict(Processed::No, _));
        Opinion::Unprocessed(right || phase == Phase::Head && !known(error))
    });
    caught_by(&wrong, Law::Foreign, "modern stack");
    let unwise = retries("anything unknown", LEGACY, move |error, phase| {
        !known(error) || matches!(right(error, phase, StackName::Legacy), Opinion::Verdict(Processed::No, _))
    });
    accepted(&unwise, "the error is of the other stack");
}

#[test]
fn the_phase_is_ignored() {
    let wrong = by("no phase", LEGACY, |error, _| right(error, Phase::Head, StackName::Legacy));
    caught_by(&wrong, Law::Safety, "has acted");
}

#[test]
fn an_error_in_the_trailers_is_called_unprocessed() {
    let wrong = by("trailers unprocessed", LEGACY, |error, phase| match right(error, phase, StackName::Legacy) {
        Opinion::Verdict(_, advice) if phase == Phase::Trailers => Opinion::Verdict(Processed::No, advice),
        right => right,
    });
    always_caught_by(&wrong, Law::Safety, "in phase trailers");
}

#[test]
fn without_a_connection_the_error_is_ignored() {
    let wrong = by("no connection, so retry", LEGACY, |error, phase| match phase {
        Phase::Connection => Opinion::Verdict(Processed::No, Advice::Retry),
        _ => right(error, phase, StackName::Legacy),
    });
    always_caught_by(&wrong, Law::Advice, "in phase connection");
}

#[test]
fn a_connection_that_took_too_long_is_given_up() {
    let gives_up = |error: Caught<'_>, phase| {
        phase == Phase::Connection && links(error).any(|link| link.is::<tokio::time::error::Elapsed>())
    };
    let wrong = by("timeouts of connections", LEGACY, move |error, phase| {
        if gives_up(error, phase) {
            return Opinion::Verdict(Processed::No, Advice::GiveUp);
        }
        right(error, phase, StackName::Legacy)
    });
    always_caught_by(&wrong, Law::Advice, "elapsed in connection");
    let wrong = retries("no second connection", LEGACY, move |error, phase| {
        let Opinion::Verdict(processed, advice) = right(error, phase, StackName::Legacy) else { unreachable!() };
        processed == Processed::No && advice == Advice::Retry && !gives_up(error, phase)
    });
    always_caught_by(&wrong, Law::Completeness, "elapsed in connection");
}

#[test]
fn is_timeout_before_is_user() {
    let wrong = by("timeout before user", LEGACY, |error, phase| {
        let Opinion::Verdict(processed, advice) = right(error, phase, StackName::Legacy) else { unreachable!() };
        let hyper = links(error).find_map(|link| link.downcast_ref::<hyper_014::Error>());
        let mistaken = hyper.is_some_and(|hyper| hyper.is_user() && hyper.is_timeout());
        Opinion::Verdict(processed, if mistaken { Advice::Retry } else { advice })
    });
    always_caught_by(&wrong, Law::Advice, "request-body > hyper:timeout");
}

#[test]
fn every_link_is_read_without_a_limit() {
    let wrong = by("no end", LEGACY, |error, phase| {
        let mut last = error;
        while let Some(source) = last.source() {
            last = source;
        }
        right(error, phase, StackName::Legacy)
    });
    caught_by(&wrong, Law::Liveness, "endless");
}

#[test]
fn one_stack_is_retried_and_the_other_is_not() {
    // A client may choose whether to retry after a lost connection, but not by the stack that lost it.
    let wrong = retries("legacy I/O only", &StackName::ALL, |error, phase| {
        let legacy = links(error).any(|link| link.is::<hyper_014::Error>() || link.is::<h2_03::Error>());
        let verdict = decide(&Both.read(error), phase);
        let retry = verdict.processed == Processed::No || legacy && verdict.because.contains("transport");
        retry && verdict.advice == Advice::Retry
    });
    caught_by(&wrong, Law::Agreement, "unequal verdicts: legacy retry, modern do not retry");
}
