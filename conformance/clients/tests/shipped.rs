//! The clients that most programs use, as they are shipped: what each does wrong is known, with the reason.

use conformance::{
    check::ClientCheck,
    classifiers::{OWN_CLASSIFIERS, decide, proof},
    client,
    client_driver::{Client, ClientDriver, ClientRequestOutcome, ErrorLabel},
    comparison::Harness,
    error_catalog::ERROR_CATALOG,
    error_chains::{ErrorChain, KnownTypes, Layer},
    oracles::{
        Law,
        chains::broken_opinion,
        clients::{Mistake, MistakeKind},
    },
    run::play_clients,
    scenarios::{self, Scenario},
    script::Script,
    stacks::{BoxError, Driver, End, ObservedRequest, Profile, panics::record_stack_panics},
    vocabulary::StackName,
};
use conformance_clients::{
    CLIENT_FINDINGS, CLIENTS,
    hyper::{HYPER_0_14, HYPER_UTIL},
    reqwest::{REQWEST_0_11, REQWEST_0_12, REQWEST_0_13},
    tonic::{GRPC_PROMISES, LABEL_0_12, LABEL_0_14, TONIC_0_12, TONIC_0_14},
};
use std::{collections::BTreeMap, slice};

/// The check passes, and what it tolerates is in the snapshot.
fn assert_check(client: &dyn Client, check: ClientCheck) {
    let passed = check.check_client(client).unwrap_or_else(|failed| panic!("{failed}"));
    snapshot(&client.name().replace(' ', "_"), &passed.to_string());
}

fn snapshot(name: &str, text: &str) {
    insta::with_settings!({ snapshot_path => "../../../snapshots", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(name, text);
    });
}

/// How each request of a script ended, with its status and content, and how often it was sent on each connection.
fn seen(client: &dyn Client, script: &Script) -> Vec<String> {
    let played = ClientDriver::HEALTHY.play(client, script).expect("it can be played");
    let requests = played.observation.requests.iter().zip(&played.requests);
    let of_request = |(request, outcome): (&ObservedRequest, &ClientRequestOutcome)| {
        let end = match &request.end {
            End::Open => "open",
            End::Complete => "complete",
            End::Cancelled => "cancelled",
            End::Failed(..) => "failed",
        };
        let status = request.head.as_ref().map(|head| head.status);
        let sent = (&outcome.on_scripted, outcome.beyond);
        format!("{end} {status:?} {} bytes, sent {sent:?}", request.body.len())
    };
    requests.map(of_request).collect()
}

/// The second law, for the pools: the same script gives the same on both, unless their stacks differ in it.
#[test]
fn the_pools_do_the_same_where_their_stacks_do() {
    record_stack_panics();
    let harness = Harness::with(Profile::Defaults, OWN_CLASSIFIERS);
    let mut differ = Vec::new();
    for Scenario { name, script, .. } in scenarios::built_in().expect("the suite's own scenarios are valid") {
        let (legacy, modern) = (seen(&HYPER_0_14, &script), seen(&HYPER_UTIL, &script));
        if legacy != modern && Law::Equivalence.judge(&harness.run(&script)).is_empty() {
            differ.push(format!("{name}: legacy {legacy:?}, modern {modern:?}"));
        }
    }
    assert!(differ.is_empty(), "{differ:#?}");
}

#[test]
fn hyper_0_14() {
    assert_check(&HYPER_0_14, client(HYPER_0_14.name));
}

#[test]
fn hyper_util() {
    assert_check(&HYPER_UTIL, client(HYPER_UTIL.name));
}

/// The GOAWAY frames after which reqwest could send a request again, and does not.
fn of_reqwest(name: &str) -> ClientCheck {
    client(name)
        .knows("every-connection-asks-for-less", "it sends again after NO_ERROR only")
        .knows("goaway-http-1-1-required", "it does not fall back to HTTP/1.1")
        .knows("goaway-inadequate-security", "it sends again after NO_ERROR only")
        .knows("goaway-internal-error-below-our-stream", "it sends again after NO_ERROR only")
        .knows("goaway-too-many-pings", "it sends again after NO_ERROR only")
        .knows("goaway-twice-the-second-with-an-error", "it sends again after NO_ERROR only")
}

