//! Applications that cancel requests, read slowly or not at all, hand over their content in pieces, and drop their
//! client; and what keeps a script to the requests that it issues.

use super::{
    choices::{REQUESTS, a_request_stream, blank, weighted},
    scripts::error_code,
};
use crate::{
    http2::{ErrorCode, Frame, FrameType, SettingId, StreamId},
    script::{Body, BodyEnd, Method, Protocol, Reads, Request, Step},
    stacks::Settings,
};
use proptest::{collection::vec, prelude::*, sample::select};

/// A step of the application, most often before the client does anything else.
pub(super) fn of_application() -> impl Strategy<Value = Vec<Step>> {
    let read = (a_request(), select(&[1u32, 12, 20_000, 200_000][..]));
    let step = prop_oneof![
        16 => cancel(),
        8 => read.prop_map(|(request, bytes)| Step::Read { request, bytes }),
        12 => feed(),
        1 => Just(Step::DropClient),
    ];
    (step, weighted([(2, true), (1, false)]))
        .prop_map(|(step, rests)| [step].into_iter().chain(rests.then_some(Step::Pass(0))).collect())
}

/// The number of one of the requests that are issued at once, most often the first.
fn a_request() -> impl Strategy<Value = u32> {
    weighted([8, 6, 3, 2, 1, 1, 1, 1].into_iter().zip(0..))
}

/// The application cancels a request.
pub(super) fn cancel() -> impl Strategy<Value = Step> {
    a_request().prop_map(Step::Cancel)
}

/// The application hands over more content, and perhaps the end of it.
fn feed() -> impl Strategy<Value = Step> {
    let bytes = weighted([(2, 0), (4, 12), (2, 20_000), (2, 70_000)]);
    (a_request(), bytes, weighted([(2, false), (1, true)])).prop_map(|(request, bytes, end)| Step::Feed {
        request,
        bytes,
        end,
    })
}

/// Replaces a request that the script does not issue, or its stream, by one that it does issue.
pub(super) fn stays_with(step: &mut Step, requests: usize) {
    if let Some(request) = step.request_number() {
        *step = step.about_request(request % requests.max(1) as u32);
    }
    let (Step::Send(Frame { stream, .. }) | Step::Await { stream, .. }) = step else { return };
    let request = stream.get() as usize / 2;
    if stream.is_client_initiated() && (requests..REQUESTS).contains(&request) {
        *stream = StreamId::of_request(request % requests.max(1));
    }
}

/// One more request and its response, on `stream`: the request's stream if every earlier request opened one.
pub(super) fn used_again(stream: StreamId) -> Vec<Step> {
    vec![
        Step::Pass(0),
        Step::Request(Request::get()),
        Step::awaits(FrameType::HEADERS, stream),
        Step::Send(Frame::response(stream, 200)),
        Step::Send(Frame::data(stream, blank(5)).end_stream()),
    ]
}

/// Uploads whose application hands them over in pieces, at a peer whose windows open and close.
pub(super) fn fed() -> impl Strategy<Value = Vec<Step>> {
    let trailers = weighted([(2, false), (1, true)]);
    let upload = (weighted([(2, 0), (1, 12), (1, 70_000)]), trailers).prop_map(|(size, trailers)| {
        let request = Request::new(Method::Post).with_body(Body::new(size, BodyEnd::Never));
        let with_trailer = request.clone().with_trailer("x-checksum", "7").filter(|_| trailers);
        Step::Request(with_trailer.unwrap_or(request))
    });
    let change = prop_oneof![8 => feed(), 3 => window_change().prop_map(Step::Send), 1 => cancel()];
    let changes = vec((change, weighted([(2, true), (1, false)])), 1..7);
    let size = weighted([(4, None), (1, Some(0)), (1, Some(10))]);
    (vec(upload, 1..4), size, changes).prop_map(|(uploads, size, changes)| {
        let count = uploads.len();
        let settings = Frame::settings(size.map(|size| (SettingId::INITIAL_WINDOW_SIZE, size)));
        let mut steps = vec![Step::Send(settings), Step::Pass(0)];
        steps.extend(uploads);
        steps.push(Step::awaits(FrameType::HEADERS, StreamId::of_request(count - 1)));
        steps.extend(with_rests(changes, count));
        steps
    })
}

