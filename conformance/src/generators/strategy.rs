use crate::{
    http2::{ErrorCode, Frame, FrameType, SettingId, StreamId, flags, hpack},
    script::{Body, BodyEnd, IoFailure, Method, Request, Script, Step},
};
use bytes::Bytes;
use proptest::{collection::vec, prelude::*, sample::select};

/// Scripts of one to four requests and up to a dozen moves of the peer.
pub fn scripts() -> impl Strategy<Value = Script> {
    let moves = vec(a_move(), 0..10);
    (opening(), moves).prop_map(|(opening, moves)| Script::new([opening].into_iter().chain(moves).flatten().collect()))
}

/// Requests and the peer's SETTINGS; mostly the peer has seen the first request before it goes on.
fn opening() -> impl Strategy<Value = Vec<Step>> {
    let requests = prop_oneof![6 => vec(request(), 1), 3 => vec(request(), 2), 1 => vec(request(), 3..5)];
    let seen = prop_oneof![
        8 => Just(Some(FrameType::HEADERS)),
        1 => Just(None),
    ];
    let split = prop_oneof![9 => Just(None), 1 => prop_oneof![Just(1), 2..40u32].prop_map(Some)];
    (requests, settings(), seen, split).prop_map(|(requests, settings, seen, split)| {
        let last = StreamId::of_request(requests.len() - 1);
        let mut steps: Vec<Step> = requests.into_iter().map(Step::Request).collect();
        steps.extend(split.map(Step::Split));
        steps.push(Step::Send(settings));
        steps.extend(seen.map(|kind| Step::awaits(kind, StreamId::FIRST)));
        if seen.is_some() && last != StreamId::FIRST {
            steps.push(Step::awaits(FrameType::HEADERS, last));
        }
        steps
    })
}

fn request() -> impl Strategy<Value = Request> {
    let size = prop_oneof![Just(0), 1..100u32, Just(70_000)];
    let body = |end: BodyEnd| size.clone().prop_map(move |size| Body::new(size, end));
    prop_oneof![
        6 => Just(Request::get()),
        1 => Just(Request::new(Method::Head)),
        2 => (select(&[Method::Post, Method::Put][..]), body(BodyEnd::Complete))
            .prop_map(|(method, body)| Request::new(method).with_body(body)),
        1 => body(BodyEnd::Never).prop_map(|body| Request::new(Method::Post).with_body(body)),
        1 => body(BodyEnd::Fails).prop_map(|body| Request::new(Method::Post).with_body(body)),
    ]
}

/// What the peer does next: a frame or a few that belong together, or something that happens to the transport.
fn a_move() -> impl Strategy<Value = Vec<Step>> {
    let one = |frame: Frame| vec![Step::Send(frame)];
    let sent = |frames: Vec<Frame>| frames.into_iter().map(Step::Send).collect::<Vec<_>>();
    prop_oneof![
        12 => response().prop_map(sent),
        10 => head().prop_map(one),
        6 => data().prop_map(one),
        3 => trailers().prop_map(one),
        8 => rst_stream().prop_map(one),
        6 => goaway().prop_map(one),
        2 => settings().prop_map(one),
        3 => harmless().prop_map(one),
        1 => push_promise().prop_map(one),
        2 => split_head().prop_map(sent),
        3 => faulty().prop_map(one),
        1 => raw().prop_map(|bytes| vec![Step::SendRaw(bytes)]),
        1 => flood().prop_map(sent),
        4 => Just(vec![Step::Close]),
        2 => io_failure().prop_map(|failure| vec![Step::FailRead(failure)]),
        2 => (io_failure(), prop_oneof![Just(0), 1..6u32])
            .prop_map(|(failure, after)| vec![Step::FailWrite { failure, after }]),
        3 => request().prop_map(|request| vec![Step::Request(request)]),
        2 => a_stream().prop_map(|stream| vec![Step::awaits(FrameType::HEADERS, stream)]),
        5 => prop_oneof![4 => Just(0), 1 => Just(1_000), 1 => Just(60_000)].prop_map(|time| vec![Step::Pass(time)]),
        1 => prop_oneof![Just(0), Just(1), 2..40u32].prop_map(|size| vec![Step::Split(size)]),
    ]
}

