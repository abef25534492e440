//! The servers of both stacks agree, except for the divergences in their ledger. An entry excuses nothing else.

use crate::{
    triggers::{Threshold, begin_at, fired},
    wrong::{CrossedH2, MARK, MisreadsMark, legacy_reader},
};
use conformance::{
    classifiers::{Classifiers, OWN_CLASSIFIERS},
    fuzz::{SERVER, check_servers},
    http2::{
        ErrorCode, Frame, FrameType, SettingId, StreamId, flags, hpack,
        wire::{PREFACE, encode},
    },
    judge::{self, Judgement, smallest},
    ledger::{Frames, Judged},
    peer::Transport,
    script::{Script, Step},
    servers::{
        ClientBytes, ServerHarness, ServerSide,
        ledger::{LEDGER, ServerDivergence},
    },
    stacks::{
        BoxError, LegacyServer, ModernServer, Profile, Server, Settings, drive::Spawner, panics::record_stack_panics,
    },
    vocabulary::StackName,
};
use std::{fs, future::pending, path::Path};

fn servers() -> ServerHarness {
    ServerHarness::servers(Profile::Equal, OWN_CLASSIFIERS)
}

fn judge(servers: &ServerHarness, sent: &ClientBytes) -> Judgement<ServerSide> {
    judge::judge(servers, &sent.frames())
}

/// The corpus file that shows an entry.
fn shown_by(entry: &ServerDivergence) -> ClientBytes {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../corpus/server").join(entry.scenario);
    let bytes = fs::read(&file).unwrap_or_else(|error| panic!("{}: {}: {error}", entry.name, file.display()));
    ClientBytes::new(&bytes)
}

/// A client that sends its preface, SETTINGS and these frames.
fn client(frames: impl IntoIterator<Item = Frame>) -> ClientBytes {
    let mut bytes = PREFACE.to_vec();
    [Frame::settings([])].into_iter().chain(frames).for_each(|frame| encode(&frame, &mut bytes));
    ClientBytes::new(&bytes)
}

/// The same as a script.
fn sent(frames: impl IntoIterator<Item = Frame>) -> Script {
    client(frames).frames()
}

fn get(stream: StreamId) -> Frame {
    Frame::headers(stream, [(":method", "GET"), (":scheme", "http"), (":path", "/")]).end_stream()
}

#[test]
fn every_entry_is_shown_by_its_file_and_its_repair_alone_makes_the_servers_agree() {
    record_stack_panics();
    let servers = servers();
    for entry in LEDGER {
        let sent = shown_by(entry);
        let judgement = judge(&servers, &sent);
        assert!(!judgement.violations.is_empty(), "{} is stale: nothing differs any more", entry.name);
        let names: Vec<&str> = judgement.divergences.iter().map(|entry| entry.name).collect();
        assert_eq!(names, [entry.name], "{} is explained by others", entry.scenario);
        let repaired = ServerSide::repaired(entry, &ServerSide::reading(&sent.frames(), &judgement.comparison), 0);
        let repaired = repaired.expect("its file has its trigger");
        let broken = ServerSide::violations(&servers.run(&repaired));
        assert_eq!(broken, [], "{}: its repair is not enough", entry.name);
        let counted = |sent: &ClientBytes| sent.frames().steps().iter().filter(|step| step.frame().is_some()).count();
        let difference = counted(&ClientBytes::of(&repaired)).abs_diff(counted(&sent));
        assert!(difference <= 1, "{}: its repair drops or adds {difference} frames", entry.name);
    }
}

/// A request that has content, with these further fields.
fn post(stream: StreamId, fields: &[(&str, &str)]) -> Frame {
    Frame::headers(stream, [(":method", "POST"), (":scheme", "http"), (":path", "/")].iter().chain(fields).copied())
}

/// A client that knows the server's settings and sends frames on the stream of a request with content.
fn upload(frames: impl IntoIterator<Item = Frame>) -> Script {
    sent([Frame::settings_ack(), post(StreamId::FIRST, &[])].into_iter().chain(frames))
}

