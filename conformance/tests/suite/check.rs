//! What `check` says of classifiers that are no mistake, or none of the laws': policies in use and what they promise, hints,
//! time limits, and the versions under test.

use crate::wrong_classifiers::{Caught, LEGACY, caught_by, first_h2, is_unprocessed, links, right};
use conformance::{
    Check,
    check::{Failure, Finding, Hint},
    classifiers::{
        Advice, Both, Classifier, Opinion, Proof, Reader, RetryPolicy, by, decide, retries, retries_request,
    },
    oracles::Law,
    script::Method,
    vocabulary::{Phase, Processed, StackName},
};
use std::{
    collections::HashSet,
    env, io,
    process::Command,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

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
    RetryPolicy<F>: Classifier,
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
    const NAME: &str = "check::a_classifier_that_never_returns_is_ended_and_named";
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

fn is_proved(error: Caught<'_>, phase: Phase) -> bool {
    matches!(right(error, phase, StackName::Legacy), Opinion::Verdict(Processed::No, _))
}

fn has_lost_its_connection(error: Caught<'_>) -> bool {
    links(error).any(|link| link.is::<io::Error>())
}

#[test]
fn a_policy_that_repeats_every_post_after_a_lost_connection_is_caught() {
    let every = retries_request("repeats every POST", LEGACY, |error, phase, _| {
        is_proved(error, phase) || has_lost_its_connection(error)
    });
    caught_by(&every, Law::Safety, "the peer may have acted on the request, but it says of a POST: retry.");
    caught_by(
        &every,
        Law::Safety,
        "unless it has some means to know that the request semantics are actually idempotent",
    );
    caught_by(&every, Law::Safety, "the method POST");
    let failure = Check::new(&every).error_chains(0).scripts(0).run().expect_err("it is wrong on purpose");
    assert!(failure.findings.iter().all(|finding| finding.method == Some(Method::Post)), "{failure}");
}

#[test]
fn a_policy_that_repeats_only_what_is_idempotent_passes() {
    let careful = retries_request("repeats GETs", LEGACY, |error, phase, method| {
        is_proved(error, phase) || method.is_idempotent() && has_lost_its_connection(error)
    });
    let report = Check::new(&careful).run().expect("no law is broken");
    assert!(report.to_string().contains("asked about: GET, POST"), "{report}");
}

#[test]
fn a_policy_that_drops_a_post_which_was_not_processed_breaks_its_promise() {
    let never = || {
        retries_request("GETs alone", LEGACY, |error, phase, method| method.is_idempotent() && is_proved(error, phase))
    };
    caught_by(&never(), Law::Completeness, "the method POST");
    Check::new(&never().promising(&[])).error_chains(0).scripts(0).run().expect("it promises nothing");
}

#[test]
fn a_check_can_be_limited_to_the_errors_that_a_client_hands_over() {
    // Wrong for h2's errors alone, which a client on hyper never hands over.
    let wrong = by("wrong for h2 alone", LEGACY, |error, phase| match error.is::<h2_03::Error>() {
        true => Opinion::Unprocessed(true),
        false => Opinion::Unprocessed(is_proved(error, phase)),
    });
    caught_by(&wrong, Law::Safety, "h2:");
    let of_hyper = |error: Caught<'_>, phase| error.is::<hyper_014::Error>() && phase <= Phase::Head;
    let report = Check::new(&wrong).only(of_hyper).run().expect("it is right for what it sees");
    assert!(report.error_chains > 1_000 && report.requests > 100, "{report}");
    assert!(report.to_string().contains(&format!("left out: {} errors", report.left_out)), "{report}");
    // What is wrong within the limit is still caught, and its smallest case is within the limit too.
    let lost = retries_request("repeats every POST", LEGACY, |error, phase, _| {
        is_proved(error, phase) || has_lost_its_connection(error)
    });
    let failure = Check::new(&lost).only(of_hyper).run().expect_err("it is wrong on purpose");
    assert!(failure.to_string().contains(&format!("{} errors left out", failure.left_out)), "{failure}");
    for finding in &failure.findings {
        assert!(Check::new(&lost).only(of_hyper).replay(&finding.case.to_string()).is_err(), "{finding}");
        assert!(finding.chain.to_string().starts_with("hyper"), "{finding}");
    }
}

#[test]
fn a_limit_that_leaves_nothing_fails() {
    let own = by("own", LEGACY, |error, phase| right(error, phase, StackName::Legacy));
    let failure = Check::new(&own).only(|_, _| false).error_chains(10).scripts(10).run().expect_err("nothing is left");
    assert!(failure.findings.is_empty() && failure.left_out > 100, "{failure}");
    assert!(failure.to_string().starts_with("own: nothing was checked (seed 1; "), "{failure}");
}