/// A whole response.
fn response() -> impl Strategy<Value = Vec<Frame>> {
    let status = prop_oneof![6 => Just(200), 1 => Just(204), 1 => Just(304), 2 => 400..600u16];
    let body = prop_oneof![3 => Just(0), 3 => 1..20usize, 1 => Just(20_000)];
    (a_request_stream(), status, body, any::<bool>(), any::<bool>()).prop_map(
        |(stream, status, size, with_length, with_trailers)| {
            let size = if matches!(status, 204 | 304) { 0 } else { size };
            let (status, length) = (status.to_string(), size.to_string());
            let mut fields = vec![(":status", status.as_str())];
            if with_length {
                fields.push(("content-length", &length));
            }
            let mut frames = vec![Frame::headers(stream, fields)];
            frames.extend(vec![b'.'; size].chunks(16_384).map(|piece| Frame::data(stream, piece.to_vec())));
            if with_trailers {
                frames.push(Frame::headers(stream, [("checksum", "1")]));
            }
            let last = frames.len() - 1;
            frames[last].flags |= flags::END_STREAM;
            frames
        },
    )
}

fn head() -> impl Strategy<Value = Frame> {
    let status = prop_oneof![
        10 => Just(200),
        1 => Just(100),
        1 => Just(103),
        1 => Just(204),
        1 => Just(304),
        1 => Just(421),
        1 => Just(503),
    ];
    let length = prop_oneof![6 => Just(None), 2 => (0..20u32).prop_map(Some)];
    (a_stream(), status, length, end_stream()).prop_map(|(stream, status, length, end)| {
        let (status, length) = (status.to_string(), length.map(|length: u32| length.to_string()));
        let length = length.as_deref().map(|length| ("content-length", length));
        end(Frame::headers(stream, [(":status", status.as_str())].into_iter().chain(length)))
    })
}

fn data() -> impl Strategy<Value = Frame> {
    let size = prop_oneof![1 => Just(0), 5 => 1..20usize, 1 => Just(16_384)];
    let padding = prop_oneof![7 => Just(None), 1 => (0..20u8).prop_map(Some)];
    (a_stream(), size, padding, end_stream()).prop_map(|(stream, size, padding, end)| {
        let frame = Frame::data(stream, vec![b'.'; size]);
        end(match padding {
            Some(padding) => frame.padded(padding),
            None => frame,
        })
    })
}

fn trailers() -> impl Strategy<Value = Frame> {
    (a_stream(), prop_oneof![4 => Just(true), 1 => Just(false)]).prop_map(|(stream, end)| {
        let frame = Frame::headers(stream, [("checksum", "1")]);
        if end { frame.end_stream() } else { frame }
    })
}

fn end_stream() -> impl Strategy<Value = fn(Frame) -> Frame> {
    prop_oneof![2 => Just((|frame| frame) as fn(Frame) -> Frame), 1 => Just(Frame::end_stream as fn(Frame) -> Frame)]
}

fn rst_stream() -> impl Strategy<Value = Frame> {
    (a_stream(), error_code()).prop_map(|(stream, code)| Frame::rst_stream(stream, code))
}

fn goaway() -> impl Strategy<Value = Frame> {
    let last = prop_oneof![
        4 => Just(StreamId::CONNECTION),
        3 => a_request_stream(),
        2 => Just(StreamId::MAX),
        1 => any_stream(),
    ];
    let debug = prop_oneof![4 => Just(&b""[..]), 1 => Just(&b"too_many_pings"[..])];
    let on = prop_oneof![12 => Just(StreamId::CONNECTION), 1 => a_stream()];
    (last, prop_oneof![2 => Just(ErrorCode::NO_ERROR), 3 => error_code()], debug, on)
        .prop_map(|(last, code, debug, on)| Frame::goaway(last, code, debug).on(on))
}

fn error_code() -> impl Strategy<Value = ErrorCode> {
    prop_oneof![
        12 => select(ErrorCode::NAMED),
        1 => any::<u32>().prop_map(ErrorCode),
    ]
}