/// A request whose field section has this size, as RFC 9113 §6.5.2 defines it.
fn section(size: usize) -> Frame {
    // The pseudo-header fields have 124 octets, and the name counts with 32 more.
    post(StreamId::FIRST, &[("x", &".".repeat(size - 124 - 33))])
}

/// One family for each entry that has a threshold.
const THRESHOLDS: &[Threshold] = &[
    Threshold {
        entry: "empty-data-flood",
        first: 101,
        script: |number| upload(vec![Frame::data(StreamId::FIRST, ""); number]),
    },
    Threshold {
        entry: "small-data-flood",
        first: 129,
        script: |number| upload(vec![Frame::data(StreamId::FIRST, "."); number]),
    },
    Threshold {
        entry: "padding-in-flow-control",
        first: 1_025,
        script: |counted| upload([Frame::data(StreamId::FIRST, vec![b'.'; counted - 1]).padded(0)]),
    },
    Threshold {
        entry: "window-before-acknowledgement",
        first: 1_025,
        script: |size| sent([post(StreamId::FIRST, &[]), Frame::data(StreamId::FIRST, vec![b'.'; size])]),
    },
    Threshold {
        // Refusals are counted with faults: 16 streams are open, the others are refused, then each open one gets more
        // than its window.
        entry: "refused-streams-are-counted",
        first: 33,
        script: |number| {
            let heads = (0..number).map(|number| post(StreamId::of_request(number), &[]));
            let faults = (0..16).map(|number| Frame::data(StreamId::of_request(number), vec![b'.'; 1_025]));
            sent([Frame::settings_ack()].into_iter().chain(heads).chain(faults))
        },
    },
    Threshold { entry: "oversized-header-list", first: 4_096, script: |size| sent([section(size)]) },
    Threshold {
        entry: "header-list-way-too-large",
        first: 16_385,
        script: |size| {
            let Frame { payload, .. } = section(size);
            let head = Frame::headers_block(StreamId::FIRST, payload.slice(..9_000)).end_stream();
            sent([head, Frame::continuation(StreamId::FIRST, payload.slice(9_000..)).with_flags(flags::END_HEADERS)])
        },
    },
    Threshold {
        entry: "content-length-without-content",
        first: 1,
        script: |length| sent([post(StreamId::FIRST, &[("content-length", &length.to_string())]).end_stream()]),
    },
    Threshold {
        // A malformed request closes its stream at once.
        entry: "initial-window-size-up-and-down",
        first: 65_537,
        script: |size| {
            let sizes = [i32::MAX as u32, 0, size as u32, 0];
            let settings = sizes.map(|size| Frame::settings([(SettingId::INITIAL_WINDOW_SIZE, size)]));
            let malformed = Frame::headers(StreamId::FIRST, [(":path", "/")]).end_stream();
            sent([malformed].into_iter().chain(settings))
        },
    },
];

#[test]
fn a_trigger_with_a_threshold_fires_exactly_where_the_servers_begin_to_differ() {
    record_stack_panics();
    begin_at(&servers(), THRESHOLDS);
}

/// A trigger that fires where it should not, or not where it should, changes this snapshot.
#[test]
fn every_trigger_fires_where_the_snapshot_says() {
    record_stack_panics();
    let seeds = (SERVER.seeds)().into_iter().map(|(_, bytes)| (None, ClientBytes::new(&bytes).frames()));
    let shown = LEDGER.iter().map(|entry| (Some(entry.scenario.to_owned()), shown_by(entry).frames()));
    let text = fired(&servers(), seeds.chain(shown));
    insta::with_settings!({ snapshot_path => "../../../snapshots", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("triggers_of_servers", text);
    });
}

#[test]
fn no_two_entries_share_a_name_or_a_file() {
    let mut names: Vec<&str> = LEDGER.iter().flat_map(|entry| [entry.name, entry.scenario]).collect();
    let all = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), all);
}

