//! Law 7: what the model says of each frame that a client sends. The exchanges are written by hand, because no client at
//! hand does most of it.

use bytes::BytesMut;
use conformance::{
    http2::{ErrorCode, Frame, FrameType, SettingId, StreamId, flags, wire},
    peer::{Event, Record},
    rfc9113::{Clause, Fault, Model},
    script::{Body, BodyEnd, Method, Request, Script, Step, content},
};

/// What crosses the wire, in order.
enum Turn {
    /// The client writes this.
    Client(Frame),
    /// The client reads this.
    Peer(Frame),
    /// The client can do no more.
    Rest,
}

use Turn::{Client, Peer, Rest};

const ONE: StreamId = StreamId::of_request(0);
const TWO: StreamId = StreamId::of_request(1);

/// The breaches in an exchange of two requests, the second with ten bytes of content, after both prefaces.
fn breaches(turns: Vec<Turn>) -> Vec<(Fault, Clause)> {
    let upload = Request::new(Method::Post).with_body(Body::new(10, BodyEnd::Complete));
    let script = Script::new(vec![Step::Request(Request::get()), Step::Request(upload)]);
    let mut record = Record { events: vec![Event::Issued(0), Event::Issued(1)], ..Record::default() };
    let (mut sent, mut written) = (BytesMut::new(), BytesMut::from(&wire::PREFACE[..]));
    let prefaces = [Client(Frame::settings([])), Peer(Frame::settings([])), Client(Frame::settings_ack()), Rest];
    for turn in prefaces.into_iter().chain(turns) {
        match turn {
            Client(frame) => {
                let start = written.len();
                wire::encode(&frame, &mut written);
                record.events.push(Event::Written(start..written.len()));
            }
            Peer(frame) => {
                wire::encode(&frame, &mut sent);
                record.events.push(Event::Received(sent.len()));
            }
            Rest => record.events.push(Event::Rest),
        }
    }
    (record.sent, record.written) = (sent.freeze(), written.freeze());
    record.requests = vec![(0, ONE), (1, TWO)];
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
    ];
    for (number, exchange) in exchanges.into_iter().enumerate() {
        assert_eq!(breaches(exchange), [], "exchange {number}");
    }
}

#[test]
fn what_a_client_must_not_send_is_a_breach() {
    let goaway = || Peer(Frame::goaway(StreamId::MAX, ErrorCode::NO_ERROR, b""));
    let cases: Vec<(Vec<Turn>, Clause)> = vec![
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
    ];
    for (exchange, clause) in cases {
        let found = breaches(exchange);
        assert!(found.contains(&(Fault::Prohibited, clause)), "{clause:?} is not in {found:?}");
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
    ];
    for (mut exchange, fault, clause) in cases {
        exchange.push(Rest);
        assert_eq!(breaches(exchange), [(fault, clause)]);
    }
}

#[test]
fn a_request_is_written_as_the_application_gave_it() {
    let cases: Vec<(Vec<Turn>, Clause)> = vec![
        (vec![Client(request(ONE, "HEAD").end_stream())], Clause::NewStream),
        (vec![post(), Client(upload(1, 9).end_stream())], Clause::NewStream),
        (vec![post(), Client(upload(0, 9).end_stream())], Clause::ContentLength),
        (vec![post(), Client(upload(0, 11))], Clause::NewStream),
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

    let reset = vec![get(), Client(Frame::rst_stream(ONE, ErrorCode::PROTOCOL_ERROR)), Rest];
    assert_eq!(breaches(reset), [(Fault::Reasonless, Clause::ResetOnStreamError)]);
    let goaway = Frame::goaway(StreamId::CONNECTION, ErrorCode::PROTOCOL_ERROR, b"");
    assert_eq!(breaches(vec![get(), Client(goaway), Rest]), [(Fault::Reasonless, Clause::EndAtAnyTime)]);
}
