//! The texts of errors are read back as the chains that print them.

use conformance::{
    chain::{Chain, H2Link, HyperLink, IoKind, Link, Origin, Scope},
    classifiers::deciding_link,
    comparison::Harness,
    error_catalog::{CatalogEntry, ERROR_CATALOG},
    error_texts::{Answer, SentAgain, answers, displayed},
    scenarios,
    stacks::{BoxError, Driver},
    vocabulary::{Phase, Processed, StackName},
};
use serde::Deserialize;
use std::{collections::BTreeMap, error::Error, fs, io::ErrorKind};

/// Every error of the catalogue on each stack that has it, apart from the stand-in for an unknown type.
fn catalogue() -> Vec<(&'static CatalogEntry, StackName, BoxError)> {
    let driver = Driver::new();
    let known = ERROR_CATALOG.iter().filter(|entry| entry.name != "unknown");
    let on_stacks = known.flat_map(|entry| StackName::ALL.map(|stack| (entry, stack)));
    on_stacks.filter_map(|(entry, stack)| Some((entry, stack, entry.obtain(stack, &driver)?))).collect()
}

fn chain_of(entry: &CatalogEntry, stack: StackName) -> Chain {
    Chain { links: entry.on(stack).expect("the stack has it").to_vec(), cut: false }
}

/// The chain without the errors that no reader knows: those of the crates around it.
fn known(chain: &Chain) -> Chain {
    let links = chain.links.iter().filter(|link| **link != Link::Other).cloned().collect();
    Chain { links, ..*chain }
}

#[test]
fn every_error_of_the_catalogue_is_read_back_from_what_it_prints() {
    let mut wrong = Vec::new();
    for (entry, stack, error) in catalogue() {
        let debug = format!("{error:?}");
        for text in [displayed(error.as_ref()), debug, format!("{error:#?}")] {
            let covered = answers(&text).is_ok_and(|answers| answers[0].covers(&chain_of(entry, stack), entry.phase));
            if !covered {
                wrong.push(format!("{} on {stack}: {text}: {:?}", entry.name, answers(&text)));
            }
        }
    }
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}

