//! Law 7 for servers: what the model says of each frame that a server sends. The exchanges are written by hand, because no
//! server at hand does most of it. Generated clients then hold the real servers to the same rules.

use crate::conduct::{
    Turn::{self, Closes, Reads as Client, Rest, Writes as Server},
    record_of,
};
use conformance::{
    classifiers::OWN_CLASSIFIERS,
    generators::Sequence,
    http2::{ErrorCode, Frame, FrameType, SettingId, StreamId, flags, wire},
    judge::judge,
    rfc9113::{Clause, Fault, breaches_of_server},
    servers::{ClientBytes, ServerHarness, ledger::LEDGER},
    stacks::{Profile, panics::record_stack_panics},
};
use std::collections::BTreeSet;

const ONE: StreamId = StreamId::of_request(0);
const TWO: StreamId = StreamId::of_request(1);

/// The breaches in an exchange after both prefaces.
fn breaches(turns: Vec<Turn>) -> Vec<(Fault, Clause)> {
    let prefaces =
        [Server(Frame::settings([])), Client(Frame::settings([])), Server(Frame::settings_ack()), client_ack(), Rest];
    from_the_start(prefaces.into_iter().chain(turns))
}

fn from_the_start(turns: impl IntoIterator<Item = Turn>) -> Vec<(Fault, Clause)> {
    let record = record_of(turns, wire::PREFACE, b"");
    breaches_of_server(&record).iter().map(|breach| (breach.fault, breach.clause)).collect()
}

fn client_ack() -> Turn {
    Client(Frame::settings_ack())
}

fn request(stream: StreamId, method: &str) -> Frame {
    Frame::headers(stream, [(":method", method), (":scheme", "http"), (":path", "/")])
}

fn get() -> Turn {
    Client(request(ONE, "GET").end_stream())
}

fn post() -> Turn {
    Client(request(ONE, "POST"))
}

fn head() -> Turn {
    Server(Frame::response(ONE, 200))
}

fn content(size: usize) -> Frame {
    Frame::data(ONE, vec![b'.'; size])
}

fn answer() -> Turn {
    Server(Frame::response(ONE, 200).end_stream())
}

fn limits(id: SettingId, value: u32) -> Turn {
    Client(Frame::settings([(id, value)]))
}

fn ack() -> Turn {
    Server(Frame::settings_ack())
}

fn goaway(last: StreamId, code: ErrorCode) -> Turn {
    Server(Frame::goaway(last, code, b""))
}

fn reset(stream: StreamId, code: ErrorCode) -> Frame {
    Frame::rst_stream(stream, code)
}

#[test]
fn what_a_server_may_send_is_no_breach() {
    let exchanges = [
        vec![get(), head(), Server(content(4)), Server(content(4).end_stream()), Rest],
        vec![Client(Frame::ping(*b"question")), Server(Frame::ping(*b"question").with_flags(flags::ACK)), Rest],
        // SETTINGS that the server has received need not be in force before it acknowledges them.
        vec![get(), head(), limits(SettingId::INITIAL_WINDOW_SIZE, 0), Server(content(9).end_stream()), ack(), Rest],
        // A window that is closed lets nothing go on, and one below zero is no fault of the server.
        vec![limits(SettingId::INITIAL_WINDOW_SIZE, 4), ack(), get(), head(), Server(content(4)), Rest],
        vec![get(), head(), Server(content(9)), limits(SettingId::INITIAL_WINDOW_SIZE, 0), ack(), Rest],
        // A field block that goes on opens its stream, and a server can refuse it.
        vec![Client(Frame::headers_block(ONE, vec![0x82])), Server(reset(ONE, ErrorCode::REFUSED_STREAM)), Rest],
        // What crosses with the client's RST_STREAM.
        vec![get(), Client(reset(ONE, ErrorCode::CANCEL)), head(), Server(content(4).end_stream()), Rest],
        // A malformed request: an answer, a reset, or nothing.
        vec![Client(Frame::headers(ONE, [("a", "b"), (":method", "GET")]).end_stream()), answer(), Rest],
        vec![Client(Frame::headers(ONE, [("a", "b"), (":method", "GET")]).end_stream()), Rest],
        // A shutdown, first announced; the client's GOAWAY disowns none of its own streams.
        vec![get(), goaway(StreamId::MAX, ErrorCode::NO_ERROR), answer(), goaway(ONE, ErrorCode::NO_ERROR), Closes],
        vec![get(), Client(Frame::goaway(StreamId::CONNECTION, ErrorCode::NO_ERROR, b"")), answer(), Closes],
        vec![get(), Client(Frame::goaway(StreamId::CONNECTION, ErrorCode::CANCEL, b"")), Closes],
        // DATA on a stream that the client has skipped is reset, and what comes after is discarded.
        vec![
            Client(request(TWO, "GET").end_stream()),
            Server(Frame::response(TWO, 200).end_stream()),
            Client(content(4)),
            Server(reset(ONE, ErrorCode::STREAM_CLOSED)),
            post(),
            Rest,
        ],
        // A server that ends the connection can have seen a stream of a frame that it no longer handles.
        vec![Client(Frame::ping([0; 8]).on(ONE)), get(), goaway(ONE, ErrorCode::PROTOCOL_ERROR), Closes],
    ];
    for (number, exchange) in exchanges.into_iter().enumerate() {
        assert_eq!(breaches(exchange), [], "exchange {number}");
    }
}

