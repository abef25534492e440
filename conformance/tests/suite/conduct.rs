//! Law 7: what the model says of each frame that a client sends. The exchanges are written by hand, because no client at
//! hand does most of it.

use bytes::BytesMut;
use conformance::{
    comparison::Harness,
    http2::{ErrorCode, Frame, FrameType, SettingId, StreamId, flags, wire},
    judge::judge,
    peer::{Event, Record},
    report::{explain::explain, layout::WIDTH, plain, timeline::lines_with_breaches},
    rfc9113::{Clause, Clauses, Fault, ForSenders, Model},
    scenarios,
    script::{Body, BodyEnd, Method, Protocol, Request, Script, Step, content},
    stacks::panics::record_stack_panics,
    vocabulary::StackName,
};

/// What happens to the end that is judged, in order.
pub(crate) enum Turn {
    /// It writes this.
    Writes(Frame),
    /// It reads this.
    Reads(Frame),
    /// It can do no more.
    Rest,
    /// Its application cancels the request with this number.
    Cancels(usize),
    /// The step with this index begins.
    Begin(usize),
    /// It closes the connection.
    Closes,
}

use Turn::{Begin, Cancels, Reads as Peer, Rest, Writes as Client};

/// The record of these turns, after the bytes that both ends had sent before.
pub(crate) fn record_of(turns: impl IntoIterator<Item = Turn>, read: &[u8], wrote: &[u8]) -> Record {
    let mut record = Record::default();
    let (mut sent, mut written) = (BytesMut::from(read), BytesMut::from(wrote));
    for turn in turns {
        match turn {
            Turn::Writes(frame) => {
                let start = written.len();
                wire::encode(&frame, &mut written);
                record.events.push(Event::Written(start..written.len()));
            }
            Turn::Reads(frame) => {
                let start = sent.len();
                wire::encode(&frame, &mut sent);
                record.events.extend([Event::Sent(start..sent.len()), Event::Received(sent.len())]);
            }
            Turn::Rest => record.events.push(Event::Rest),
            Turn::Cancels(number) => record.events.push(Event::Cancelled(number)),
            Turn::Begin(step) => record.events.push(Event::Step(step)),
            Turn::Closes => record.events.push(Event::ClientClosed),
        }
    }
    (record.sent, record.written) = (sent.freeze(), written.freeze());
    record
}

const ONE: StreamId = StreamId::of_request(0);
const TWO: StreamId = StreamId::of_request(1);

/// An exchange of two requests, the second with ten bytes of content, after both prefaces.
fn exchange(turns: Vec<Turn>) -> (Script, Record) {
    let prefaces = [Client(Frame::settings([])), Peer(Frame::settings([])), Client(Frame::settings_ack()), Rest];
    bare_exchange(prefaces.into_iter().chain(turns))
}

/// The same without the first frames of both ends.
fn bare_exchange(turns: impl IntoIterator<Item = Turn>) -> (Script, Record) {
    let upload = Request::new(Method::Post).with_body(Body::new(10, BodyEnd::Complete));
    let script = Script::new(vec![Step::Request(Request::get()), Step::Request(upload)]);
    let mut record = record_of(turns, b"", wire::PREFACE);
    record.events.splice(0..0, [Event::Issued(0), Event::Issued(1)]);
    record.requests = vec![(0, ONE), (1, TWO)];
    (script, record)
}

fn breaches(turns: Vec<Turn>) -> Vec<(Fault, Clause)> {
    let (script, record) = exchange(turns);
    let model = Model::of(&script, &record);
    model.breaches.iter().map(|breach| (breach.fault, breach.clause)).collect()
}

fn request(stream: StreamId, method: &str) -> Frame {
    let fields = [(":method", method), (":scheme", "http"), (":authority", "peer.test"), (":path", "/0")];
    Frame::headers(stream, fields)
}

fn get() -> Turn {
    Client(request(ONE, "GET").end_stream())
}

fn post() -> Turn {
    Client(request(TWO, "POST"))
}

fn upload(start: usize, size: usize) -> Frame {
    Frame::data(TWO, content(1, start, size))
}

fn limits(id: SettingId, value: u32) -> Turn {
    Peer(Frame::settings([(id, value)]))
}

fn cancelled(stream: StreamId) -> Frame {
    Frame::rst_stream(stream, ErrorCode::CANCEL)
}

