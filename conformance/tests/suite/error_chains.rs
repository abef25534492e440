//! Error chains: which link decides, the reading limit, the text form, and the coverage of the grammar.

use crate::wrong::SourceOnly;
use arbitrary::{Arbitrary, Unstructured};
use conformance::{
    chain::{Chain, Link},
    classifiers::{Advice, Both, Legacy, OWN_CLASSIFIERS, Reader, decide, proof},
    error_catalog::ERROR_CATALOG,
    error_chains::{Core, ErrorChain, KnownTypes, Layer},
    generators::{Sequence, error_chains, every_catalog_entry},
    oracles::misread,
    run::judge_error_chain,
    stacks::{Driver, panics::record_stack_panics},
    vocabulary::{Phase, Processed, StackName},
};
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};
use std::collections::BTreeSet;

fn error_chain(text: &str) -> ErrorChain {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// The verdicts of both stacks on an error chain, through their own readers.
fn verdicts(text: &str) -> Vec<(Processed, Advice, String)> {
    record_stack_panics();
    let case = judge_error_chain(&error_chain(text));
    assert!(case.broken.is_none(), "{text}: {:?}", case.broken);
    case.sides
        .iter()
        .map(|side| (side.verdict.processed, side.verdict.advice, side.verdict.because.to_string()))
        .collect()
}

#[test]
fn the_outermost_link_that_decides_gives_the_verdict() {
    use Advice::{BackOff, GiveUp, Retry, UseHttp1};
    use Processed::{Maybe, No, Yes};
    // From the outside in, the first link that decides: an outer error knows more about this request.
    let written = [
        // One link each.
        ("hyper:goaway(NO_ERROR)", No, Retry),
        ("hyper:rst-stream(REFUSED_STREAM)", No, Retry),
        ("hyper:rst-stream(NO_ERROR)", Maybe, Retry),
        ("hyper:goaway(ENHANCE_YOUR_CALM)", No, BackOff),
        ("hyper:goaway(HTTP_1_1_REQUIRED)", No, UseHttp1),
        ("hyper:rst-stream(CANCEL)", Maybe, BackOff),
        ("hyper:body-rst-stream(PROTOCOL_ERROR) in body", Yes, GiveUp),
        // The error of a connection does not name whose response broke the protocol; that of a stream does.
        ("hyper:connection-error(PROTOCOL_ERROR)", Maybe, BackOff),
        ("hyper:connection-error(PROTOCOL_ERROR) in sending", No, BackOff),
        ("hyper:stream-error(PROTOCOL_ERROR)", Maybe, GiveUp),
        ("hyper:stream-error(PROTOCOL_ERROR) in sending", No, Retry),
        ("http1:parse-status", Maybe, GiveUp),
        ("elapsed", Maybe, BackOff),
        ("unknown", Maybe, GiveUp),
        ("endless", Maybe, GiveUp),
        // The upload fails because another exchange was refused; this request was not refused itself.
        ("request-body > hyper:rst-stream(REFUSED_STREAM)", Maybe, GiveUp),
        ("request-body > hyper:goaway(NO_ERROR)", Maybe, GiveUp),
        // No connection was made, whatever its proxy said.
        ("connect > hyper:rst-stream(CANCEL)", No, Retry),
        ("connect > elapsed", No, Retry),
        ("connect > unknown", No, Retry),
        // A request that hyper handed back was not sent, whatever broke the connection meanwhile.
        ("http1:canceled", No, Retry),
        // An upload that failed with a timeout of its own is the application's failure; hyper calls it a timeout too.
        ("request-body > hyper:timeout", Maybe, GiveUp),
        // hyper's timeout flag decides, although the I/O error stands outside it.
        ("io(ConnectionReset) > hyper:timeout", Maybe, Retry),
        // An I/O error decides only if nothing inside it does: it is a wrapper as often as a cause.
        ("io(TimedOut) > hyper:goaway(NO_ERROR)", No, Retry),
        ("io(TimedOut) > elapsed", Maybe, BackOff),
        ("read > elapsed", Maybe, BackOff),
        ("io(Other) > unknown", Maybe, Retry),
        ("hidden > hyper:goaway(NO_ERROR)", Maybe, GiveUp),
        // A reader that does not know the other stack's errors draws no conclusion from them.
        ("foreign hyper:goaway(NO_ERROR)", Maybe, GiveUp),
        ("foreign connect > hyper:goaway(NO_ERROR)", No, Retry),
        // No error overrides what the phase proves.
        ("unknown in sending", No, Retry),
        ("hyper:goaway(NO_ERROR) in body", Yes, Retry),
        ("endless in body", Yes, GiveUp),
    ];
    for (text, processed, advice) in written {
        for (is_processed, is_advice, because) in verdicts(text) {
            assert_eq!((is_processed, is_advice), (processed, advice), "{text}: {because}");
        }
    }
}

#[test]
fn a_request_that_was_not_processed_may_be_sent_again_whatever_the_advice() {
    let mut advised = BTreeSet::new();
    for error_chain in every_catalog_entry().flat_map(|error_chain| error_chain.in_every_phase().collect::<Vec<_>>()) {
        let Some(chain) = error_chain.chain(StackName::Modern, KnownTypes::Own) else { continue };
        let verdict = decide(&chain, error_chain.phase);
        let unprocessed = verdict.processed == Processed::No;
        assert_eq!(verdict.may_retry(false), unprocessed, "{error_chain}: {verdict}");
        assert_eq!(proof(&chain, error_chain.phase).is_some(), unprocessed, "{error_chain}: {verdict}");
        let forbids = verdict.advice.again(verdict.may_retry(false)).contains("not be sent");
        assert_eq!(forbids, !unprocessed, "{error_chain}: {verdict}");
        advised.insert((unprocessed, verdict.advice));
        // A reason names its section, or says that it is advice.
        let reason = verdict.because.trim_end_matches(')');
        assert!(reason.contains("(§") || reason.ends_with("(advice"), "{}", verdict.because);
    }
    assert!(advised.contains(&(true, Advice::GiveUp)) && advised.len() == 8, "{advised:?}");
}

#[test]
fn an_error_of_the_other_stack_is_called_foreign_and_a_reader_of_both_stacks_reads_it() {
    record_stack_panics();
    let driver = Driver::new();
    for entry in ERROR_CATALOG.iter() {
        let foreign = ErrorChain { core: Core::Foreign(entry), ..ErrorChain::bare(entry) };
        for stack in StackName::ALL.into_iter().filter(|stack| foreign.exists_on(*stack)) {
            let error = foreign.realise(stack, &driver).expect("it exists");
            let own = OWN_CLASSIFIERS[stack].reader.read(error.as_ref());
            let of_a_stack = entry.on(stack.other()).expect("it exists");
            let has_io =
                own.io().is_some() || of_a_stack.iter().all(|link| matches!(link, Link::Elapsed | Link::Other));
            assert_eq!(own.is_foreign(), !has_io, "{} on {stack} is read as {own}", entry.name);
            if own.is_foreign() {
                let because = decide(&own, Phase::Head).because;
                assert!(because.contains("other stack"), "{}: {because}", entry.name);
            }
            assert_eq!(Both.read(error.as_ref()).links, of_a_stack, "{}", entry.name);
        }
    }
}

#[test]
fn inner_errors_are_found_at_any_depth_up_to_the_reading_limit() {
    record_stack_panics();
    let driver = Driver::new();
    for core in ["io(ConnectionReset)", "hyper:body-read(TimedOut)", "connect > io(HostUnreachable)"] {
        for depth in [0, 1, 2, 3, 10, 100, 1_000, 1_020] {
            let deep = error_chain(&format!("deep({depth}) > {core}"));
            for stack in StackName::ALL {
                let error = deep.realise(stack, &driver).expect("both stacks have this error");
                let chain = OWN_CLASSIFIERS[stack].reader.read(error.as_ref());
                assert!(chain.io().is_some() && !chain.cut, "{depth} > {core} on {stack}");
            }
        }
    }
    for (depth, links, cut) in [(1_023, 1_024, false), (1_024, 1_024, true), (2_000, 1_024, true)] {
        let deep = error_chain(&format!("deep({depth}) > io(ConnectionReset)"));
        let error = deep.realise(StackName::Legacy, &driver).expect("it belongs to no stack");
        let chain = OWN_CLASSIFIERS[StackName::Legacy].reader.read(error.as_ref());
        assert_eq!((chain.links.len(), chain.cut, chain.io().is_none()), (links, cut, cut));
        assert_eq!(deep.chain(StackName::Legacy, KnownTypes::Own), Some(chain));
    }
}

#[test]
fn an_error_chain_is_parsed_from_its_own_text() {
    for generated in Sequence::of_error_chains(3, 0).take(5_000) {
        assert_eq!(error_chain(&generated.to_string()), generated);
    }
    for (text, says) in [
        ("shwon > unknown", "`shwon` is not a layer"),
        ("shown > nothing", "`nothing` is not in the error catalogue"),
        ("unknown in bed", "`bed` is not a phase"),
        ("", "`` is not in the error catalogue"),
        ("deep(99999999) > unknown", "not a layer"),
        ("deep(4000) > shown > deep(100) > unknown", "4101 layers are too many: an error chain has at most 4096"),
    ] {
        let error = text.parse::<ErrorChain>().expect_err(text).to_string();
        assert!(error.contains(says), "{error}");
    }
}

#[test]
fn every_catalog_entry_is_judged_bare_and_wrapped_and_can_be_made() {
    record_stack_panics();
    let driver = Driver::new();
    for stack in StackName::ALL {
        let error_chains: BTreeSet<String> = every_catalog_entry()
            .filter(|error_chain| error_chain.exists_on(stack))
            .map(|error_chain| {
                assert!(error_chain.realise(stack, &driver).is_some(), "{error_chain} on {stack}");
                error_chain.in_every_phase().map(|error_chain| error_chain.to_string()).collect::<Vec<_>>()
            })
            .inspect(|error_chains| assert_eq!(error_chains.len(), Phase::ALL.len()))
            .flatten()
            .collect();
        let error_catalog = ERROR_CATALOG.iter().filter(|entry| entry.on(stack).is_ok()).count();
        assert_eq!(error_chains.len(), 4 * Phase::ALL.len() * error_catalog);
    }
}

#[test]
fn both_forms_of_the_grammar_reach_every_layer_and_core() {
    let mut bytes = Vec::new();
    let mut state = 1_u64;
    bytes.extend((0..1_500_000).map(|_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    }));
    let mut unstructured = Unstructured::new(&bytes);
    let arbitrary = std::iter::from_fn(|| ErrorChain::arbitrary(&mut unstructured).ok()).take(50_000);
    for error_chains in [Sequence::of_error_chains(1, 0).take(50_000).collect::<Vec<_>>(), arbitrary.collect()] {
        let mut layers = BTreeSet::new();
        let mut cores = BTreeSet::new();
        for error_chain in &error_chains {
            layers.extend(error_chain.layers.iter().map(ToString::to_string));
            cores.insert(error_chain.with_layers([]).to_string().split(" in ").next().unwrap_or_default().to_owned());
        }
        // 5 that hold or show an error, 6 of the stacks, 5 imitations, 20 kinds of I/O error, 2 depths.
        assert_eq!(layers.len(), 38, "{layers:?}");
        let none = ERROR_CATALOG.iter().filter(|one| one.links.each().iter().all(|links| links.is_err())).count();
        assert_eq!(cores.len(), 2 * (ERROR_CATALOG.len() - none) + 1);
    }
    assert_eq!(ErrorChain::arbitrary(&mut Unstructured::new(&[])).map(|error_chain| error_chain.layers.len()), Ok(0));
}