/// Tunnels that the peer accepts or refuses, into which the application writes, and that either side ends.
pub(super) fn tunnels() -> impl Strategy<Value = Vec<Step>> {
    let content = (weighted([(1, 0), (2, 12), (1, 70_000)]), weighted([(2, BodyEnd::Never), (1, BodyEnd::Complete)]));
    let protocol = weighted([(2, None), (1, Some(Protocol::Websocket))]);
    let tunnel = (content, protocol).prop_map(|((size, end), protocol)| {
        let request = Request::new(Method::Connect).with_body(Body::new(size, end));
        Step::Request(protocol.into_iter().fold(request, Request::speaking))
    });
    let head = (weighted([(7, "200"), (2, "201"), (1, "407")]), weighted([(8, None), (1, Some("5"))]));
    let change = prop_oneof![
        6 => feed(),
        6 => (a_request_stream(), select(&[0usize, 5, 20_000][..]), weighted([(3, false), (1, true)])).prop_map(
            |(stream, size, ends)| {
                let data = Frame::data(stream, blank(size));
                Step::Send(if ends { data.end_stream() } else { data })
            }
        ),
        2 => window_change().prop_map(Step::Send),
        1 => (a_request_stream(), error_code()).prop_map(|(stream, code)| Step::Send(Frame::rst_stream(stream, code))),
        1 => a_request_stream().prop_map(|stream| Step::Send(Frame::headers(stream, [("x-checksum", "7")]).end_stream())),
        1 => cancel(),
    ];
    let changes = vec((change, weighted([(2, true), (1, false)])), 1..7);
    (vec((tunnel, head), 1..3), changes).prop_map(|(tunnels, changes)| {
        let count = tunnels.len();
        let (requests, heads): (Vec<_>, Vec<_>) = tunnels.into_iter().unzip();
        let mut steps = vec![Step::Send(Frame::settings([]))];
        steps.extend(requests);
        steps.push(Step::awaits(FrameType::HEADERS, StreamId::of_request(count - 1)));
        steps.extend(heads.into_iter().enumerate().map(|(request, (status, length))| {
            let fields = [(":status", status)].into_iter().chain(length.map(|length| ("content-length", length)));
            Step::Send(Frame::headers(StreamId::of_request(request), fields))
        }));
        steps.extend(with_rests(changes, count));
        steps
    })
}

/// These steps, about one of so many requests, and where the client rests.
fn with_rests(changes: Vec<(Step, bool)>, requests: usize) -> impl Iterator<Item = Step> {
    changes.into_iter().flat_map(move |(mut change, rests)| {
        stays_with(&mut change, requests);
        [change].into_iter().chain(rests.then_some(Step::Pass(0)))
    })
}

/// A window of the peer that opens or closes, or a stream that it resets.
fn window_change() -> impl Strategy<Value = Frame> {
    prop_oneof![
        6 => (any::<bool>(), a_request_stream(), select(&[5u32, 20, 40_000][..]))
            .prop_map(|(all, stream, more)| Frame::window_update(if all { StreamId::CONNECTION } else { stream }, more)),
        4 => select(&[0u32, 5, 10_000, 65_535, 200_000][..]).prop_map(window),
        1 => a_request_stream().prop_map(|stream| Frame::rst_stream(stream, ErrorCode::CANCEL)),
    ]
}

fn window(size: u32) -> Frame {
    Frame::settings([(SettingId::INITIAL_WINDOW_SIZE, size)])
}