fn ack() -> Turn {
    Client(Frame::settings_ack())
}

#[test]
fn what_a_client_may_send_is_no_breach() {
    let exchanges = [
        vec![get(), post(), Client(upload(0, 4)), Client(upload(4, 6).end_stream()), Rest],
        vec![get(), Peer(Frame::ping(*b"question")), Client(Frame::ping(*b"question").with_flags(flags::ACK)), Rest],
        // SETTINGS that the client has received need not be in force before it acknowledges them.
        vec![limits(SettingId::MAX_CONCURRENT_STREAMS, 0), get(), ack(), Rest],
        vec![limits(SettingId::INITIAL_WINDOW_SIZE, 0), post(), Client(upload(0, 10).end_stream()), ack(), Rest],
        vec![
            get(),
            Peer(Frame::goaway(StreamId::MAX, ErrorCode::NO_ERROR, b"")),
            post(),
            Client(upload(0, 10).end_stream()),
            Rest,
        ],
        vec![get(), Peer(Frame::rst_stream(ONE, ErrorCode::CANCEL)), Client(Frame::window_update(ONE, 1)), Rest],
        // Nothing waits for what the peer does not let go on.
        vec![limits(SettingId::INITIAL_WINDOW_SIZE, 4), ack(), post(), Client(upload(0, 4)), Rest],
        vec![
            get(),
            Peer(Frame::data(ONE, &b"no head"[..])),
            Client(Frame::rst_stream(ONE, ErrorCode::PROTOCOL_ERROR)),
            Rest,
        ],
        // No rule demands that a client resets what its application has cancelled.
        vec![get(), Cancels(0), Rest, Peer(Frame::response(ONE, 200)), Rest],
        vec![get(), Cancels(0), Client(cancelled(ONE)), Rest, Peer(Frame::response(ONE, 200)), Rest],
        vec![post(), Client(upload(0, 4)), Cancels(1), Rest, Client(cancelled(TWO)), Rest],
        vec![post(), Client(upload(0, 4)), Cancels(1), Rest, Client(upload(4, 6).end_stream()), Rest],
        // The client may write a request before it learns that it is cancelled.
        vec![Cancels(0), get(), Rest],
        vec![Cancels(0), Rest, get(), Client(cancelled(ONE)), Rest],
    ];
    for (number, exchange) in exchanges.into_iter().enumerate() {
        assert_eq!(breaches(exchange), [], "exchange {number}");
    }
}

/// Exchanges with a frame that the client must not send, and the clause that forbids it.
fn prohibited() -> Vec<(Vec<Turn>, Clause)> {
    let goaway = || Peer(Frame::goaway(StreamId::MAX, ErrorCode::NO_ERROR, b""));
    vec![
        (vec![get(), Client(Frame::data(ONE, &b"more"[..]))], Clause::SentOnHalfClosed),
        (vec![get(), goaway(), Rest, post()], Clause::NoNewStreams),
        (vec![limits(SettingId::MAX_CONCURRENT_STREAMS, 1), ack(), get(), post()], Clause::StreamLimit),
        (vec![limits(SettingId::INITIAL_WINDOW_SIZE, 4), ack(), post(), Client(upload(0, 5))], Clause::WithinWindow),
        (vec![Client(Frame::rst_stream(ONE, ErrorCode::CANCEL))], Clause::ResetNotOnIdle),
        (vec![Client(Frame::data(ONE, &b"x"[..]))], Clause::OnIdle),
        (
            vec![get(), Peer(Frame::rst_stream(ONE, ErrorCode::CANCEL)), Rest, Client(Frame::window_update(ONE, 1))],
            Clause::NothingAfterReset,
        ),
        (
            vec![
                get(),
                Peer(Frame::rst_stream(ONE, ErrorCode::CANCEL)),
                Rest,
                Client(Frame::rst_stream(ONE, ErrorCode::CANCEL)),
            ],
            Clause::NoResetForReset,
        ),
        (vec![post(), Client(Frame::rst_stream(TWO, ErrorCode::CANCEL)), Client(upload(0, 1))], Clause::LastFrame),
        (vec![ack()], Clause::Acknowledged),
        (vec![Client(Frame::ping([0; 8]).with_flags(flags::ACK))], Clause::PingAnswered),
        (vec![Client(Frame::window_update(StreamId::CONNECTION, 0))], Clause::IncrementRange),
        (vec![Client(Frame::window_update(StreamId::CONNECTION, 0x7fff_ffff))], Clause::WindowMaximum),
        (vec![Client(Frame::goaway(ONE, ErrorCode::NO_ERROR, b""))], Clause::GoawayIdentifier),
        (vec![Client(request(StreamId::from_word(2), "GET").end_stream())], Clause::OddIdentifiers),
        (vec![Client(Frame::headers(ONE, [(":method", "GET")]).end_stream())], Clause::RequestPseudo),
        (vec![Client(Frame::new(FrameType::CONTINUATION, flags::END_HEADERS, ONE, Vec::new()))], Clause::FieldBlock),
        (vec![Client(Frame::new(FrameType::PING, 0, ONE, vec![0; 8]))], Clause::PingOnStream),
        (vec![Client(Frame::new(FrameType::PING, 0, StreamId::CONNECTION, vec![0; 7]))], Clause::FrameSize),
        (vec![limits(SettingId::HEADER_TABLE_SIZE, 0), ack(), get()], Clause::TableSizeReduced),
        (vec![post(), Client(Frame::data(TWO, vec![b'.'; 16_385]))], Clause::FrameSizeLimit),
        (vec![post(), get()], Clause::GreaterIdentifiers),
        (vec![Client(Frame::push_promise(ONE, TWO, [(":method", "GET")]))], Clause::ClientPush),
        (
            vec![
                get(),
                Peer(Frame::response(ONE, 200).end_stream()),
                Rest,
                Client(Frame::rst_stream(ONE, ErrorCode::NO_ERROR)),
            ],
            Clause::SentOnClosed,
        ),
        (vec![Cancels(0), Client(cancelled(ONE))], Clause::ResetNotOnIdle),
        (vec![post(), Cancels(1), Client(cancelled(TWO)), Client(upload(0, 1))], Clause::LastFrame),
    ]
}