#[test]
fn what_a_server_must_not_send_is_a_breach() {
    let cases: Vec<(Vec<Turn>, Clause)> = vec![
        (vec![head()], Clause::OnIdle),
        (vec![Server(Frame::response(StreamId::from_word(2), 200))], Clause::OnIdle),
        (vec![Server(reset(ONE, ErrorCode::CANCEL))], Clause::ResetNotOnIdle),
        (vec![get(), answer(), Server(content(1))], Clause::SentOnHalfClosed),
        (vec![post(), answer(), Server(Frame::response(ONE, 200))], Clause::SentOnHalfClosed),
        (vec![get(), answer(), Rest, Server(Frame::window_update(ONE, 1))], Clause::SentOnClosed),
        (vec![get(), Server(reset(ONE, ErrorCode::CANCEL)), head()], Clause::LastFrame),
        (vec![get(), Client(reset(ONE, ErrorCode::CANCEL)), Rest, head()], Clause::NothingAfterReset),
        (
            vec![get(), Client(reset(ONE, ErrorCode::CANCEL)), Rest, Server(reset(ONE, ErrorCode::CANCEL))],
            Clause::NoResetForReset,
        ),
        (
            vec![limits(SettingId::INITIAL_WINDOW_SIZE, 4), ack(), get(), head(), Server(content(5))],
            Clause::WithinWindow,
        ),
        (
            // The window of the stream shrinks below zero, and one WINDOW_UPDATE is not enough.
            vec![
                get(),
                head(),
                Server(content(9)),
                limits(SettingId::INITIAL_WINDOW_SIZE, 0),
                ack(),
                Client(Frame::window_update(ONE, 9)),
                Server(content(1)),
            ],
            Clause::WithinWindow,
        ),
        (
            // The window of the connection: 4 · 16,384 is one byte more.
            std::iter::once(limits(SettingId::INITIAL_WINDOW_SIZE, 100_000))
                .chain([ack(), get(), head()])
                .chain((0..4).map(|_| Server(content(16_384))))
                .collect(),
            Clause::WithinWindow,
        ),
        (vec![get(), head(), Server(content(16_385))], Clause::FrameSizeLimit),
        (vec![ack()], Clause::Acknowledged),
        (vec![Server(Frame::ping([0; 8]).with_flags(flags::ACK))], Clause::PingAnswered),
        (vec![Server(Frame::window_update(StreamId::CONNECTION, 0))], Clause::IncrementRange),
        (vec![Server(Frame::window_update(StreamId::CONNECTION, 0x7fff_ffff))], Clause::WindowMaximum),
        (vec![Server(Frame::new(FrameType::PING, 0, ONE, vec![0; 8]))], Clause::PingOnStream),
        (vec![Server(Frame::new(FrameType::PING, 0, StreamId::CONNECTION, vec![0; 7]))], Clause::FrameSize),
        (vec![get(), Server(Frame::continuation(ONE, vec![0x88]))], Clause::FieldBlock),
        (vec![limits(SettingId::HEADER_TABLE_SIZE, 0), ack(), get(), answer()], Clause::TableSizeReduced),
        (vec![get(), Server(Frame::headers(ONE, [("a", "b"), (":status", "200")]))], Clause::LatePseudo),
        (vec![get(), goaway(TWO, ErrorCode::NO_ERROR)], Clause::GoawayIdentifier),
        (vec![get(), answer(), goaway(StreamId::CONNECTION, ErrorCode::NO_ERROR)], Clause::Disowned),
        (
            vec![get(), goaway(StreamId::CONNECTION, ErrorCode::NO_ERROR), goaway(ONE, ErrorCode::NO_ERROR)],
            Clause::RaisedIdentifier,
        ),
    ];
    for (exchange, clause) in cases {
        let found = breaches(exchange);
        assert!(found.contains(&(Fault::Prohibited, clause)), "{clause:?} is not in {found:?}");
    }
    let found = from_the_start([Server(Frame::ping([0; 8]))]);
    assert_eq!(found, [(Fault::Prohibited, Clause::ServerPreface)]);
}