/// What other crates print around an error: the crate, the text, and the phases in which it does.
fn wrapped(error: &BoxError) -> Vec<(&'static str, String, &'static [Phase])> {
    const HEAD: &[Phase] = &[Phase::Connection, Phase::Sending, Phase::Head];
    const BODY: &[Phase] = &[Phase::Body];
    let (display, debug, url) = (displayed(error.as_ref()), format!("{error:?}"), "http://peer.test/");
    let sources = std::iter::successors(Some(error.as_ref() as &(dyn Error + 'static)), |error| (*error).source());
    let causes = sources.enumerate().map(|(number, error)| format!("\n    {}: {error}", number + 1));
    vec![
        ("reqwest 0.11", format!("error sending request for url ({url}): {display}"), HEAD),
        ("reqwest 0.11, body", format!("error decoding response body: {display}"), BODY),
        ("reqwest 0.12", format!("reqwest::Error {{ kind: Request, url: {url:?}, source: {debug} }}"), HEAD),
        ("reqwest 0.12, body", format!("reqwest::Error {{ kind: Decode, source: {debug} }}"), BODY),
        ("hyper-util", format!("hyper_util::client::legacy::Error(SendRequest, {debug})"), HEAD),
        (
            "tonic",
            format!("status: Unknown, message: \"transport error\", details: []: transport error: {display}"),
            HEAD,
        ),
        (
            "tonic, Debug",
            format!(
                "Status {{ code: Unknown, message: \"transport error\", source: \
                 Some(tonic::transport::Error(Transport, {debug})) }}"
            ),
            HEAD,
        ),
        ("AWS SDK", format!("dispatch failure: io error: {display}"), HEAD),
        (
            "AWS SDK, Debug",
            format!(
                "DispatchFailure(DispatchFailure {{ source: ConnectorError {{ kind: Other(None), source: {debug}, \
                 connection: Unknown }} }})"
            ),
            HEAD,
        ),
        (
            "anyhow",
            format!("Error: it failed\n\nCaused by:\n    0: the page is not there{}", causes.collect::<String>()),
            &Phase::ALL,
        ),
    ]
}

#[test]
fn every_error_of_the_catalogue_is_read_inside_what_other_crates_print() {
    let mut wrong = Vec::new();
    for (entry, stack, error) in catalogue() {
        let expected = known(&chain_of(entry, stack));
        for (by, text, phases) in wrapped(&error) {
            if !phases.contains(&entry.phase) && entry.needs_peer() {
                continue;
            }
            // In a list, the usual words of an I/O error can be of any program.
            let is_io = |link: &Link| matches!(link, Link::Io(_) | Link::H2(H2Link { scope: Scope::Transport, .. }));
            if by == "anyhow" && expected.links.iter().all(is_io) {
                continue;
            }
            let Ok(answers) = answers(&text) else {
                wrong.push(format!("{by}, {} on {stack}: {text}: nothing", entry.name));
                continue;
            };
            let chains = answers[0].cases.iter().flat_map(|case| &case.chains).map(known);
            let is_read = chains.into_iter().any(|chain| chain.links.ends_with(&expected.links));
            if !is_read {
                wrong.push(format!("{by}, {} on {stack}: {text}: {:?}", entry.name, answers));
            }
        }
    }
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong[..wrong.len().min(40)].join("\n"));
}

#[test]
fn a_log_line_with_colours_and_quotes_is_read_like_the_error_in_it() {
    let bare = "client error (SendRequest): http2 error: connection error received: not a result of an error";
    let cases = |text: &str| answers(text).map(|answers| answers[0].cases.clone());
    let debug = "hyper_util::client::legacy::Error(SendRequest, hyper::Error(Http2, Error { kind: GoAway(b\\\"\\\", NO_ERROR, Remote) }))";
    for text in [
        format!("2025-11-29T12:00:00.123456Z ERROR app::jobs: job 7 failed: {bare}"),
        format!(
            "\u{1b}[2m2025-11-29T12:00:00Z\u{1b}[0m \u{1b}[31mERROR\u{1b}[0m app: \u{1b}[3merror\u{1b}[0m\u{1b}[2m=\u{1b}[0m{bare}"
        ),
        format!("{{\"timestamp\":\"2025-11-29T12:00:00Z\",\"level\":\"ERROR\",\"fields\":{{\"error\":\"{debug}\"}}}}"),
        format!("{{\"log\":\"failed\\nCaused by:\\n    0: {}\"}}", bare.replace("): ", ")\\n    1: ")),
        format!(
            "Error: \n   0: \u{1b}[91mthe job failed\u{1b}[0m\n   1: \u{1b}[91m{bare}\u{1b}[0m\n\nLocation:\n   src/main.rs:7"
        ),
    ] {
        assert_eq!(cases(&text), cases(bare), "{text}");
    }
}

#[test]
fn what_is_no_error_is_not_understood_and_the_nearest_text_is_named() {
    for text in
        ["", " \n ", "hello", "the connection error was fixed", "{\"a\": [1, 2", "permission denied by the admin"]
    {
        assert!(answers(text).is_err(), "{text}: {:?}", answers(text));
    }
    let near = answers("refused the stream before any application logic").expect_err("nothing prints so");
    assert!(near.nearest.as_ref().is_some_and(|nearest| nearest.contains("refused stream before")), "{near}");
}

#[test]
fn no_text_panics_or_takes_long() {
    let started = std::time::Instant::now();
    let goaway = "GoAway(b\"";
    for text in [
        "(".repeat(1 << 20),
        "hyper::Error(".repeat(1 << 16),
        goaway.repeat(1 << 16),
        "GoAway(b\"\", Reason(".repeat(1 << 16),
        "\n".repeat(1 << 20),
        ",\n   ".repeat(1 << 18),
        "\\n\\\"\\\\".repeat(1 << 18),
        "\u{1b}[".repeat(1 << 18),
        "http2 error: ".repeat(1 << 16),
        "é(os error 104) 日本 Reset(StreamId(é".repeat(1 << 14),
        "2025 connection reset by peer (os error 104)\n".repeat(1 << 15),
    ] {
        let _ = answers(&text);
        let start: String = text.chars().take(40).collect();
        for cut in 0..40 {
            let _ = answers(&start.chars().take(cut).collect::<String>());
        }
    }
    assert!(started.elapsed().as_secs() < 60, "{:?}", started.elapsed());
}

/// The texts of errors that users posted.
#[derive(Deserialize)]
struct Posted {
    text: Vec<PostedText>,
}

#[derive(Deserialize)]
struct PostedText {
    source: String,
    text: String,
    processed: Vec<Processed>,
    #[serde(default)]
    get: bool,
    #[serde(default)]
    post: bool,
}

/// Whether the peer can have acted on the request, without repetitions, and whether it may be sent again.
fn said(answer: &Answer) -> (Vec<Processed>, bool, bool) {
    let mut processed: Vec<Processed> = Vec::new();
    for case in &answer.cases {
        if !processed.contains(&case.verdict.processed) {
            processed.push(case.verdict.processed);
        }
    }
    (processed, answer.cases[0].get != SentAgain::No, answer.cases[0].post != SentAgain::No)
}

#[test]
fn the_texts_that_users_posted_are_understood_or_refused_and_never_wrong() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/posted_errors.toml");
    let posted: Posted = toml::from_str(&fs::read_to_string(path).expect("it is there")).expect("it is valid");
    let mut wrong = Vec::new();
    for PostedText { source, text, processed, get, post } in &posted.text {
        let expected = (processed.clone(), *get, *post);
        match answers(text) {
            Ok(answers) if processed.is_empty() || said(&answers[0]) != expected => {
                wrong.push(format!("{source}: {:?}: {:?}", said(&answers[0]), answers[0]));
            }
            Err(error) if !processed.is_empty() => wrong.push(format!("{source}: {error}")),
            _ => {}
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(posted.text.iter().filter(|text| !text.processed.is_empty()).count() >= 55);
}

/// The link without what a scenario for it may have otherwise: the code of the client's own h2, the kind of an I/O error.
fn like(link: &Link) -> Link {
    match link {
        Link::H2(h2) if h2.origin == Origin::Library => Link::H2(H2Link { reason: None, ..*h2 }),
        Link::Hyper(hyper) => Link::Hyper(HyperLink { body_write_aborted: false, ..*hyper }),
        Link::Io(_) => Link::Io(IoKind(ErrorKind::Other)),
        link => link.clone(),
    }
}

#[test]
fn the_scenarios_of_an_answer_end_a_request_with_the_link_that_decides() {
    let mut named: BTreeMap<String, Link> = BTreeMap::new();
    for (_, _, error) in catalogue() {
        let answer = answers(&displayed(error.as_ref())).expect("it is understood").remove(0);
        let link = answer.deciding_link().map(like);
        named.extend(answer.scenarios().into_iter().zip(link.into_iter().cycle()));
    }
    assert!(named.len() > 20, "{named:?}");
    let (harness, all) = (Harness::new(), scenarios::built_in().expect("they are valid"));
    for (name, link) in named {
        let scenario = all.iter().find(|scenario| scenario.name == name).unwrap_or_else(|| panic!("no {name}"));
        let comparison = harness.run(&scenario.script);
        let requests = comparison.sides.each().into_iter().flat_map(|side| &side.outcome.requests);
        let chains = requests.filter_map(|request| request.chain());
        let mut decide = chains.filter_map(|chain| chain.links.get(deciding_link(chain)?).map(like));
        assert!(decide.any(|decides| decides == link), "{name} does not show {link}");
    }
}
