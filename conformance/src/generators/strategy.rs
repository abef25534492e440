use crate::{
    http2::{ErrorCode, Frame, FrameType, SettingId, StreamId, View, flags, hpack, hpack::Field},
    script::{Body, BodyEnd, IoFailure, Method, Request, Script, Step, content},
};
use bytes::Bytes;
use proptest::{
    collection::vec,
    prelude::*,
    sample::{Select, select},
};
use std::{collections::BTreeMap, fmt::Debug};

/// The maximum number of requests that are issued at once.
const REQUESTS: usize = 8;

/// Scripts with one to eight requests at once and fewer than ten moves of the peer. One in eight ends with a further
/// request on the same connection, which is answered.
pub fn scripts() -> impl Strategy<Value = Script> {
    let again = weighted([(7, false), (1, true)]);
    let astray = weighted([(9, false), (1, true)]);
    (opening(), vec(a_move(), 0..10), again, astray).prop_map(|(opening, moves, again, astray)| {
        let mut steps: Vec<Step> = [opening].into_iter().chain(moves).flatten().collect();
        let requests = steps.iter().filter(|step| matches!(step, Step::Request(_))).count();
        if !astray {
            steps.iter_mut().for_each(|step| stays_with(step, requests));
        }
        if again {
            steps.extend(used_again(StreamId::of_request(requests)));
        }
        tell_where_content_belongs(&mut steps);
        Script::new(steps)
    })
}

/// Replaces the stream of a request that the script does not issue by the stream of a request that it does issue.
fn stays_with(step: &mut Step, requests: usize) {
    let stream = match step {
        Step::Send(frame) => &mut frame.stream,
        Step::Await { stream, .. } => stream,
        _ => return,
    };
    let request = stream.get() as usize / 2;
    if stream.is_client_initiated() && (requests..REQUESTS).contains(&request) {
        *stream = StreamId::of_request(request % requests.max(1));
    }
}

/// Fills each DATA frame with content that tells its stream and its offset.
fn tell_where_content_belongs(steps: &mut [Step]) {
    let mut sent: BTreeMap<StreamId, usize> = BTreeMap::new();
    for step in steps {
        let Step::Send(frame) = step else { continue };
        let View::Data(data) = frame.view() else { continue };
        let (size, start) = (data.len(), sent.entry(frame.stream).or_default());
        let data = content(frame.stream.get(), *start, size);
        *start += size;
        frame.payload = match frame.has(flags::PADDED) {
            false => data,
            true => [&frame.payload[..1], &data, &frame.payload[1 + size..]].concat().into(),
        };
    }
}

/// One more request and its response, on `stream`: the request's stream if every earlier request opened one.
fn used_again(stream: StreamId) -> Vec<Step> {
    vec![
        Step::Pass(0),
        Step::Request(Request::get()),
        Step::awaits(FrameType::HEADERS, stream),
        Step::Send(Frame::response(stream, 200)),
        Step::Send(Frame::data(stream, blank(5)).end_stream()),
    ]
}

/// One of these values, by weight; it shrinks towards the first. (`prop_oneof!` would build a value tree for every arm,
/// and each script makes these choices many times.)
fn weighted<T: Clone + Debug + 'static>(choices: impl IntoIterator<Item = (usize, T)>) -> Select<T> {
    let each: Vec<T> = choices.into_iter().flat_map(|(weight, value)| std::iter::repeat_n(value, weight)).collect();
    select(each)
}

