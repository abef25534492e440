//! Readers and decisions that are wrong on purpose are caught: each by its law, with a script of few frames.

use crate::wrong::{CrossedH2, IgnoresRemote, SourceOnly, decision, legacy_reader, modern_reader};
use conformance::{
    chain::{Chain, Link, Origin},
    classifiers::{Advice, ChainClassifier, Classifiers, Legacy, Modern, OWN_CLASSIFIERS, Reader, Verdict, decide},
    comparison::Harness,
    generators::{Sequence, scripts},
    http2::FrameType,
    judge::{judge, judge_scenario},
    minimize::minimize,
    oracles::{Law, Violation},
    peer::Transport,
    scenarios::{self, But, Scenario},
    script::{Script, Step},
    stacks::{
        BoxError, Driver, End, Head, IssuedRequest, Part, Profile, Stack, Unanswered, drive::Spawner,
        panics::record_stack_panics,
    },
    vocabulary::{Phase, Processed, StackName},
};
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};
use std::error::Error;

/// Looks for hyper 1's error in hyper 0.14's chain.
struct CrossedHyper;

impl Reader for CrossedHyper {
    fn link(&self, error: &(dyn Error + 'static)) -> Link {
        if error.is::<hyper_014::Error>() { Modern.link(error) } else { Legacy.link(error) }
    }

    fn inner<'e>(&self, error: &'e (dyn Error + 'static)) -> Option<&'e (dyn Error + 'static)> {
        Legacy.inner(error)
    }
}

/// Looks at the outermost error only.
struct OutermostOnly;

impl Reader for OutermostOnly {
    fn link(&self, error: &(dyn Error + 'static)) -> Link {
        Modern.link(error)
    }

    fn inner<'e>(&self, _: &'e (dyn Error + 'static)) -> Option<&'e (dyn Error + 'static)> {
        None
    }
}

/// Gives every error the same verdict.
fn constant(_: &Chain, _: Phase) -> Verdict {
    Verdict { processed: Processed::Maybe, advice: Advice::Retry, because: "always".into() }
}

/// Ignores how far the request had come.
fn without_phase(chain: &Chain, _: Phase) -> Verdict {
    decide(chain, Phase::Head)
}

/// Calls every request that the peer reset unprocessed.
fn any_reset_is_unprocessed(chain: &Chain, phase: Phase) -> Verdict {
    let verdict = decide(chain, phase);
    let reset = chain.h2().is_some_and(|h2| h2.origin == Origin::Remote);
    Verdict { processed: if reset { Processed::No } else { verdict.processed }, ..verdict }
}

/// Gives up on every transport error.
fn transport_gives_up(chain: &Chain, phase: Phase) -> Verdict {
    let verdict = decide(chain, phase);
    let advice = if chain.io().is_some() { Advice::GiveUp } else { verdict.advice };
    Verdict { advice, ..verdict }
}

/// The first generated script that shows the fault, minimised, and the violations that it causes.
fn caught_by_generated_scripts(classifiers: Classifiers, law: Law) -> (Script, Vec<Violation>) {
    record_stack_panics();
    let harness = Harness::with(Profile::Equal, classifiers);
    let breaks = |script: &Script| {
        let judgement = judge(&harness, script);
        judgement.unexplained && judgement.violations.iter().any(|violation| violation.law == law)
    };
    let script = Sequence::of_scripts(6, 0).take(5_000).find(breaks).expect("5,000 scripts show the fault");
    let script = minimize(&script, breaks).script;
    let violations = judge(&harness, &script).violations;
    (script, violations)
}

/// The types of the frames that the peer sends.
fn sent(script: &Script) -> Vec<FrameType> {
    script.steps().iter().filter_map(Step::frame).map(|frame| frame.kind).collect()
}

/// Whether the peer sends nothing but SETTINGS and one GOAWAY or RST_STREAM.
fn is_one_ending(script: &Script) -> bool {
    let endings = [FrameType::GOAWAY, FrameType::RST_STREAM];
    let (endings, rest): (Vec<_>, Vec<_>) = sent(script).into_iter().partition(|kind| endings.contains(kind));
    endings.len() == 1 && rest.len() <= 1 && rest.iter().all(|kind| *kind == FrameType::SETTINGS)
}

/// The scenario of the suite with this name.
fn scenario(name: &str) -> Scenario {
    let scenarios = scenarios::built_in().expect("the suite's own scenarios are valid");
    scenarios.into_iter().find(|scenario| scenario.name == name).expect("there is such a scenario")
}

/// Whether a scenario shows that this decision is wrong.
fn is_caught_by(name: &str, decide: fn(&Chain, Phase) -> Verdict) -> bool {
    record_stack_panics();
    judge_scenario(&Harness::with(Profile::Equal, decision(decide)), &scenario(name)).unexplained
}

/// A stack whose tasks panic when they are polled and when they are dropped.
struct Panicking<const IN_POLL: bool>;

/// Panics when it is dropped.
struct PanicsInDrop;

impl Drop for PanicsInDrop {
    fn drop(&mut self) {
        panic!("dropped on purpose");
    }
}

impl<const IN_POLL: bool> Stack for Panicking<IN_POLL> {
    type Client = ();
    type Body = ();

    const NAME: StackName = StackName::Legacy;

    async fn connect(_: Transport, _: Profile, spawner: Spawner) -> Result<(), BoxError> {
        if IN_POLL {
            spawner.spawn(async { panic!("polled on purpose") });
        }
        Ok(())
    }

    async fn send((): (), _: IssuedRequest) -> Result<(Head, ()), Unanswered> {
        let _held = PanicsInDrop;
        std::future::pending().await
    }

    async fn next_part((): &mut ()) -> Option<Result<Part, BoxError>> {
        None
    }
}

#[test]
fn a_stack_may_panic_and_the_suite_does_not() {
    record_stack_panics();
    // After a panic nothing is dropped, because that could panic in a panic.
    let polled = Driver::new().observe::<Panicking<true>>(&Script::answering([]), Profile::Equal);
    let dropped = Driver::new().observe::<Panicking<false>>(&Script::answering([]), Profile::Equal);
    for (observation, panic) in [(polled, "polled on purpose"), (dropped, "dropped on purpose")] {
        assert_eq!(observation.panics.len(), 1, "{:?}", observation.panics);
        assert!(observation.panics[0].contains(panic), "{:?}", observation.panics);
        assert!(matches!(observation.requests[0].end, End::Open));
    }
}

#[test]
fn the_crossed_h2_is_caught_by_one_frame_and_named() {
    let (script, violations) = caught_by_generated_scripts(legacy_reader(&CrossedH2), Law::Agreement);
    assert!(is_one_ending(&script), "not the smallest: {}", script.to_toml());
    let message = violations[0].to_string();
    assert!(message.contains("h2 0.3 Error") && message.contains("legacy reader"), "{message}");
}

#[test]
fn proptest_shrinks_the_crossed_h2_to_few_frames() {
    record_stack_panics();
    let harness = Harness::with(Profile::Equal, legacy_reader(&CrossedH2));
    let config = Config { failure_persistence: None, cases: 5_000, ..Config::default() };
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let failure = TestRunner::new_with_rng(config, rng).run(&scripts(), |script| {
        let agrees = Law::Agreement.judge(&harness.run(&script)).is_empty();
        if agrees { Ok(()) } else { Err(TestCaseError::fail("the reader missed a type")) }
    });
    let Err(TestError::Fail(_, smallest)) = failure else { panic!("5,000 scripts show the fault: {failure:?}") };
    assert!(sent(&smallest).len() <= 3, "not small: {}", smallest.to_toml());
}

#[test]
fn the_crossed_hyper_is_caught_by_two_frames_and_named() {
    let (script, violations) = caught_by_generated_scripts(legacy_reader(&CrossedHyper), Law::Agreement);
    assert!(sent(&script).len() <= 2, "not the smallest: {}", script.to_toml());
    assert!(violations[0].message.contains("hyper 0.14 Error"), "{}", violations[0]);
}

#[test]
fn a_reader_that_ignores_the_origin_of_an_error_is_caught() {
    let (script, violations) = caught_by_generated_scripts(legacy_reader(&IgnoresRemote(Legacy)), Law::Equivalence);
    assert!(sent(&script).len() <= 2, "not the smallest: {}", script.to_toml());
    assert!(violations[0].message.contains("remote"), "{}", violations[0]);
}

#[test]
fn a_reader_that_reads_only_the_outermost_error_is_caught() {
    let (script, violations) = caught_by_generated_scripts(modern_reader(&OutermostOnly), Law::Equivalence);
    assert!(sent(&script).len() <= 2, "not the smallest: {}", script.to_toml());
    assert_eq!(violations[0].request, Some(0));
}

#[test]
fn a_reader_that_follows_only_source_is_caught() {
    let (script, violations) = caught_by_generated_scripts(modern_reader(&SourceOnly(Modern)), Law::Equivalence);
    assert!(sent(&script).len() <= 3, "not the smallest: {}", script.to_toml());
    assert!(violations[0].message.contains("io"), "{}", violations[0]);
}

#[test]
fn constant_advice_is_caught() {
    assert!(is_caught_by("goaway-too-many-pings", constant));
}

#[test]
fn a_decision_that_ignores_the_phase_is_caught() {
    assert!(is_caught_by("rst-stream-refused-after-the-head", without_phase));
}

#[test]
fn a_decision_that_calls_every_reset_unprocessed_is_caught() {
    assert!(is_caught_by("rst-stream-internal-error", any_reset_is_unprocessed));
}

#[test]
fn a_decision_that_gives_up_on_transport_errors_is_caught() {
    assert!(is_caught_by("eof-before-the-head", transport_gives_up));
}

#[test]
fn unequal_decisions_on_equal_chains_are_caught() {
    let constant = ChainClassifier { decide: constant, ..OWN_CLASSIFIERS[StackName::Legacy] };
    let classifiers = OWN_CLASSIFIERS.with(StackName::Legacy, constant);
    let (script, violations) = caught_by_generated_scripts(classifiers, Law::Agreement);
    assert!(sent(&script).len() <= 2, "not the smallest: {}", script.to_toml());
    assert!(violations.iter().any(|violation| violation.message.contains("unequal verdicts")), "{violations:?}");
}

#[test]
fn a_scenario_whose_exception_no_longer_applies_is_stale() {
    record_stack_panics();
    let mut scenario = scenario("goaway-below-our-stream");
    scenario.but = vec![But { request: 0, because: "it is said to fail".into() }];
    let judgement = judge_scenario(&Harness::new(), &scenario);
    assert!(judgement.unexplained && judgement.violations[0].message.contains("remove `but`"));
}