#[test]
fn what_a_client_must_not_send_is_a_breach() {
    for (exchange, clause) in prohibited() {
        let found = breaches(exchange);
        assert!(found.contains(&(Fault::Prohibited, clause)), "{clause:?} is not in {found:?}");
    }
}

#[test]
fn a_client_begins_with_settings() {
    for (first, broken) in [(Frame::settings([]), false), (Frame::ping([0; 8]), true), (Frame::settings_ack(), true)] {
        let (script, record) = bare_exchange([Client(first)]);
        assert_eq!(Model::of(&script, &record).broken().contains(Clause::ClientPreface), broken);
    }
}

#[test]
fn what_a_client_owes_is_due_when_it_can_do_no_more() {
    let cases: Vec<(Vec<Turn>, Fault, Clause)> = vec![
        (vec![limits(SettingId::MAX_FRAME_SIZE, 20_000)], Fault::Owed, Clause::Acknowledged),
        (vec![Peer(Frame::ping(*b"question"))], Fault::Owed, Clause::PingAnswered),
        (vec![get(), Peer(Frame::data(ONE, &b"no head"[..]))], Fault::Owed, Clause::Malformed),
        (vec![get(), Peer(Frame::data(StreamId::CONNECTION, &b""[..]))], Fault::Owed, Clause::DataOnConnection),
        (vec![post()], Fault::Stuck, Clause::WithinWindow),
        (vec![post(), Client(upload(0, 10))], Fault::Stuck, Clause::WithinWindow),
        (whole_window(), Fault::Stuck, Clause::AlwaysAccounted),
    ];
    for (mut exchange, fault, clause) in cases {
        exchange.push(Rest);
        assert_eq!(breaches(exchange), [(fault, clause)]);
    }
}

/// A response that fills both windows to the byte.
fn whole_window() -> Vec<Turn> {
    let sizes = [16_384, 16_384, 16_384, 16_383];
    let data = sizes.map(|size| Peer(Frame::data(ONE, vec![b'.'; size])));
    [get(), Peer(Frame::response(ONE, 200))].into_iter().chain(data).collect()
}

#[test]
fn credit_for_a_single_byte_is_enough() {
    for (given, is_due) in [(0, true), (1, true), (2, false)] {
        let mut exchange = whole_window();
        let both = [StreamId::CONNECTION, ONE].into_iter().take(given);
        exchange.extend(both.map(|stream| Client(Frame::window_update(stream, 1))));
        exchange.push(Rest);
        assert_eq!(!breaches(exchange).is_empty(), is_due, "{given} of both windows have room");
    }
}

