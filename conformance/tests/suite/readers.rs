//! The tests for mutation testing: all output of `classifiers/` and `chain.rs`, at fixed seeds, in under three seconds.

use conformance::{
    chain::{Chain, H2Link, HyperLink, IoKind, Link, Origin, Scope},
    classifiers::{
        Advice, Both, Classifier, Legacy, Modern, OWN_CLASSIFIERS, Opinion, Reader, Verdict, by, common_inner,
        common_link, decide, deciding_link, retries,
    },
    error_catalog::ERROR_CATALOG,
    generators::Sequence,
    http2::ErrorCode,
    oracles::misread,
    stacks::{Driver, panics::record_stack_panics},
    vocabulary::{Phase, Processed, StackName},
};
use std::{collections::BTreeSet, error::Error, fmt::Write, io, sync::Arc};

#[test]
fn every_catalog_entry_is_obtained_and_read_as_its_table_says() {
    record_stack_panics();
    let driver = Driver::new();
    let mut wrong = String::new();
    for entry in ERROR_CATALOG.iter() {
        for stack in StackName::ALL {
            let error = entry.obtain(stack, &driver);
            let chain = error.map(|error| OWN_CLASSIFIERS[stack].reader.read(error.as_ref()).links);
            let expected = entry.on(stack).ok().map(<[_]>::to_vec);
            if chain != expected {
                let _ = writeln!(wrong, "{} on {stack}: {chain:?}, expected {expected:?}", entry.name);
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn error_chains_are_read_link_by_link() {
    record_stack_panics();
    let driver = Driver::new();
    for error_chain in Sequence::of_error_chains(1, 0).take(3_000) {
        for stack in StackName::ALL.into_iter().filter(|stack| error_chain.exists_on(*stack)) {
            let error = error_chain.realise(stack, &driver).expect("the stack has its error");
            let misread = misread(OWN_CLASSIFIERS[stack].reader, &error_chain, stack, error.as_ref());
            assert!(misread.is_none(), "{error_chain}: {misread:?}");
        }
    }
}

/// The distinct chains of the error catalogue. Where several ways of using a stack give an error, only hyper's HTTP/2
/// counts; I/O errors have one kind, and h2 calls one code.
fn chains() -> Vec<Chain> {
    let error_catalog = ERROR_CATALOG.iter().filter(|entry| {
        let (way, what) = entry.name.split_once(':').unwrap_or(("", &entry.name));
        let argument = what.split_once('(').map(|(_, argument)| argument.trim_end_matches(')'));
        match (way, argument) {
            ("h2" | "pool", Some(code)) => what.starts_with("reason") && code == "CANCEL",
            (_, Some(argument)) => {
                let is_code = argument == "0x42" || argument == argument.to_uppercase();
                way == "hyper" && is_code || argument == "TimedOut"
            }
            (_, None) => true,
        }
    });
    let links = error_catalog.flat_map(|entry| entry.links.clone().into_iter().map(Result::ok));
    let mut seen = BTreeSet::new();
    let mut chains: Vec<Chain> = links.flatten().map(|links| Chain { links, cut: false }).collect();
    chains.extend([
        Chain { links: vec![Link::Foreign, Link::Other], cut: false },
        Chain { links: vec![Link::Foreign, Link::Io(IoKind(io::ErrorKind::TimedOut))], cut: false },
        Chain { links: vec![Link::Other, Link::Other], cut: true },
    ]);
    chains.retain(|chain| seen.insert(chain.to_string()));
    chains
}

#[test]
fn verdicts_are_those_of_the_snapshot() {
    let mut table = String::new();
    for chain in chains() {
        let _ = writeln!(table, "{chain}");
        let deciding = deciding_link(&chain).map_or("nothing".into(), |link| format!("link {link}"));
        let _ = writeln!(table, "    {deciding} decides");
        for phase in Phase::ALL {
            let verdict = decide(&chain, phase);
            let retry = match (verdict.may_retry(false), verdict.may_retry(true)) {
                (true, true) => "any request",
                (false, true) => "idempotent requests",
                _ => "none",
            };
            let _ = writeln!(table, "    {phase:<10}  {verdict}: {}; retry: {retry}", verdict.because);
        }
    }
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(concat!(env!("CARGO_MANIFEST_DIR"), "/../snapshots"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!("verdicts", table));
}

#[test]
fn the_text_of_a_chain_shows_every_field() {
    let hyper = HyperLink {
        timeout: true,
        user: true,
        canceled: true,
        closed: true,
        incomplete_message: true,
        body_write_aborted: true,
        parse: true,
    };
    let h2 = |origin, scope, reason| Link::H2(H2Link { origin, scope, reason });
    for (link, text) in [
        (Link::Hyper(hyper), "hyper(timeout, user, canceled, closed, incomplete message, body write aborted, parse)"),
        (Link::Hyper(HyperLink::default()), "hyper"),
        (Link::Pool { connect: true }, "pool(connect)"),
        (Link::Pool { connect: false }, "pool"),
        (h2(Origin::Remote, Scope::Connection, Some(ErrorCode::NO_ERROR)), "h2(remote GOAWAY NO_ERROR)"),
        (h2(Origin::Library, Scope::Stream, Some(ErrorCode(0x42))), "h2(library RST_STREAM 0x42)"),
        (h2(Origin::User, Scope::Transport, None), "h2(io)"),
        (h2(Origin::User, Scope::Call, None), "h2(call)"),
        (Link::Io(IoKind(io::ErrorKind::TimedOut)), "io(TimedOut)"),
        (Link::Elapsed, "elapsed"),
        (Link::Foreign, "foreign"),
        (Link::Other, "other"),
    ] {
        assert_eq!(link.to_string(), text);
    }
    let chain = Chain { links: vec![Link::Other, Link::Elapsed], cut: true };
    assert_eq!(chain.to_string(), "other > elapsed > …");
    assert_eq!(format!("[{:>8}] [{:<8}]", StackName::Legacy, StackName::Modern), "[  legacy] [modern  ]");
    let phases = Phase::ALL;
    assert_eq!(phases.map(|phase| phase.to_string()), ["connection", "sending", "head", "body", "trailers"]);
    assert_eq!(StackName::ALL.map(StackName::other), [StackName::Modern, StackName::Legacy]);
}

#[test]
fn a_serialised_chain_shows_every_field() {
    let reason = Some(ErrorCode::REFUSED_STREAM);
    let links = vec![
        Link::H2(H2Link { origin: Origin::Remote, scope: Scope::Stream, reason }),
        Link::H2(H2Link { origin: Origin::User, scope: Scope::Transport, reason: None }),
        Link::Io(IoKind(io::ErrorKind::TimedOut)),
        Link::Foreign,
    ];
    let json = toml::to_string(&Chain { links, cut: false }).expect("a chain serialises");
    for part in ["REFUSED_STREAM", "scope = \"stream\"", "origin = \"user\"", "TimedOut", "foreign", "cut = false"] {
        assert!(json.contains(part), "{part} is not in {json}");
    }
}

#[test]
fn a_chain_returns_the_first_link_of_each_kind() {
    let first = H2Link { origin: Origin::Remote, scope: Scope::Stream, reason: Some(ErrorCode::CANCEL) };
    let second = H2Link { origin: Origin::Library, ..first };
    let user = HyperLink { user: true, ..HyperLink::default() };
    let io = |kind| Link::Io(IoKind(kind));
    let links = vec![
        Link::Other,
        io(io::ErrorKind::TimedOut),
        Link::Hyper(user),
        Link::H2(first),
        Link::H2(second),
        io(io::ErrorKind::Other),
        Link::Hyper(HyperLink::default()),
    ];
    let chain = Chain { links, cut: false };
    assert_eq!((chain.h2(), chain.hyper(), chain.io()), (Some(&first), Some(&user), Some(io::ErrorKind::TimedOut)));
    let empty = Chain { links: vec![Link::Other], cut: false };
    assert_eq!((empty.h2(), empty.hyper(), empty.io()), (None, None, None));
    assert!(!empty.is_foreign() && !chain.is_foreign());
    assert!(Chain { links: vec![Link::Other, Link::Foreign], cut: false }.is_foreign());
    assert!(!Chain { links: vec![Link::Foreign, io(io::ErrorKind::Other)], cut: false }.is_foreign());
}

#[test]
fn holders_of_an_error_are_opened() {
    let io = || io::Error::from(io::ErrorKind::TimedOut);
    let inner = |error: &(dyn Error + 'static)| common_inner(error).map(common_link);
    let found = Some(Link::Io(IoKind(io::ErrorKind::TimedOut)));
    assert_eq!(inner(&Arc::new(io())), found);
    assert_eq!(inner(&Box::new(io())), found);
    assert_eq!(inner(&io::Error::other(io())), found);
    assert_eq!(inner(&(Arc::new(io()) as Arc<dyn Error + Send + Sync>)), found);
    assert_eq!(inner(&(Arc::new(io()) as Arc<dyn Error>)), found);
    assert_eq!(inner(&io()), None);
    // A reader without an `inner` of its own opens the common holders.
    struct Plain;
    impl Reader for Plain {
        fn link(&self, error: &(dyn Error + 'static)) -> Link {
            common_link(error)
        }
    }
    assert_eq!(Plain.read(&io::Error::other(io())).links.len(), 2);
    assert_eq!(Both.read(&io()), Legacy.read(&io()));
    assert_eq!(Modern.read(&io()), Legacy.read(&io()));
}

#[test]
fn opinions_and_classifiers_return_what_they_were_given() {
    let said = |opinion: Opinion| opinion.to_string();
    assert_eq!(said(Opinion::Retry(true)), "retry");
    assert_eq!(said(Opinion::Retry(false)), "do not retry");
    assert_eq!(said(Opinion::Unprocessed(true)), "not processed");
    assert_eq!(said(Opinion::Unprocessed(false)), "perhaps processed");
    assert_eq!(said(Opinion::Verdict(Processed::No, Advice::UseHttp1)), "processed No, UseHttp1");
    let verdict = Verdict { processed: Processed::Yes, advice: Advice::BackOff, because: "so".into() };
    assert_eq!(Opinion::from(verdict), Opinion::Verdict(Processed::Yes, Advice::BackOff));
    let error = io::Error::from(io::ErrorKind::TimedOut);
    let mine = by("mine", &[StackName::Modern], |_, phase| Opinion::Unprocessed(phase == Phase::Sending));
    assert_eq!((mine.name(), mine.stacks()), ("mine", &[StackName::Modern][..]));
    assert_eq!(mine.classify(&error, Phase::Sending), Opinion::Unprocessed(true));
    assert_eq!(mine.classify(&error, Phase::Head), Opinion::Unprocessed(false));
    for retry in [true, false] {
        assert_eq!(
            retries("yes or no", &StackName::ALL, |_, _| retry).classify(&error, Phase::Head),
            Opinion::Retry(retry)
        );
    }
}
