//! Scripts: an opening, and moves of the peer.

use super::{
    applications::{cancel, dropped, fed, of_application, stalled, stays_with, tunnels, unread, used_again},
    choices::{REQUESTS, a_stream, any_stream, blank, borrowed, weighted},
    faults::{faulty, flood, raw},
    responses::{cut_response, data, fields, head, response, split_head, trailers},
};
use crate::{
    http2::{ErrorCode, Frame, FrameType, SettingId, StreamId, View, flags},
    script::{Body, BodyEnd, IoFailure, Method, Reads, Request, Script, Step, content},
    stacks::Settings,
};
use proptest::{collection::vec, prelude::*, sample::select};
use std::collections::BTreeMap;

/// Scripts with one to eight requests at once and fewer than ten moves of the peer. One in eight ends with a further
/// request on the same connection, which is answered.
pub fn scripts() -> impl Strategy<Value = Script> {
    let again = weighted([(7, false), (1, true)]);
    let astray = weighted([(9, false), (1, true)]);
    let padding = weighted([(39, None), (1, Some(1)), (1, Some(200))]);
    (an_opening(), vec(a_move(), 0..10), again, astray, padding).prop_map(|(opening, moves, again, astray, padding)| {
        let mut steps: Vec<Step> = [opening].into_iter().chain(moves).flatten().collect();
        let requests = steps.iter().filter(|step| matches!(step, Step::Request(_))).count();
        if !astray {
            steps.iter_mut().for_each(|step| stays_with(step, requests));
        }
        if again {
            steps.extend(used_again(StreamId::of_request(requests)));
        }
        if let Some(padding) = padding {
            steps.iter_mut().for_each(|step| is_padded(step, padding));
        }
        tell_where_content_belongs(&mut steps);
        comes_in_few_pieces(&mut steps);
        Script::new(steps)
    })
}

/// Splits long exchanges into larger pieces: the client runs for each piece.
fn comes_in_few_pieces(steps: &mut [Step]) {
    const LONG: usize = 5_000;
    let sent: usize = steps.iter().map(Step::sent_length).sum();
    for step in steps {
        match step {
            Step::Split(size @ 1..1_000) if sent > LONG => *size = 1_000,
            _ => {}
        }
    }
}