/// The requests and the peer's SETTINGS. In most scripts the peer then waits for the requests.
fn opening() -> impl Strategy<Value = Vec<Step>> {
    let count = weighted([(24, 1), (7, 2), (3, 3), (1, 4), (1, 5), (1, 6), (1, 7), (1, REQUESTS)]);
    let awaited = weighted([(9, true), (1, false)]);
    let split = (weighted([(19, false), (1, true)]), split()).prop_map(|(splits, size)| splits.then_some(size));
    let broken = (weighted([(149, false), (1, true)]), select(&IoFailure::ALL[..]), 0..2u32);
    (vec(request(), REQUESTS), count, settings(), awaited, split, broken).prop_map(
        |(requests, count, settings, awaited, split, (broken, failure, after))| {
            let mut steps: Vec<Step> = requests.into_iter().take(count).map(Step::Request).collect();
            steps.extend(broken.then_some(Step::FailWrite { failure, after }));
            steps.extend(split.map(Step::Split));
            steps.push(Step::Send(settings));
            if awaited {
                steps.push(Step::awaits(FrameType::HEADERS, StreamId::FIRST));
                if count > 1 {
                    steps.push(Step::awaits(FrameType::HEADERS, StreamId::of_request(count - 1)));
                }
            }
            steps
        },
    )
}

/// The size of the pieces in which the client receives the peer's bytes; 0 for all at once.
fn split() -> impl Strategy<Value = u32> {
    weighted([(1, 0), (1, 1), (1, 2), (1, 9), (1, 100), (1, 1_000)])
}

fn request() -> impl Strategy<Value = Request> {
    let size = weighted([(8, 0), (2, 1), (4, 12), (2, 99), (1, 70_000)]);
    let method = weighted([(10, Method::Get), (1, Method::Head), (4, Method::Post), (2, Method::Put)]);
    let end = weighted([(16, BodyEnd::Complete), (6, BodyEnd::Never), (3, BodyEnd::Fails)]);
    (method, size, end).prop_map(|(method, size, end)| match method {
        Method::Post | Method::Put => Request::new(method).with_body(Body::new(size, end)),
        _ => Request::new(method),
    })
}

/// The peer's next move: one frame, a few related frames, or another step.
fn a_move() -> impl Strategy<Value = Vec<Step>> {
    let one = |frame: Frame| vec![Step::Send(frame)];
    let sent = |frames: Vec<Frame>| frames.into_iter().map(Step::Send).collect::<Vec<_>>();
    let failure = || select(&IoFailure::ALL[..]);
    prop_oneof![
        48 => response().prop_map(sent),
        24 => cut_response(),
        24 => head().prop_map(one),
        15 => data().prop_map(one),
        9 => trailers().prop_map(one),
        20 => rst_stream().prop_map(one),
        18 => goaway().prop_map(one),
        9 => settings().prop_map(one),
        12 => harmless().prop_map(one),
        2 => push_promise().prop_map(one),
        6 => split_head().prop_map(sent),
        8 => faulty().prop_map(one),
        2 => raw().prop_map(|bytes| vec![Step::SendRaw(bytes)]),
        1 => flood().prop_map(sent),
        5 => Just(vec![Step::Close]),
        3 => failure().prop_map(|failure| vec![Step::FailRead(failure)]),
        3 => (failure(), 0..6u32).prop_map(|(failure, after)| vec![Step::FailWrite { failure, after }]),
        5 => request().prop_map(|request| vec![Step::Request(request)]),
        5 => a_stream().prop_map(|stream| vec![Step::awaits(FrameType::HEADERS, stream)]),
        15 => weighted([(8, 0), (1, 1_000), (1, 35_000), (1, 60_000)]).prop_map(|time| vec![Step::Pass(time)]),
        2 => split().prop_map(|size| vec![Step::Split(size)]),
    ]
}

/// A whole response.
fn response() -> impl Strategy<Value = Vec<Frame>> {
    let status = weighted([(12, 200), (1, 204), (1, 304), (1, 404), (1, 429), (1, 503)]);
    let size = weighted([(8, 0), (4, 5), (4, 12), (1, 20_000)]);
    (a_request_stream(), status, size, any::<bool>(), any::<bool>()).prop_map(
        |(stream, status, size, with_length, with_trailers)| {
            let size = if matches!(status, 204 | 304) { 0 } else { size };
            let (status, length): (String, String) = (status.to_string(), size.to_string());
            let mut fields = vec![(":status", status.as_str())];
            if with_length {
                fields.push(("content-length", &length));
            }
            let mut frames = vec![Frame::headers(stream, fields)];
            frames.extend(blank(size).chunks(16_384).map(|piece| Frame::data(stream, piece.to_vec())));
            if with_trailers {
                frames.push(Frame::headers(stream, [("checksum", "1")]));
            }
            let last = frames.len() - 1;
            frames[last].flags |= flags::END_STREAM;
            frames
        },
    )
}