#[test]
fn an_upload_that_fails_resets_its_stream_once_its_content_is_written() {
    let reset = Client(Frame::rst_stream(TWO, ErrorCode::CANCEL));
    let shut = limits(SettingId::INITIAL_WINDOW_SIZE, 0);
    let cases = [
        (vec![post(), Client(upload(0, 10)), Rest], true),
        (vec![post(), Client(upload(0, 10)), reset, Rest], false),
        (vec![post(), Rest], false),
        (vec![post(), Client(upload(0, 10)), shut, ack(), Rest], false),
    ];
    for (number, (turns, is_due)) in cases.into_iter().enumerate() {
        let (script, record) = exchange(turns);
        let fails = Request::new(Method::Post).with_body(Body::new(10, BodyEnd::Fails));
        let breaches = Model::of(&script.with_step(1, Step::Request(fails)), &record).breaches;
        let is_owed = breaches.iter().any(|breach| breach.clause == Clause::ResetOnStreamError);
        assert_eq!(is_owed, is_due, "case {number}: {breaches:?}");
    }
}

#[test]
fn the_clauses_for_senders_that_clients_are_held_to_are_those_that_are_broken_here() {
    let reset = Frame::rst_stream(ONE, ErrorCode::PROTOCOL_ERROR);
    let goaway = Frame::goaway(StreamId::CONNECTION, ErrorCode::PROTOCOL_ERROR, b"");
    let others = [
        exchange(vec![Client(request(ONE, "HEAD").end_stream())]),
        exchange(vec![get(), Client(reset)]),
        exchange(vec![get(), Client(goaway)]),
        exchange(vec![get(), Cancels(0), Client(Frame::rst_stream(ONE, ErrorCode::PROTOCOL_ERROR))]),
        bare_exchange([Client(Frame::ping([0; 8]))]),
    ];
    // The GET on the wire stands for a CONNECT request that is written wrongly.
    let connect = Request::new(Method::Connect);
    let tunnels = [connect.clone(), connect.speaking(Protocol::Websocket)].map(|connect| {
        let (script, record) = exchange(vec![get()]);
        (script.with_step(0, Step::Request(connect)), record)
    });
    let mut broken = Clauses::default();
    let mut met = Clauses::default();
    let prohibited = prohibited().into_iter().map(|(turns, _)| exchange(turns));
    for (script, record) in prohibited.chain(others).chain(tunnels) {
        let model = Model::of(&script, &record);
        (broken, met) = (broken.union(model.broken()), met.union(model.clauses));
    }
    for clause in Clause::ALL {
        match clause.for_senders() {
            Some(ForSenders::Held) => assert!(broken.contains(*clause), "{clause:?} is never broken"),
            Some(ForSenders::Counted) => assert!(!broken.contains(*clause), "{clause:?} is not only counted"),
            None => {}
        }
        assert!(met.contains(*clause) || !broken.contains(*clause), "{clause:?} is broken, but not met");
    }
}

#[test]
fn a_breach_is_placed_below_its_frame_or_at_the_end_of_the_step_in_which_a_frame_is_missing() {
    let turns = vec![ack(), ack(), Begin(2), Peer(Frame::ping(*b"question")), Rest, Begin(3), get()];
    let (script, record) = exchange(turns);
    let model = Model::of(&script, &record);
    let (lines, places) = lines_with_breaches(&record, &script, &model.breaches);
    let above: Vec<_> = places.iter().map(|place| lines[..*place].last().map_or("", String::as_str)).collect();
    assert_eq!(model.breaches.iter().map(|breach| breach.fault).collect::<Vec<_>>(), [Fault::Prohibited, Fault::Owed]);
    // Of three equal frames, the second is the first that acknowledges nothing.
    assert_eq!(above, ["-> SETTINGS ACK  (× 2)", "<- PING 7175657374696f6e"], "{lines:#?}");
    assert_eq!((&*lines[places[0]], lines.len() - places[1]), ("-> SETTINGS ACK", 1), "{lines:#?}");
}