#[test]
fn a_second_fault_after_every_trigger_is_still_seen() {
    record_stack_panics();
    let (right, wrong) = (servers(), ServerHarness::servers(Profile::Equal, legacy_reader(&MisreadsMark)));
    for entry in LEDGER {
        let mut bytes = shown_by(entry).bytes().to_vec();
        encode(&Frame::goaway(StreamId::CONNECTION, MARK, b""), &mut bytes);
        let sent = ClientBytes::new(&bytes);
        let explained = judge(&right, &sent);
        assert!(!explained.unexplained, "{} does not explain its file with a GOAWAY added", entry.name);
        assert!(explained.divergences.iter().any(|met| met.name == entry.name));
        assert!(judge(&wrong, &sent).unexplained, "{} hides a second fault", entry.name);
    }
}

/// A server that is wrong on purpose. The letter selects how: other (s)ettings, (f)orgetting the error that ended its
/// connection, (h)anging at the end, or a (p)anic.
struct Wrong<const FAULT: char>;

impl<const FAULT: char> Server for Wrong<FAULT> {
    const NAME: StackName = StackName::Legacy;

    async fn serve(transport: Transport, profile: Profile, spawner: Spawner) -> Result<(), BoxError> {
        let profile = if FAULT == 's' { Profile::Defaults } else { profile };
        let end = LegacyServer::serve(transport, profile, spawner).await;
        match FAULT {
            'f' => Ok(()),
            'h' => pending().await,
            'p' => panic!("wrong on purpose"),
            _ => end,
        }
    }
}

/// A legacy server whose application answers every request with the same content.
struct AnswersOtherwise;

impl Server for AnswersOtherwise {
    const NAME: StackName = StackName::Legacy;

    async fn serve(transport: Transport, _: Profile, spawner: Spawner) -> Result<(), BoxError> {
        let answer = |_: http_02::Request<hyper_014::Body>| async {
            let response = http_02::Response::builder().header("date", "Thu, 01 Jan 1970 00:00:00 GMT");
            response.body(hyper_014::Body::from("the same"))
        };
        let http = hyper_014::server::conn::Http::new().with_executor(spawner);
        Ok(http.serve_connection(transport, hyper_014::service::service_fn(answer)).await?)
    }
}

/// The number of seeds of the fuzz target before the one that catches a wrong server or reader.
fn caught_after(servers: &ServerHarness) -> Option<usize> {
    (SERVER.seeds)().iter().position(|(_, bytes)| check_servers(servers, bytes).is_err())
}

#[test]
fn wrong_servers_and_readers_are_caught_within_60_seeds() {
    record_stack_panics();
    let of = |harness: fn(Profile, Classifiers) -> ServerHarness| harness(Profile::Equal, OWN_CLASSIFIERS);
    let controls = [
        ("a forgotten error", of(ServerHarness::of_servers::<Wrong<'f'>, ModernServer>)),
        ("an end that never comes", of(ServerHarness::of_servers::<Wrong<'h'>, ModernServer>)),
        ("a panic", of(ServerHarness::of_servers::<Wrong<'p'>, ModernServer>)),
        ("an answer", of(ServerHarness::of_servers::<AnswersOtherwise, ModernServer>)),
        ("the crossed reader", ServerHarness::servers(Profile::Equal, legacy_reader(&CrossedH2))),
    ];
    for (what, harness) in controls {
        let seeds = caught_after(&harness);
        assert!(seeds.is_some_and(|seeds| seeds < 60), "{what} was caught after {seeds:?} seeds");
    }
    assert_eq!(caught_after(&servers()), None);
}

#[test]
fn other_settings_are_seen_when_a_client_exceeds_a_limit() {
    record_stack_panics();
    let wrong = ServerHarness::of_servers::<Wrong<'s'>, ModernServer>(Profile::Equal, OWN_CLASSIFIERS);
    let limit = Settings::EQUAL_OF_SERVERS.max_concurrent_streams as usize;
    let requests = |number| client((0..number).map(StreamId::of_request).map(get));
    for (number, differ) in [(limit, false), (limit + 1, true)] {
        assert_eq!(check_servers(&wrong, requests(number).bytes()).is_err(), differ);
        assert!(check_servers(&servers(), requests(number).bytes()).is_ok());
    }
}

