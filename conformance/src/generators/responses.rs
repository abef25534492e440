//! Responses, whole and cut, and their parts.

use super::{
    choices::{self, a_request_stream, a_stream, any_stream, blank, borrowed, end_stream, ended, owned, weighted},
    faults::faulty,
    scripts::error_code,
};
use crate::{
    http2::{ErrorCode, Frame, FrameType, StreamId, flags, hpack, hpack::Field},
    script::{IoFailure, Step},
    stacks::Settings,
};
use proptest::{prelude::*, sample::select};
use std::sync::LazyLock;

/// The largest payload of a frame that every client accepts (§4.2).
const MAX_PAYLOAD: usize = 16_384;
/// The number of bytes that the peer sends before it waits: less than the smallest window of a client.
const BURST: usize = 3 * MAX_PAYLOAD;
/// The size of a stream's window in a client with equal settings.
const WINDOW: usize = Settings::EQUAL.stream_window as usize;

/// A whole response.
pub(super) fn response() -> impl Strategy<Value = Vec<Step>> {
    let status = weighted([(12, 200), (1, 204), (1, 304), (1, 404), (1, 429), (1, 503)]);
    let size = weighted([(48, 0), (24, 5), (24, 12), (8, 99), (2, 20_000), (1, WINDOW), (1, 100_000)]);
    let piece = weighted([(10, MAX_PAYLOAD), (1, 7), (1, 1)]);
    let interim = weighted([(11, None), (1, Some("103"))]);
    (a_request_stream(), status, size, piece, interim, fields(), any::<bool>(), fields(), any::<bool>()).prop_map(
        |(stream, status, size, piece, interim, fields, with_length, trailers, with_trailers)| {
            let size = if matches!(status, 204 | 304) { 0 } else { size };
            let (status, length): (String, String) = (status.to_string(), size.to_string());
            let length = with_length.then_some(("content-length", length.as_str()));
            let mut frames = Vec::new();
            if let Some(interim) = interim {
                frames.extend(section(stream, [(":status", interim), ("link", "</style.css>")]));
            }
            let status = [(":status", status.as_str())];
            frames.extend(section(stream, status.into_iter().chain(length).chain(borrowed(&fields))));
            frames.extend(content(stream, size, if size < 100 { piece } else { MAX_PAYLOAD }));
            if with_trailers {
                frames.extend(section(stream, [("checksum", "1")].into_iter().chain(borrowed(&trailers))));
            }
            // END_STREAM is on the frame that begins a field block.
            let last = frames.iter().rposition(|frame| frame.kind != FrameType::CONTINUATION).unwrap_or_default();
            frames[last].flags |= flags::END_STREAM;
            paced(frames)
        },
    )
}

/// The frames of a field section, in as few frames as a client accepts.
pub(super) fn section<'a>(stream: StreamId, fields: impl IntoIterator<Item = (&'a str, &'a str)>) -> Vec<Frame> {
    let block = hpack::encode(fields);
    let mut pieces = block.chunks(MAX_PAYLOAD);
    let first = Frame::headers_block(stream, pieces.next().unwrap_or_default().to_vec());
    let rest = pieces.map(|piece| Frame::continuation(stream, piece.to_vec()));
    let mut frames: Vec<Frame> = [first].into_iter().chain(rest).collect();
    let last = frames.len() - 1;
    frames[last].flags |= flags::END_HEADERS;
    frames
}

/// DATA frames with so much content in all, and in each.
fn content(stream: StreamId, size: usize, piece: usize) -> impl Iterator<Item = Frame> {
    (0..size).step_by(piece).map(move |start| Frame::data(stream, blank(piece.min(size - start))))
}

/// The frames, with waits between them if they are more than a window: the client reads, and makes room.
fn paced(frames: Vec<Frame>) -> Vec<Step> {
    let is_long = frames.iter().map(|frame| frame.payload.len()).sum::<usize>() > WINDOW;
    let mut burst = 0;
    let mut steps = Vec::with_capacity(frames.len());
    for frame in frames {
        burst += frame.payload.len();
        if is_long && burst > BURST && frame.kind == FrameType::DATA {
            burst = frame.payload.len();
            steps.push(Step::Pass(0));
        }
        steps.push(Step::Send(frame));
    }
    steps
}

/// Fields that are rare, but legal: repeated ones, empty ones, long ones, and values with every legal character.
pub(super) fn fields() -> impl Strategy<Value = Vec<Field>> {
    static FIELDS: LazyLock<[Vec<Field>; 5]> = LazyLock::new(|| {
        // RFC 9110 §5.5: visible characters, obs-text, and spaces and tabs between them.
        let legal: String = ('!'..='~').chain("\t ".chars()).chain('\u{80}'..='\u{ff}').collect();
        [
            Vec::new(),
            owned(&[("via", "1"), ("cookie", "a=1"), ("via", "2"), ("cookie", "b=2"), ("via", "1")]),
            owned(&[("legal", &legal), ("empty", ""), ("!#$%&'*+-.^_`|~0a", "name")]),
            owned(&[("long", &"l".repeat(5_000))]),
            owned(&[("longer", &"L".repeat(20_000))]),
        ]
    });
    weighted([(120, 0), (8, 1), (6, 2), (2, 3), (1, 4)]).prop_map(|place: usize| FIELDS[place].clone())
}

/// The head of a response and part of its body. The application may read them before the response is cut short.
pub(super) fn cut_response() -> impl Strategy<Value = Vec<Step>> {
    let cut = prop_oneof![
        3 => error_code().prop_map(Cut::Reset),
        3 => error_code().prop_map(|code| Cut::Step(Step::Send(Frame::goaway(StreamId::CONNECTION, code, b"")))),
        2 => Just(Cut::Step(Step::Close)),
        1 => select(&IoFailure::ALL[..]).prop_map(|failure| Cut::Step(Step::FailRead(failure))),
        1 => Just(Cut::Step(Step::Pass(0))),
        2 => faulty().prop_map(|frame| Cut::Step(Step::Send(frame))),
    ];
    let large = weighted([(58, None), (1, Some(20_000)), (1, Some(WINDOW))]);
    (a_request_stream(), 0..20usize, large, any::<bool>(), cut).prop_map(|(stream, size, large, read, cut)| {
        let mut steps = vec![Step::Send(Frame::response(stream, 200))];
        steps.extend(content(stream, large.unwrap_or(size).max(1), MAX_PAYLOAD).map(Step::Send));
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

pub(super) fn head() -> impl Strategy<Value = Frame> {
    let status = weighted([(10, "200"), (2, "100"), (2, "103"), (1, "204"), (1, "304"), (1, "421"), (1, "503")]);
    let length = weighted([(6, None), (1, Some("0")), (1, Some("5")), (1, Some("12"))]);
    (a_stream(), status, length, end_stream()).prop_map(|(stream, status, length, end)| {
        let length = length.map(|length| ("content-length", length));
        ended(Frame::headers(stream, [(":status", status)].into_iter().chain(length)), end)
    })
}

pub(super) fn data() -> impl Strategy<Value = Frame> {
    choices::data([(2, 0), (7, 5), (7, 12), (1, 16_384)])
}

pub(super) fn trailers() -> impl Strategy<Value = Frame> {
    (a_stream(), weighted([(4, true), (1, false)]))
        .prop_map(|(stream, end)| ended(Frame::headers(stream, [("checksum", "1")]), end))
}

/// A head split into HEADERS and CONTINUATION, sometimes on the wrong stream or without END_HEADERS.
pub(super) fn split_head() -> impl Strategy<Value = Vec<Frame>> {
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