#[test]
fn what_a_server_owes_is_due_when_it_can_do_no_more() {
    let promise = Frame::push_promise(ONE, StreamId::from_word(2), [(":method", "GET")]);
    let cases: Vec<(Vec<Turn>, Fault, Clause)> = vec![
        (vec![limits(SettingId::MAX_FRAME_SIZE, 20_000)], Fault::Owed, Clause::Acknowledged),
        (vec![Client(Frame::ping(*b"question"))], Fault::Owed, Clause::PingAnswered),
        (vec![get(), Client(content(1))], Fault::Owed, Clause::OnHalfClosedRemote),
        (vec![post(), answer(), Client(Frame::window_update(ONE, 0)), Rest], Fault::Owed, Clause::ZeroIncrement),
        (vec![Client(content(1))], Fault::Owed, Clause::OnIdle),
        (vec![post(), Client(promise)], Fault::Owed, Clause::ClientPush),
        (vec![Client(request(StreamId::from_word(2), "GET"))], Fault::Owed, Clause::HeadersOnIdle),
        (vec![Client(request(TWO, "GET")), get()], Fault::Owed, Clause::UnexpectedIdentifier),
        (vec![get()], Fault::Stuck, Clause::WithinWindow),
        (vec![get(), head(), Server(content(4))], Fault::Stuck, Clause::WithinWindow),
        (
            vec![
                Server(Frame::settings([(SettingId::INITIAL_WINDOW_SIZE, 4)])),
                client_ack(),
                post(),
                Client(content(4)),
            ],
            Fault::Stuck,
            Clause::AlwaysAccounted,
        ),
    ];
    for (number, (mut exchange, fault, clause)) in cases.into_iter().enumerate() {
        exchange.push(Rest);
        assert_eq!(breaches(exchange), [(fault, clause)], "exchange {number}");
    }
    let first = [Server(Frame::settings([])), Client(request(ONE, "GET").end_stream()), answer(), Rest];
    assert_eq!(from_the_start(first), [(Fault::Owed, Clause::InvalidPreface)]);
}

#[test]
fn an_error_of_a_server_has_a_reason_and_its_code() {
    let closed = |code| vec![get(), Client(content(1)), Server(reset(ONE, code)), Rest];
    let ended = |code| vec![Client(Frame::ping([0; 8]).on(ONE)), goaway(StreamId::CONNECTION, code), Closes];
    assert_eq!(breaches(closed(ErrorCode::STREAM_CLOSED)), []);
    assert_eq!(breaches(ended(ErrorCode::PROTOCOL_ERROR)), []);
    assert_eq!(breaches(closed(ErrorCode::CANCEL)), [(Fault::Code, Clause::OnHalfClosedRemote)]);
    assert_eq!(breaches(ended(ErrorCode::COMPRESSION_ERROR)), [(Fault::Code, Clause::PingOnStream)]);
    let late =
        vec![get(), answer(), Client(Frame::window_update(ONE, 1)), goaway(ONE, ErrorCode::PROTOCOL_ERROR), Closes];
    assert_eq!(breaches(late), [(Fault::Reasonless, Clause::EndAtAnyTime)]);
    assert_eq!(breaches(vec![get(), Closes]), [(Fault::Reasonless, Clause::GoawayWhenEnding)]);
}

#[test]
fn generated_clients_find_nothing_that_the_ledger_does_not_explain() {
    const SCRIPTS: usize = 10_000;
    record_stack_panics();
    let mut met = BTreeSet::new();
    for (seed, profile) in [(1, Profile::Equal), (2, Profile::Defaults)] {
        let servers = ServerHarness::servers(profile, OWN_CLASSIFIERS);
        // What is replayed are bytes: a frame whose length is wrong takes a rest that follows it for its own.
        let scripts = Sequence::of_clients(seed, 0).map(|script| ClientBytes::of(&script).frames());
        for script in scripts.take(SCRIPTS) {
            let judgement = judge(&servers, &script);
            assert!(!judgement.unexplained, "{profile:?}: {:?}\n{}", judgement.violations, script.to_toml());
            met.extend(judgement.divergences.iter().map(|entry| entry.name));
        }
    }
    // What both servers do wrong, which no comparison of them shows.
    for name in [
        "connect-with-content-length",
        "missing-client-preface",
        "priority-resets-an-idle-stream",
        "push-promise-from-a-client",
        "setting-twice-in-a-frame",
        "stream-error-for-a-connection-error",
    ] {
        assert!(LEDGER.iter().any(|entry| entry.name == name));
        assert!(met.contains(name), "{name} is stale: no generated client triggers it");
    }
}