#[test]
fn a_finding_explains_itself_and_names_both_commands() {
    record_stack_panics();
    let wrong = ServerHarness::of_servers::<AnswersOtherwise, ModernServer>(Profile::Equal, OWN_CLASSIFIERS);
    let finding = check_servers(&wrong, client([get(StreamId::FIRST)]).bytes()).expect_err("it is wrong on purpose");
    let finding = finding.to_string();
    for said in [
        "-> HEADERS stream=1 :method=GET",
        "legacy <- HEADERS stream=1 :status=200",
        "stream 1: the content differ: legacy the same, modern GET / fields=0/0 content=0",
        "Nothing explains this.",
        "cargo run --release -- explain server:hex:",
        "cargo run --release -- minimize server:hex:",
    ] {
        assert!(finding.contains(said), "it does not say {said:?}: {finding}");
    }
}

#[test]
fn a_client_is_minimised_to_its_trigger_and_always_in_the_same_way() {
    record_stack_panics();
    let servers = servers();
    let third = StreamId::of_request(2);
    let sent = client([
        Frame::ping(*b"whatever"),
        get(StreamId::FIRST),
        Frame::window_update(StreamId::CONNECTION, 1),
        Frame::goaway(StreamId::FIRST, ErrorCode::NO_ERROR, b"more").on(third),
        get(third),
    ]);
    let least = smallest(&servers, &sent.frames()).script;
    assert_eq!(least, smallest(&servers, &sent.frames()).script);
    assert_eq!(least, smallest(&servers, &least).script, "it can be minimised further");
    let left: Vec<_> = least.steps().iter().filter_map(Step::frame).map(|frame| (frame.kind, frame.stream)).collect();
    // Without the request both connections would end in other ways than before, and without SETTINGS another entry has to
    // explain the case too.
    assert_eq!(
        left,
        [(FrameType::SETTINGS, StreamId::CONNECTION), (FrameType::GOAWAY, third), (FrameType::HEADERS, third)]
    );
    let agreed = client([get(StreamId::FIRST)]).frames();
    assert_eq!(smallest(&servers, &agreed).script, agreed);
}

#[test]
fn bytes_sent_at_once_by_frames_or_spelt_out_give_the_same_exchange() {
    record_stack_panics();
    let servers = servers();
    for entry in LEDGER {
        let sent = shown_by(entry);
        assert_eq!(ClientBytes::of(&sent.frames()), sent);
        let [at_once, by_frames] = [sent.script(), sent.frames()].map(|script| servers.run(&script));
        let spelt_out = servers.run(&Frames::new(&sent.frames()).spelt_out());
        for other in [&by_frames, &spelt_out] {
            for (side, other) in at_once.sides.each().into_iter().zip(other.sides.each()) {
                assert_eq!((side.outcome(), &side.end), (other.outcome(), &other.end), "{}", entry.scenario);
            }
        }
    }
}

#[test]
fn a_block_that_refers_to_earlier_blocks_is_read_with_them() {
    record_stack_panics();
    let added = |name: &[u8], value: &[u8]| [&[0x40, name.len() as u8], name, &[value.len() as u8], value].concat();
    let first = [hpack::encode([(":method", "GET"), (":scheme", "http"), (":path", "/")]), added(b"x", b"y")].concat();
    let refers = [hpack::encode([(":method", "GET"), (":scheme", "http")]), vec![0x04, 1, b'a', 0xbe]].concat();
    let head = |stream, block| Frame::headers_block(stream, block).with_flags(flags::END_HEADERS).end_stream();
    let third = StreamId::of_request(1);
    let sent = client([head(StreamId::FIRST, first), head(third, refers)]);
    let judgement = judge(&servers(), &sent);
    let names: Vec<&str> = judgement.divergences.iter().map(|entry| entry.name).collect();
    assert_eq!(names, ["path-without-slash"]);
    assert_eq!(
        judgement.comparison.sides[StackName::Legacy].outcome().streams[&third].content,
        "GET a fields=1/2 content=0"
    );
}