fn settings() -> impl Strategy<Value = Frame> {
    let setting = prop_oneof![
        3 => (0..3u32).prop_map(|limit| (SettingId::MAX_CONCURRENT_STREAMS, limit)),
        2 => prop_oneof![Just(0), Just(10), Just(65_535), any::<u32>()]
            .prop_map(|size| (SettingId::INITIAL_WINDOW_SIZE, size)),
        1 => prop_oneof![Just(16_384), Just(20_000), any::<u32>()].prop_map(|size| (SettingId::MAX_FRAME_SIZE, size)),
        1 => prop_oneof![Just(0), Just(4_096), any::<u32>()].prop_map(|size| (SettingId::HEADER_TABLE_SIZE, size)),
        1 => (0..3u32).prop_map(|push| (SettingId::ENABLE_PUSH, push)),
        1 => (any::<u16>(), any::<u32>()).prop_map(|(id, value)| (SettingId(id), value)),
    ];
    prop_oneof![
        8 => Just(Frame::settings([])),
        3 => vec(setting, 1..3).prop_map(Frame::settings),
        1 => Just(Frame::settings_ack()),
    ]
}

/// Frames that change nothing, or little, where they are legal.
fn harmless() -> impl Strategy<Value = Frame> {
    prop_oneof![
        any::<[u8; 8]>().prop_map(Frame::ping),
        any::<[u8; 8]>().prop_map(|opaque| Frame::ping(opaque).with_flags(flags::ACK)),
        (any_stream(), prop_oneof![4 => 1..100_000u32, 1 => Just(0), 1 => Just(0x7fff_ffff)])
            .prop_map(|(stream, increment)| Frame::window_update(stream, increment)),
        (a_stream(), a_stream(), any::<bool>(), any::<u8>())
            .prop_map(|(stream, depends_on, exclusive, weight)| Frame::priority(stream, exclusive, depends_on, weight)),
        (0x0a..0xf0u8, any::<u8>(), any_stream(), vec(any::<u8>(), 0..10))
            .prop_map(|(kind, flags, stream, payload)| Frame::new(FrameType(kind), flags, stream, payload)),
    ]
}

fn push_promise() -> impl Strategy<Value = Frame> {
    let fields = [(":method", "GET"), (":scheme", "http"), (":authority", "peer.test"), (":path", "/pushed")];
    (a_stream(), select(&[2u32, 4, 1, 0][..]))
        .prop_map(move |(stream, promised)| Frame::push_promise(stream, StreamId::from_word(promised), fields))
}

/// A head in HEADERS and CONTINUATION, now and then with the wrong stream or without an end.
fn split_head() -> impl Strategy<Value = Vec<Frame>> {
    let block = hpack::encode([(":status", "200"), ("server", "peer"), ("x-long-enough", "to be split in many places")]);
    let length = block.len();
    let continued = prop_oneof![6 => Just(None), 1 => any_stream().prop_map(Some)];
    (a_request_stream(), 0..=length, continued, prop_oneof![6 => Just(true), 1 => Just(false)], end_stream()).prop_map(
        move |(stream, at, continued, ends, end)| {
            let mut last = Frame::continuation(continued.unwrap_or(stream), block[at..].to_vec());
            if ends {
                last = last.with_flags(flags::END_HEADERS);
            }
            vec![end(Frame::headers_block(stream, block[..at].to_vec())), last]
        },
    )
}

/// A frame of the other kinds with one fault in it.
fn faulty() -> impl Strategy<Value = Frame> {
    let frame = prop_oneof![head(), data(), trailers(), rst_stream(), goaway(), settings(), harmless(), push_promise()];
    let fault = prop_oneof![
        3 => any_stream().prop_map(Fault::Stream),
        2 => any::<u8>().prop_map(Fault::Flags),
        1 => Just(Fault::Reserved),
        2 => (0..12usize).prop_map(Fault::Cut),
        1 => vec(any::<u8>(), 1..6).prop_map(Fault::Grow),
        1 => any::<u8>().prop_map(Fault::PadLength),
        1 => (0..40u32).prop_map(Fault::Length),
        2 => field().prop_map(Fault::Fields),
        1 => vec(any::<u8>(), 0..12).prop_map(Fault::Payload),
    ];
    (frame, fault).prop_map(|(frame, fault)| fault.put_into(frame))
}