#[test]
fn reqwest_0_11() {
    let because = "h2 0.3 opens a stream before its RST_STREAM; the ledger has it as slot-before-its-reset";
    assert_check(&REQWEST_0_11, of_reqwest(REQWEST_0_11.name).knows("a-cancelled-upload-without-a-window", because));
}

#[test]
fn reqwest_0_12() {
    assert_check(&REQWEST_0_12, of_reqwest(REQWEST_0_12.name));
}

#[test]
fn reqwest_0_13() {
    assert_check(&REQWEST_0_13, of_reqwest(REQWEST_0_13.name));
}

#[test]
fn tonic_0_12() {
    assert_check(&TONIC_0_12, client(TONIC_0_12.name));
}

#[test]
fn tonic_0_14() {
    assert_check(&TONIC_0_14, client(TONIC_0_14.name));
}

/// The code that tonic gives for every error of hyper that its channel can hand over, and the law that it breaks: equal
/// lines once, with their number and the first of them. The channel wraps each in an error of its own.
fn codes(label: fn(BoxError) -> ErrorLabel) -> String {
    record_stack_panics();
    let driver = Driver::new();
    let mut lines = BTreeMap::new();
    for entry in ERROR_CATALOG.iter().filter(|entry| entry.name.starts_with("hyper:")) {
        let error_chain = ErrorChain::bare(entry).with_layers([Layer::Shown]);
        let Some(chain) = error_chain.chain(StackName::Modern, KnownTypes::Own) else { continue };
        let error = error_chain.realise(StackName::Modern, &driver).expect("the stack has the entry");
        let (proof, ErrorLabel { text, opinion }) = (proof(&chain, entry.phase), label(error));
        let promised = proof.is_none_or(|proof| GRPC_PROMISES.contains(&proof));
        let broken = broken_opinion(&opinion, &decide(&chain, entry.phase), None, promised);
        let proof = proof.map_or("nothing proves that it was not processed".into(), |proof| proof.to_string());
        let broken = broken.map_or("no law broken".into(), |(law, message)| format!("{law}: {message}"));
        lines.entry(format!("{proof}: {text}; {broken}")).or_insert((0, entry)).0 += 1;
    }
    lines.iter().map(|(line, (errors, first))| format!("{line} ({errors}, such as {})\n", first.name)).collect()
}

#[test]
fn the_codes_of_tonic_are_those_of_the_snapshot() {
    let of = [("tonic 0.12 without its feature `server`", LABEL_0_12), ("tonic 0.14 with it", LABEL_0_14)];
    snapshot("tonic_codes", &of.map(|(name, label)| format!("{name}\n{}", codes(label))).join("\n"));
}

#[test]
fn the_findings_of_reqwest_and_tonic_are_seen() {
    let scenarios = scenarios::built_in().expect("they are valid");
    for finding in CLIENT_FINDINGS.iter().filter(|finding| !finding.project.starts_with("aws")) {
        let clients = CLIENTS.iter().copied().filter(|client| finding.clients.contains(&client.name()));
        let scenario = scenarios.iter().find(|scenario| scenario.name == finding.scenario).expect("there is one");
        let reports = play_clients(slice::from_ref(scenario), clients, &()).expect("they can be driven");
        assert_eq!(reports.len(), finding.clients.len(), "{}", finding.name);
        for report in reports {
            let is_seen = |mistake: &Mistake| mistake.kind == MistakeKind::NotRetried && !mistake.of_its_stack;
            assert!(report.scenarios[0].mistakes.iter().any(is_seen), "{}: {}", finding.name, report.name);
        }
    }
}