/// The place of content, which is filled when the script is complete.
fn blank(size: usize) -> Vec<u8> {
    vec![0; size]
}

/// The head of a response and part of its body. The application may read them before the response is cut short.
fn cut_response() -> impl Strategy<Value = Vec<Step>> {
    let cut = prop_oneof![
        3 => error_code().prop_map(Cut::Reset),
        3 => error_code().prop_map(|code| Cut::Step(Step::Send(Frame::goaway(StreamId::CONNECTION, code, b"")))),
        2 => Just(Cut::Step(Step::Close)),
        1 => select(&IoFailure::ALL[..]).prop_map(|failure| Cut::Step(Step::FailRead(failure))),
        1 => Just(Cut::Step(Step::Pass(0))),
        2 => faulty().prop_map(|frame| Cut::Step(Step::Send(frame))),
    ];
    (a_request_stream(), 0..20usize, any::<bool>(), cut).prop_map(|(stream, size, read, cut)| {
        let mut steps = vec![Step::Send(Frame::response(stream, 200)), Step::Send(Frame::data(stream, blank(size)))];
        if read {
            steps.push(Step::Pass(0));
        }
        steps.push(match cut {
            Cut::Reset(code) => Step::Send(Frame::rst_stream(stream, code)),
            Cut::Step(step) => step,
        });
        steps
    })
}

/// The event that cuts a response short.
#[derive(Clone, Debug)]
enum Cut {
    Reset(ErrorCode),
    Step(Step),
}

fn head() -> impl Strategy<Value = Frame> {
    let status = weighted([(10, "200"), (2, "100"), (2, "103"), (1, "204"), (1, "304"), (1, "421"), (1, "503")]);
    let length = weighted([(6, None), (1, Some("0")), (1, Some("5")), (1, Some("12"))]);
    (a_stream(), status, length, end_stream()).prop_map(|(stream, status, length, end)| {
        let length = length.map(|length| ("content-length", length));
        ended(Frame::headers(stream, [(":status", status)].into_iter().chain(length)), end)
    })
}

fn data() -> impl Strategy<Value = Frame> {
    let size = weighted([(2, 0), (7, 5), (7, 12), (1, 16_384)]);
    let padding = weighted([(7, None), (1, Some(0)), (1, Some(20))]);
    (a_stream(), size, padding, end_stream()).prop_map(|(stream, size, padding, end)| {
        let frame = Frame::data(stream, blank(size));
        ended(if let Some(padding) = padding { frame.padded(padding) } else { frame }, end)
    })
}

fn trailers() -> impl Strategy<Value = Frame> {
    (a_stream(), weighted([(4, true), (1, false)]))
        .prop_map(|(stream, end)| ended(Frame::headers(stream, [("checksum", "1")]), end))
}

fn end_stream() -> impl Strategy<Value = bool> {
    weighted([(2, false), (1, true)])
}

fn ended(frame: Frame, end: bool) -> Frame {
    if end { frame.end_stream() } else { frame }
}

fn rst_stream() -> impl Strategy<Value = Frame> {
    (a_stream(), error_code()).prop_map(|(stream, code)| Frame::rst_stream(stream, code))
}

fn goaway() -> impl Strategy<Value = Frame> {
    let first = StreamId::FIRST;
    let between = (1..4).map(|request| (1, StreamId::of_request(request)));
    let last = weighted([(8, StreamId::CONNECTION), (4, first), (4, StreamId::MAX)].into_iter().chain(between));
    let debug = weighted([(4, &b""[..]), (1, &b"too_many_pings"[..])]);
    let on = weighted([(16, StreamId::CONNECTION), (1, first)]);
    let code = (any::<bool>(), error_code()).prop_map(|(plain, code)| if plain { ErrorCode::NO_ERROR } else { code });
    (last, code, debug, on).prop_map(|(last, code, debug, on)| Frame::goaway(last, code, debug).on(on))
}