/// Pads a DATA or HEADERS frame that has room for it.
fn is_padded(step: &mut Step, padding: u8) {
    let Step::Send(frame) = step else { return };
    let has_padding = matches!(frame.kind, FrameType::DATA | FrameType::HEADERS);
    let is_short = frame.payload.len() < 16_000 && frame.length.is_none();
    if has_padding && is_short && !frame.has(flags::PADDED) {
        *frame = frame.clone().padded(padding);
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

/// The beginning of an exchange.
fn an_opening() -> impl Strategy<Value = Vec<Step>> {
    prop_oneof![
        69 => opening(),
        4 => limited(),
        4 => stalled(),
        3 => fed(),
        3 => tunnels(),
        1 => resized(),
        1 => refused(),
        1 => dropped(),
        1 => unread(),
    ]
}

/// Requests that wait for a slot, often at a peer that shuts down, or for an application that cancels some of them.
fn limited() -> impl Strategy<Value = Vec<Step>> {
    let last =
        weighted([(2, None), (2, Some(StreamId::MAX)), (2, Some(StreamId::FIRST)), (1, Some(StreamId::of_request(1)))]);
    let cancels = weighted([(3, 0), (1, 1), (1, 2)]).prop_flat_map(|most| vec(cancel(), most));
    (vec(request(), 2..5), 1..3u32, last, cancels).prop_map(|(requests, limit, last, cancels)| {
        let count = requests.len();
        let settings = Frame::settings([(SettingId::MAX_CONCURRENT_STREAMS, limit)]);
        let mut steps = vec![Step::Send(settings), Step::Pass(0)];
        steps.extend(requests.into_iter().map(Step::Request));
        steps.push(Step::awaits(FrameType::HEADERS, StreamId::FIRST));
        for mut cancel in cancels {
            stays_with(&mut cancel, count);
            steps.extend([cancel, Step::Pass(0)]);
        }
        steps.extend(last.map(|last| Step::Send(Frame::goaway(last, ErrorCode::NO_ERROR, b""))));
        steps
    })
}

/// Responses that a client refuses, one after the other, with as much content in all as the connection has window, and
/// then a request that needs some. The content counts all the same (§6.9).
fn refused() -> impl Strategy<Value = Vec<Step>> {
    const TIMES: usize = 6;
    const SIZE: usize = Settings::EQUAL.connection_window as usize / TIMES;
    (0..4, error_code()).prop_map(|(reason, code)| {
        let mut steps = vec![Step::Send(Frame::settings([]))];
        for stream in (0..TIMES).map(StreamId::of_request) {
            steps.extend([Step::Request(Request::get()), Step::awaits(FrameType::HEADERS, stream)]);
            let data = Frame::data(stream, blank(SIZE));
            let short = Frame::headers(stream, [(":status", "200"), ("content-length", "5")]);
            let frames = match reason {
                0 => vec![short, data],
                1 => vec![Frame::response(stream, 200), data, Frame::rst_stream(stream, code)],
                2 => vec![Frame::headers(stream, [(":status", "200"), ("connection", "close")]), data],
                _ => vec![Frame::response(stream, 200), Frame::rst_stream(stream, code), data],
            };
            steps.extend(frames.into_iter().map(Step::Send));
            steps.push(Step::Pass(0));
        }
        steps.extend(used_again(StreamId::of_request(TIMES)));
        steps
    })
}

/// Requests with equal fields, between which the size of the client's dynamic table changes.
fn resized() -> impl Strategy<Value = Vec<Step>> {
    let sizes = vec(vec(select(&[0u32, 64, 4_096, 65_536][..]), 1..3), 1..4);
    (request(), sizes).prop_map(|(request, sizes)| {
        let mut steps = vec![Step::Send(Frame::settings([])), Step::Request(request.clone())];
        for sizes in sizes {
            steps.push(Step::Pass(0));
            let settings = |size: u32| Step::Send(Frame::settings([(SettingId::HEADER_TABLE_SIZE, size)]));
            steps.extend(sizes.into_iter().map(settings));
            steps.extend([Step::Pass(0), Step::Request(request.clone())]);
        }
        steps
    })
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
    let read = weighted([(40, Reads::All), (1, Reads::Bytes(0)), (1, Reads::Bytes(7)), (1, Reads::Bytes(20_000))]);
    let (cookies, trailers) = (weighted([(19, false), (1, true)]), weighted([(19, false), (1, true)]));
    (method, size, end, fields(), cookies, trailers, read).prop_map(
        |(method, size, end, fields, cookies, trailers, read)| {
            let mut request = Request::new(method).reading(read);
            if matches!(method, Method::Post | Method::Put) {
                request = request.with_body(Body::new(size, end));
                if trailers {
                    request = request.clone().with_trailer("x-checksum", "7").unwrap_or(request);
                }
            }
            // §8.2.3: cookies may be in pieces.
            let cookies = [("cookie", "a=1"), ("cookie", "b=2"), ("cookie", "a=1")].into_iter().filter(|_| cookies);
            let with = |request: Request, (name, value)| request.clone().with_header(name, value).unwrap_or(request);
            borrowed(&fields).chain(cookies).fold(request, with)
        },
    )
}

/// The peer's next move: one frame, a few related frames, or another step.
fn a_move() -> impl Strategy<Value = Vec<Step>> {
    let one = |frame: Frame| vec![Step::Send(frame)];
    let sent = |frames: Vec<Frame>| frames.into_iter().map(Step::Send).collect::<Vec<_>>();
    let failure = || select(&IoFailure::ALL[..]);
    prop_oneof![
        48 => response(),
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
        1 => flood(),
        5 => Just(vec![Step::Close]),
        3 => failure().prop_map(|failure| vec![Step::FailRead(failure)]),
        3 => (failure(), 0..6u32).prop_map(|(failure, after)| vec![Step::FailWrite { failure, after }]),
        5 => request().prop_map(|request| vec![Step::Request(request)]),
        25 => of_application(),
        1 => Just(vec![Step::AnswerPings]),
        5 => a_stream().prop_map(|stream| vec![Step::awaits(FrameType::HEADERS, stream)]),
        15 => weighted([(8, 0), (1, 1_000), (1, 35_000), (1, 60_000)]).prop_map(|time| vec![Step::Pass(time)]),
        2 => split().prop_map(|size| vec![Step::Split(size)]),
    ]
}

pub(super) fn rst_stream() -> impl Strategy<Value = Frame> {
    (a_stream(), error_code()).prop_map(|(stream, code)| Frame::rst_stream(stream, code))
}

pub(super) fn goaway() -> impl Strategy<Value = Frame> {
    let first = StreamId::FIRST;
    let between = (1..4).map(|request| (1, StreamId::of_request(request)));
    let last = weighted([(8, StreamId::CONNECTION), (4, first), (4, StreamId::MAX)].into_iter().chain(between));
    let debug = weighted([(4, &b""[..]), (1, &b"too_many_pings"[..])]);
    let on = weighted([(16, StreamId::CONNECTION), (1, first)]);
    let code = (any::<bool>(), error_code()).prop_map(|(plain, code)| if plain { ErrorCode::NO_ERROR } else { code });
    (last, code, debug, on).prop_map(|(last, code, debug, on)| Frame::goaway(last, code, debug).on(on))
}

pub(super) fn error_code() -> impl Strategy<Value = ErrorCode> {
    prop_oneof![14 => select(ErrorCode::NAMED), 1 => any::<u32>().prop_map(ErrorCode)]
}

pub(super) fn settings() -> impl Strategy<Value = Frame> {
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
pub(super) fn harmless() -> impl Strategy<Value = Frame> {
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

pub(super) fn push_promise() -> impl Strategy<Value = Frame> {
    let fields = [(":method", "GET"), (":scheme", "http"), (":authority", "peer.test"), (":path", "/pushed")];
    (a_stream(), select(&[2u32, 4, 1, 0][..]))
        .prop_map(move |(stream, promised)| Frame::push_promise(stream, StreamId::from_word(promised), fields))
}