#[test]
fn proptest_shrinks_an_error_chain_to_its_fewest_layers() {
    let config = Config { failure_persistence: None, cases: 5_000, ..Config::default() };
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[5; 32]);
    let failure = TestRunner::new_with_rng(config, rng).run(&error_chains(), |error_chain| {
        let hidden = error_chain.layers.contains(&Layer::Hidden) && error_chain.phase == Phase::Head;
        if hidden { Err(TestCaseError::fail("something is hidden")) } else { Ok(()) }
    });
    let Err(TestError::Fail(_, smallest)) = failure else { panic!("5,000 error chains hide something: {failure:?}") };
    assert_eq!(smallest.to_string(), format!("hidden > {} in head", ERROR_CATALOG[0].name));
}

#[test]
fn a_reader_that_opens_nothing_is_caught() {
    let driver = Driver::new();
    let legacy = StackName::Legacy;
    let found = Sequence::of_error_chains(1, 0).find_map(|error_chain| {
        let error = error_chain.exists_on(legacy).then(|| error_chain.realise(legacy, &driver))??;
        misread(&SourceOnly(Legacy), &error_chain, legacy, error.as_ref())
    });
    assert!(found.is_some_and(|violation| violation.message.contains("was read as")));
    let own: Chain = error_chain("arc > h2:goaway(NO_ERROR)").chain(legacy, KnownTypes::Own).expect("it exists");
    assert!(own.h2().is_some());
}