fn error_code() -> impl Strategy<Value = ErrorCode> {
    prop_oneof![14 => select(ErrorCode::NAMED), 1 => any::<u32>().prop_map(ErrorCode)]
}

fn settings() -> impl Strategy<Value = Frame> {
    let setting = |id: SettingId, values: &'static [u32]| values.iter().map(move |value| (id, *value));
    let known = setting(SettingId::MAX_CONCURRENT_STREAMS, &[0, 1, 1, 2, 4])
        .chain(setting(SettingId::INITIAL_WINDOW_SIZE, &[0, 10, 65_535, 0x7fff_ffff, 0x8000_0000]))
        .chain(setting(SettingId::MAX_FRAME_SIZE, &[0, 16_384, 20_000, 0x00ff_ffff]))
        .chain(setting(SettingId::HEADER_TABLE_SIZE, &[0, 4_096, 65_536, u32::MAX]))
        .chain(setting(SettingId::ENABLE_PUSH, &[0, 1, 2]))
        .chain(setting(SettingId(0x4a4a), &[7]))
        .collect::<Vec<_>>();
    (weighted([(20, 0), (5, 1), (3, 2), (1, 3)]), vec(select(known), 2)).prop_map(|(shape, settings)| match shape {
        0 => Frame::settings([]),
        3 => Frame::settings_ack(),
        count => Frame::settings(settings.into_iter().take(count)),
    })
}

/// Frames that have little or no effect where they are legal.
fn harmless() -> impl Strategy<Value = Frame> {
    let increment = weighted([(4, 1), (4, 70_000), (1, 0), (1, 0x7fff_ffff)]);
    prop_oneof![
        any::<[u8; 8]>().prop_map(Frame::ping),
        any::<[u8; 8]>().prop_map(|opaque| Frame::ping(opaque).with_flags(flags::ACK)),
        (any_stream(), increment).prop_map(|(stream, increment)| Frame::window_update(stream, increment)),
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

/// A head split into HEADERS and CONTINUATION, sometimes on the wrong stream or without END_HEADERS.
fn split_head() -> impl Strategy<Value = Vec<Frame>> {
    let block =
        hpack::encode([(":status", "200"), ("server", "peer"), ("x-long-enough", "to be split in many places")]);
    let elsewhere = (weighted([(6, false), (1, true)]), any_stream());
    let ends = weighted([(6, true), (1, false)]);
    (a_request_stream(), 0..=block.len(), elsewhere, ends, end_stream()).prop_map(
        move |(stream, at, (moved, other), ends, end)| {
            let mut last = Frame::continuation(if moved { other } else { stream }, block[at..].to_vec());
            if ends {
                last = last.with_flags(flags::END_HEADERS);
            }
            vec![ended(Frame::headers_block(stream, block[..at].to_vec()), end), last]
        },
    )
}

/// A frame from the other generators, with one fault.
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
        4 => odd_fields().prop_map(Fault::Fields),
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
    Fields(Vec<Field>),
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
                let fields = fields.iter().map(|(name, value)| (name.as_str(), value.as_str()));
                frame.payload = hpack::encode(fields).into();
            }
            Fault::Payload(payload) => frame.payload = payload.into(),
        }
        frame
    }
}