#[test]
fn explain_shows_a_breach_below_its_frame_with_its_clause_and_what_explains_it() {
    record_stack_panics();
    let scenarios = scenarios::built_in().expect("the suite's own scenarios are valid");
    let scenario = scenarios.iter().find(|scenario| scenario.name == "request-body-fails").expect("it is there");
    let judgement = || judge(&Harness::new(), &scenario.script);
    let (mut unexplained, mut configuration) = (judgement(), judgement());
    unexplained.divergences.clear();
    configuration.divergences.clear();
    configuration.configuration = true;
    for (judgement, explanation) in
        [(judgement(), "known: request-body-fails"), (unexplained, "unexplained"), (configuration, "known: settings")]
    {
        let case = judgement.into_case(&scenario.name, &scenario.script);
        let shown = plain(&explain(&case, WIDTH));
        let frame = "         -> RST_STREAM stream=1 INTERNAL_ERROR\n";
        let breach = format!("  legacy  ! RFC 9113 §6.4: RST_STREAM is on an idle stream ({explanation})\n");
        assert!(shown.contains(&format!("{frame}{breach}")), "{shown}");
        assert_eq!(shown.matches(" ! ").count(), 1, "only what is a breach is shown: {shown}");
        let [breach] = &case.sides[StackName::Legacy].breaches[..] else { panic!("{case:?}") };
        assert_eq!((&*breach.clause, breach.unexplained), ("ResetNotOnIdle", explanation == "unexplained"));
        assert_eq!(case.sides[StackName::Modern].breaches, []);
    }
    assert_eq!(Clause::RepeatedLength.citation(), "RFC 9110 §8.6");
}

#[test]
fn a_request_is_written_as_the_application_gave_it() {
    let cases: Vec<(Vec<Turn>, Clause)> = vec![
        (vec![Client(request(ONE, "HEAD").end_stream())], Clause::NewStream),
        (vec![post(), Client(upload(1, 9).end_stream())], Clause::NewStream),
        (vec![post(), Client(upload(0, 9).end_stream())], Clause::ContentLength),
        (vec![post(), Client(upload(0, 11))], Clause::NewStream),
        (vec![post(), Client(upload(0, 4)), Cancels(1), Client(upload(4, 1).end_stream())], Clause::ContentLength),
        (vec![Cancels(0), Rest, get(), Rest], Clause::NewStream),
    ];
    for (exchange, clause) in cases {
        let found = breaches(exchange);
        assert!(found.contains(&(Fault::Altered, clause)), "{clause:?} is not in {found:?}");
    }
}

#[test]
fn an_error_has_a_reason_and_its_code() {
    let reset = |code| vec![get(), Peer(Frame::data(ONE, &b"no head"[..])), Client(Frame::rst_stream(ONE, code)), Rest];
    let ended = |code| {
        let goaway = Frame::goaway(StreamId::CONNECTION, code, b"");
        vec![get(), Peer(Frame::data(StreamId::CONNECTION, &b""[..])), Client(goaway), Rest]
    };
    for code in [ErrorCode::PROTOCOL_ERROR, ErrorCode::INTERNAL_ERROR] {
        assert_eq!(breaches(reset(code)), []);
        assert_eq!(breaches(ended(code)), []);
    }
    assert_eq!(breaches(reset(ErrorCode::CANCEL)), [(Fault::Code, Clause::Malformed)]);
    assert_eq!(breaches(ended(ErrorCode::COMPRESSION_ERROR)), [(Fault::Code, Clause::DataOnConnection)]);

    // That the application cancels a request is no error of the peer, and none of another request.
    let blamed = vec![get(), Cancels(0), Client(Frame::rst_stream(ONE, ErrorCode::PROTOCOL_ERROR)), Rest];
    assert_eq!(breaches(blamed), [(Fault::Reasonless, Clause::CancelCode)]);
    let other = vec![get(), post(), Client(upload(0, 10).end_stream()), Cancels(1), Client(cancelled(ONE)), Rest];
    assert_eq!(breaches(other), [(Fault::Reasonless, Clause::ResetOnStreamError)]);

    let reset = vec![get(), Client(Frame::rst_stream(ONE, ErrorCode::PROTOCOL_ERROR)), Rest];
    assert_eq!(breaches(reset), [(Fault::Reasonless, Clause::ResetOnStreamError)]);
    let goaway = Frame::goaway(StreamId::CONNECTION, ErrorCode::PROTOCOL_ERROR, b"");
    assert_eq!(breaches(vec![get(), Client(goaway), Rest]), [(Fault::Reasonless, Clause::EndAtAnyTime)]);
}