/// Several uploads that have no window, and then windows that open and close.
pub(super) fn stalled() -> impl Strategy<Value = Vec<Step>> {
    let upload = (weighted([(2, 12), (1, 99), (2, 70_000)]), weighted([(3, BodyEnd::Complete), (1, BodyEnd::Never)]))
        .prop_map(|(size, end)| Step::Request(Request::new(Method::Post).with_body(Body::new(size, end))));
    let change = prop_oneof![10 => window_change().prop_map(Step::Send), 1 => cancel()];
    let changes = vec((change, weighted([(2, true), (1, false)])), 1..6);
    (vec(upload, 2..5), select(&[0u32, 10, 65_535][..]), changes).prop_map(|(uploads, size, changes)| {
        let count = uploads.len();
        let mut steps = vec![Step::Send(window(size)), Step::Pass(0)];
        steps.extend(uploads);
        steps.push(Step::awaits(FrameType::HEADERS, StreamId::of_request(count - 1)));
        steps.extend(with_rests(changes, count));
        steps
    })
}

/// Responses that the application drops at different times, with as much content in all as the connection has window,
/// and then a request that needs some. The content counts all the same (§6.9).
pub(super) fn dropped() -> impl Strategy<Value = Vec<Step>> {
    const TIMES: usize = 6;
    const SIZE: usize = Settings::EQUAL.connection_window as usize / TIMES;
    (vec(0..4, TIMES), any::<bool>()).prop_map(|(places, uploads)| {
        let mut steps = vec![Step::Send(Frame::settings([]))];
        for (request, place) in places.into_iter().enumerate() {
            let stream = StreamId::of_request(request);
            let content = if uploads { Body::new(12, BodyEnd::Never) } else { Body::EMPTY };
            let [head, data] = [Frame::response(stream, 200), Frame::data(stream, blank(SIZE))].map(Step::Send);
            let (cancel, rests) = (Step::Cancel(request as u32), Step::Pass(0));
            let asked = Step::Request(if uploads { Request::get().as_post(content) } else { Request::get() });
            steps.extend([asked, Step::awaits(FrameType::HEADERS, stream)]);
            steps.extend(match place {
                0 => [cancel, rests.clone(), head, data, rests],
                1 => [head, rests.clone(), cancel, data, rests],
                2 => [head, rests.clone(), data, cancel, rests],
                _ => [head, data, rests.clone(), cancel, rests],
            });
        }
        steps.extend(used_again(StreamId::of_request(TIMES)));
        steps
    })
}

/// Responses that nobody reads fill the window of the connection, which a further response needs. Some of them are read or
/// dropped at last.
pub(super) fn unread() -> impl Strategy<Value = Vec<Step>> {
    /// Three frames of this size are less than the window of a stream, and six fill that of the connection.
    const SIZE: usize = Settings::EQUAL.connection_window as usize / 6;
    let wanted = weighted([(3, 0), (1, 5), (2, SIZE as u32)]);
    let relief = weighted([(3, None), (2, Some(SIZE as u32)), (2, Some(1_000_000)), (2, Some(0))]);
    (vec(wanted, 2), vec(relief, 2), any::<bool>()).prop_map(|(wanted, reliefs, ends)| {
        let mut steps: Vec<_> = wanted
            .iter()
            .map(|wanted| Step::Request(Request::get().reading(Reads::Bytes(*wanted))))
            .chain([Step::Request(Request::get()), Step::Send(Frame::settings([]))])
            .collect();
        steps.push(Step::awaits(FrameType::HEADERS, StreamId::of_request(2)));
        steps.extend((0..3).map(|request| Step::Send(Frame::response(StreamId::of_request(request), 200))));
        for request in 0..2 {
            let data = Frame::data(StreamId::of_request(request), blank(SIZE));
            let last = if ends { data.clone().end_stream() } else { data.clone() };
            steps.extend([data.clone(), data, last].map(Step::Send));
        }
        steps.push(Step::Pass(0));
        for (request, relief) in (0..).zip(reliefs) {
            steps.extend(relief.map(|bytes| match bytes {
                0 => Step::Cancel(request),
                bytes => Step::Read { request, bytes },
            }));
            steps.push(Step::Pass(0));
        }
        // It may exceed the window if the client gave nothing back.
        steps.push(Step::Send(Frame::data(StreamId::of_request(2), blank(SIZE)).end_stream()));
        steps
    })
}