/// Field sections that are invalid or rare in a response.
fn odd_fields() -> impl Strategy<Value = Vec<Field>> {
    let beside_status: Vec<&[(&str, &str)]> = vec![
        &[(":status", "200")],
        &[(":path", "/")],
        &[(":unknown", "1")],
        &[("Upper", "case")],
        &[("connection", "close")],
        &[("transfer-encoding", "chunked")],
        &[("content-length", "5"), ("content-length", "6")],
        &[("content-length", "x")],
        &[("content-length", "-1")],
        &[("content-length", "18446744073709551616")],
        &[("a", "line\nbreak")],
        &[("te", "gzip")],
    ];
    let whole: Vec<&[(&str, &str)]> = vec![
        &[],
        &[("server", "peer")],
        &[(":status", "")],
        &[(":status", "20")],
        &[(":status", "abc")],
        &[(":status", "999")],
        &[(":status", "099")],
        &[(":status", "101")],
        &[(":method", "GET")],
        &[("server", "peer"), (":status", "200")],
    ];
    let owned = |fields: &[(&str, &str)]| -> Vec<Field> {
        fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    };
    let with_status = |fields: Vec<Field>| [owned(&[(":status", "200")]), fields].concat();
    let mut sections: Vec<Vec<Field>> = whole.into_iter().map(owned).collect();
    sections.extend(beside_status.into_iter().map(owned).map(with_status));
    select(sections)
}

fn raw() -> impl Strategy<Value = Bytes> {
    let known: Vec<&'static [u8]> = vec![
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"\x15\x03\x03\x00\x02\x02\x28",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"\x00\x00",
    ];
    prop_oneof![select(known).prop_map(Bytes::from_static), vec(any::<u8>(), 1..20).prop_map(Bytes::from)]
}

/// More frames of one kind than a client may tolerate.
fn flood() -> impl Strategy<Value = Vec<Frame>> {
    let stream = StreamId::FIRST;
    let again = |frame: Frame, times: usize| vec![frame; times];
    let window = |size| Frame::settings([(SettingId::INITIAL_WINDOW_SIZE, size)]);
    let windows = [0x7fff_ffff, 0, 0x7fff_ffff, 0].map(window).to_vec();
    let answered = |flood: Vec<Frame>| [vec![Frame::response(stream, 200)], flood].concat();
    select(vec![
        answered(again(Frame::data(stream, Bytes::new()), 120)),
        answered(again(Frame::data(stream, blank(1)), 2_100)),
        answered(again(Frame::data(stream, blank(1)).padded(255), 256)),
        answered(again(Frame::rst_stream(stream, ErrorCode::CANCEL), 60)),
        again(Frame::continuation(stream, Bytes::new()), 12),
        again(Frame::ping([0; 8]), 40),
        again(Frame::settings([]), 40),
        again(Frame::window_update(stream, 1), 40),
        again(Frame::response(stream, 103), 20),
        windows,
        vec![Frame::headers_block(stream, oversized_block()).with_flags(flags::END_HEADERS)],
    ])
}

/// A field block of 8 KB that decodes to more than 16 MiB: one long field in the dynamic table, referenced repeatedly.
fn oversized_block() -> Vec<u8> {
    let status_200 = [0x88];
    let indexed_literal = [&[0x40, 0x01, b'a', 0x7f, 0xa1, 0x1e][..], &[b'.'; 4_000]].concat();
    let same_again = [0xbe; 4_165];
    [&status_200[..], &indexed_literal, &same_again].concat()
}

/// The stream of one of the requests that are issued at once, most often of the first.
fn a_request_stream() -> impl Strategy<Value = StreamId> {
    let weights = [16, 6, 3, 2, 1, 1, 1, 1];
    let streams = weights.into_iter().enumerate().map(|(request, weight)| (weight, StreamId::of_request(request)));
    weighted(streams)
}

fn a_stream() -> impl Strategy<Value = StreamId> {
    (a_request_stream(), weighted([(14, false), (1, true)]), any_stream())
        .prop_map(|(stream, elsewhere, other)| if elsewhere { other } else { stream })
}

fn any_stream() -> impl Strategy<Value = StreamId> {
    (weighted([(1, 0), (1, 3), (1, 12), (1, u32::MAX)]), any::<u32>())
        .prop_map(|(limit, number)| StreamId::from_word(number.checked_rem(limit).unwrap_or_default()))
}