/// One way in which a frame can be wrong.
#[derive(Clone, Debug)]
enum Fault {
    Stream(StreamId),
    Flags(u8),
    Reserved,
    Cut(usize),
    Grow(Vec<u8>),
    PadLength(u8),
    Length(u32),
    Fields(Vec<(&'static str, &'static str)>),
    Payload(Vec<u8>),
}

impl Fault {
    fn put_into(self, mut frame: Frame) -> Frame {
        match self {
            Fault::Stream(stream) => frame.stream = stream,
            Fault::Flags(flags) => frame.flags = flags,
            Fault::Reserved => frame.reserved = true,
            Fault::Cut(length) => frame.payload.truncate(length),
            Fault::Grow(more) => frame.payload = [&frame.payload[..], &more].concat().into(),
            Fault::PadLength(length) => {
                frame.flags |= flags::PADDED;
                frame.payload = [&[length], &frame.payload[..]].concat().into();
            }
            Fault::Length(length) => frame.length = (length as usize != frame.payload.len()).then_some(length),
            Fault::Fields(fields) => {
                frame.kind = FrameType::HEADERS;
                frame.flags |= flags::END_HEADERS;
                frame.payload = hpack::encode(fields).into();
            }
            Fault::Payload(payload) => frame.payload = payload.into(),
        }
        frame
    }
}

/// Field sections that no response should have, or that few have.
fn field() -> impl Strategy<Value = Vec<(&'static str, &'static str)>> {
    select(vec![
        vec![],
        vec![("server", "peer")],
        vec![(":status", "200"), (":status", "200")],
        vec![(":status", "")],
        vec![(":status", "20")],
        vec![(":status", "abc")],
        vec![(":status", "999")],
        vec![(":status", "099")],
        vec![(":status", "101")],
        vec![(":method", "GET")],
        vec![(":status", "200"), (":path", "/")],
        vec![(":status", "200"), (":unknown", "1")],
        vec![("server", "peer"), (":status", "200")],
        vec![(":status", "200"), ("Upper", "case")],
        vec![(":status", "200"), ("connection", "close")],
        vec![(":status", "200"), ("transfer-encoding", "chunked")],
        vec![(":status", "200"), ("content-length", "5"), ("content-length", "6")],
        vec![(":status", "200"), ("content-length", "x")],
        vec![(":status", "200"), ("content-length", "-1")],
        vec![(":status", "200"), ("content-length", "18446744073709551616")],
        vec![(":status", "200"), ("a", "line\nbreak")],
        vec![(":status", "200"), ("te", "gzip")],
    ])
}

fn raw() -> impl Strategy<Value = Bytes> {
    let known: Vec<&[u8]> = vec![
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"\x15\x03\x03\x00\x02\x02\x28",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"\x00\x00",
    ];
    prop_oneof![
        select(known).prop_map(Bytes::from_static),
        vec(any::<u8>(), 1..20).prop_map(Bytes::from),
    ]
}

/// More of one frame than a client may bear.
fn flood() -> impl Strategy<Value = Vec<Frame>> {
    let stream = StreamId::FIRST;
    let floods = vec![
        (Frame::data(stream, Bytes::new()), 120),
        (Frame::continuation(stream, Bytes::new()), 12),
        (Frame::ping([0; 8]), 40),
        (Frame::settings([]), 40),
        (Frame::rst_stream(stream, ErrorCode::CANCEL), 60),
        (Frame::window_update(stream, 1), 40),
        (Frame::response(stream, 103), 20),
    ];
    select(floods).prop_map(|(frame, times)| std::iter::repeat_n(frame, times).collect())
}

fn io_failure() -> impl Strategy<Value = IoFailure> {
    select(&IoFailure::ALL[..])
}

/// The stream of one of the first four requests, mostly of the first.
fn a_request_stream() -> impl Strategy<Value = StreamId> {
    prop_oneof![8 => Just(0), 3 => Just(1), 1 => 2..4usize].prop_map(StreamId::of_request)
}

fn a_stream() -> impl Strategy<Value = StreamId> {
    prop_oneof![14 => a_request_stream(), 1 => any_stream()]
}

fn any_stream() -> impl Strategy<Value = StreamId> {
    prop_oneof![
        Just(StreamId::CONNECTION),
        a_request_stream(),
        (0..12u32).prop_map(StreamId::from_word),
        any::<u32>().prop_map(StreamId::from_word),
    ]
}
