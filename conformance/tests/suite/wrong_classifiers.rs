//! Classifiers with the mistakes that people make: each is caught, with a small case and a message that says what is
//! wrong.

use crate::wrong::SourceOnly;
use conformance::{
    Check,
    check::{Failure, Finding, FoundCase, Hint},
    classifiers::{
        Advice, Both, ChainClassifier, Classifier, Legacy, OWN_CLASSIFIERS, Opinion, Proof, Reader, RetryPolicy, by,
        decide, retries,
    },
    oracles::Law,
    vocabulary::{Phase, Processed, StackName},
};
use std::{
    collections::HashSet,
    env,
    error::Error,
    io,
    process::Command,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

type Caught<'e> = &'e (dyn Error + 'static);

const LEGACY: &[StackName] = &[StackName::Legacy];

/// The error and its sources.
fn sources(error: Caught<'_>) -> impl Iterator<Item = Caught<'_>> {
    std::iter::successors(Some(error), |error| (*error).source()).take(1_000)
}

/// The error and the errors inside it, with holders opened.
fn links(error: Caught<'_>) -> impl Iterator<Item = Caught<'_>> {
    std::iter::successors(Some(error), |error| Legacy.inner(*error)).take(1_000)
}

fn is_unprocessed(error: &h2_03::Error) -> bool {
    let refused = error.is_reset() && error.reason() == Some(h2_03::Reason::REFUSED_STREAM);
    error.is_remote() && (error.is_go_away() || refused)
}

/// The opinion of the suite's own classifier for a stack.
fn right(error: Caught<'_>, phase: Phase, stack: StackName) -> Opinion {
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
        let again = Check::new(classifier).replay(&finding.case.to_replay());
        assert!(again.is_err(), "not seen again: {}", finding.case.to_replay());
    }
    failure
}

/// Asserts that this law catches the classifier, with these words in a message or a hint.
fn caught_by(classifier: &dyn Classifier, law: Law, words: &str) {
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

/// The first error of h2 0.3 in the chain.
fn first_h2(error: Caught<'_>) -> Option<&h2_03::Error> {
    links(error).find_map(|link| link.downcast_ref())
}

/// Whether this is so of an error of hyper 0.14 in the chain.
fn any_hyper(error: Caught<'_>, is: impl Fn(&hyper_014::Error) -> bool) -> bool {
    links(error).filter_map(|link| link.downcast_ref()).any(is)
}

fn is_refused(h2: &h2_03::Error) -> bool {
    h2.is_remote() && h2.is_reset() && h2.reason() == Some(h2_03::Reason::REFUSED_STREAM)
}

fn is_handed_back(error: Caught<'_>) -> bool {
    any_hyper(error, |hyper| hyper.is_canceled() || hyper.is_closed())
}

/// Asserts that the retry policy passes with this promise, which its report narrows by so much, and fails without it.
fn passes_only_with<F>(policy: impl Fn() -> RetryPolicy<F>, promise: &'static [Proof])
where
    F: Fn(Caught<'_>, Phase) -> bool + Sync,
{
    let narrowed = policy().promising(promise);
    let report = Check::new(&narrowed).run().expect("it keeps what it promises");
    assert_eq!(report.unpromised.len(), Proof::ALL.len() - promise.len());
    for proof in &report.unpromised {
        assert!(report.to_string().contains(&format!("not promised: a retry after {proof}")), "{report}");
    }
    let failure = Check::new(&policy()).error_chains(0).scripts(0).run().expect_err("it promises too much");
    assert!(failure.findings.iter().any(|finding| finding.law == Law::Completeness), "{failure}");
}

#[test]
fn policies_in_use_pass_with_their_promise_and_fail_without() {
    // reqwest, retry.rs: a server that shuts down, and a refused stream.
    let reqwest = || {
        retries("reqwest", LEGACY, |error, _| {
            first_h2(error).is_some_and(|h2| {
                let no_error = h2.reason() == Some(h2_03::Reason::NO_ERROR);
                h2.is_remote() && h2.is_go_away() && no_error || is_refused(h2)
            })
        })
    };
    passes_only_with(reqwest, &[Proof::GoawayNoError, Proof::RefusedStream]);
    // hyper-util, retry_canceled_requests: what was handed back.
    let hyper_util = || retries("hyper-util", LEGACY, |error, _| is_handed_back(error));
    passes_only_with(hyper_util, &[Proof::HandedBack]);
    // Go, canRetryError (x/net/http2/transport.go), golang/go#47635: PROTOCOL_ERROR from the peer, too.
    let go = || {
        retries("Go", LEGACY, |error, _| {
            let protocol_error = |h2: &h2_03::Error| {
                h2.is_remote() && h2.is_reset() && h2.reason() == Some(h2_03::Reason::PROTOCOL_ERROR)
            };
            is_handed_back(error) || first_h2(error).is_some_and(|h2| is_unprocessed(h2) || protocol_error(h2))
        })
    };
    let promise = &[Proof::HandedBack, Proof::GoawayNoError, Proof::GoawayWithError, Proof::RefusedStream];
    passes_only_with(go, promise);
    // The AWS SDK, to_connector_error and TransientErrorClassifier: also every I/O error and timeout.
    let aws = || {
        retries("AWS", LEGACY, |error, _| {
            let io = links(error).any(|link| link.is::<io::Error>());
            let waited = any_hyper(error, |hyper| hyper.is_timeout() || hyper.is_incomplete_message());
            let h2 = first_h2(error).is_some_and(|h2| h2.is_go_away() || is_refused(h2));
            !any_hyper(error, hyper_014::Error::is_user) && (is_handed_back(error) || io || waited || h2)
        })
    };
    passes_only_with(aws, &[Proof::HandedBack]);
}

#[test]
fn a_retry_of_every_idempotent_request_is_accepted() {
    let every = retries("every idempotent request", &StackName::ALL, |_, _| true);
    let report = Check::new(&every).run().expect("no law is broken");
    for advice in ["requires HTTP/1.1", "the application's own error", "nothing says"] {
        assert!(report.unwise.iter().any(|unwise| unwise.because.contains(advice)), "no such advice: {report}");
    }
}

#[test]
fn the_hint_at_the_other_stacks_types_comes_only_if_that_is_so() {
    let no_crossing = |failure: Failure| {
        let crossed = |finding: &Finding| matches!(finding.hint, Some(Hint::OtherTypes { .. }));
        assert!(!failure.findings.iter().any(crossed), "{failure}");
    };
    let forgets_is_closed = retries("no is_closed", &StackName::ALL, |error, phase| {
        let verdict = decide(&Both.read(error), phase);
        let closed = links(error).any(|link| link.downcast_ref::<hyper_014::Error>().is_some_and(|e| e.is_closed()));
        verdict.processed == Processed::No && !(closed && phase == Phase::Head)
    });
    no_crossing(Check::new(&forgets_is_closed).run().expect_err("it is wrong on purpose"));
    let tosses = AtomicUsize::new(0);
    let coin = retries("coin", LEGACY, move |_, _| {
        let toss = tosses.fetch_add(1, Ordering::Relaxed);
        (toss.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40) & 1 == 0
    });
    no_crossing(Check::new(&coin).run().expect_err("it is wrong on purpose"));
}

#[test]
fn a_classifier_that_is_not_steady_is_called_so() {
    // Right from the second time on.
    let seen = Mutex::new(HashSet::new());
    let first_time = by("wrong the first time", LEGACY, move |error, phase| {
        let text = format!("{error:?} {phase}");
        match (right(error, phase, StackName::Legacy), seen.lock().expect("no panic").insert(text)) {
            (Opinion::Verdict(Processed::No, advice), true) => Opinion::Verdict(Processed::Maybe, advice),
            (right, _) => right,
        }
    });
    let failure = Check::new(&first_time).error_chains(100).scripts(10).run().expect_err("it is wrong on purpose");
    assert!(failure.findings.iter().any(|finding| finding.law == Law::Determinism), "{failure}");
    // Right with a probability of 0.999.
    let asked = AtomicUsize::new(0);
    let rarely = by("wrong once in 1,000", LEGACY, move |error, phase| {
        let number = asked.fetch_add(1, Ordering::Relaxed);
        match right(error, phase, StackName::Legacy) {
            Opinion::Verdict(processed, _) if number % 1_009 == 1_008 => Opinion::Verdict(processed, Advice::UseHttp1),
            right => right,
        }
    });
    let failure = Check::new(&rarely).error_chains(100).scripts(10).run().expect_err("it is wrong on purpose");
    assert!(failure.findings.iter().any(|finding| finding.law == Law::Determinism), "{failure}");
}

#[test]
fn a_slow_classifier_is_ended_and_named() {
    let slow = retries("slow", LEGACY, |_, _| {
        thread::sleep(Duration::from_millis(20));
        true
    });
    let failure = Check::new(&slow).time_limit(Duration::from_millis(500)).run().expect_err("it is too slow");
    assert!(failure.to_string().contains("it is too slow: "), "{failure}");
}

#[test]
fn a_classifier_that_never_returns_is_ended_and_named() {
    const NAME: &str = "wrong_classifiers::a_classifier_that_never_returns_is_ended_and_named";
    if env::var_os("NEVER_RETURNS").is_some() {
        let never = retries("never returns", LEGACY, |_, _| {
            loop {
                thread::park();
            }
        });
        let _ = Check::new(&never).time_limit(Duration::from_millis(400)).run();
        return;
    }
    let program = env::current_exe().expect("a test is a program");
    let ended = Command::new(program).args(["--exact", NAME]).env("NEVER_RETURNS", "1").output().expect("it starts");
    let said = String::from_utf8_lossy(&ended.stderr);
    assert_eq!(ended.status.code(), Some(101), "{said}");
    assert!(said.contains("liveness: never returns did not answer within 400ms"), "{said}");
    assert!(said.contains(".replay(\"hyper:goaway(NO_ERROR) in connection\")"), "{said}");
}

#[test]
fn a_report_names_the_versions_under_test() {
    let own = by("own", LEGACY, |error, phase| right(error, phase, StackName::Legacy));
    let report = Check::new(&own).error_chains(10).scripts(10).run().expect("the suite's own");
    let versions = report.versions.expect("the suite has a lock file");
    assert!(versions[0].starts_with("hyper 0.14.") && versions[1].starts_with("h2 0.3."), "{versions:?}");
}

#[test]
fn what_is_a_policys_own_choice_stays_so_in_every_wrapping() {
    // Retries a reset connection, but not every I/O error: it reads the first that it can name.
    let reset = retries("reset connections", LEGACY, |error, phase| {
        let unprocessed = matches!(right(error, phase, StackName::Legacy), Opinion::Verdict(Processed::No, _));
        let io = links(error).find_map(|link| link.downcast_ref::<io::Error>());
        unprocessed || io.is_some_and(|io| io.kind() == io::ErrorKind::ConnectionReset)
    });
    let check = Check::new(&reset);
    check.run().expect("a lost connection is its own choice");
    check.replay("io(AddrNotAvailable) > arc > h2:read(ConnectionReset) in head").expect("in every wrapping");
    // A layer that only shows what it wraps changes nothing.
    let outermost = retries("outermost", LEGACY, |error, phase| {
        let unprocessed = matches!(right(error, phase, StackName::Legacy), Opinion::Verdict(Processed::No, _));
        unprocessed || error.is::<io::Error>()
    });
    caught_by(&outermost, Law::Layers, "with the layers it says: do not retry");
}
