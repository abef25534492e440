//! Clients with faults, for servers.

use super::{
    choices::{a_stream, blank, data, end_stream, ended, weighted},
    faults::{fault, raw},
    scripts::{goaway, harmless, push_promise, rst_stream, settings},
};
use crate::{
    http2::{Frame, FrameType, StreamId, flags, hpack, wire::PREFACE},
    script::{Script, Step},
};
use bytes::Bytes;
use proptest::{collection::vec, prelude::*};

/// What a client sends to a server: its preface and SETTINGS, then up to twelve moves. Most are requests and other legal
/// frames; a few contain a fault. Between moves the client often waits until the server can do no more.
pub fn clients() -> impl Strategy<Value = Script> {
    let hurries = weighted([(3, false), (1, true)]);
    let acknowledges = weighted([(9, true), (1, false)]);
    let moves = vec((a_move(), any::<bool>()), 1..13);
    (settings(), acknowledges, moves, hurries).prop_map(|(settings, acknowledges, moves, hurries)| {
        let mut steps = vec![Step::SendRaw(Bytes::from_static(PREFACE)), Step::Send(settings)];
        if acknowledges {
            steps.extend([Step::Pass(0), Step::Send(Frame::settings_ack())]);
        }
        let mut opened = 0;
        for (a_move, waits) in moves {
            match a_move {
                Move::Request(frames, is_slow) => {
                    let stream = StreamId::of_request(opened);
                    for frame in frames {
                        steps.push(Step::Send(frame.on(stream)));
                        steps.extend(is_slow.then_some(Step::Pass(0)));
                    }
                    opened += 1;
                }
                Move::Frame(frame) => steps.push(Step::Send(frame)),
                Move::Raw(bytes) => steps.push(Step::SendRaw(bytes)),
            }
            if waits && !hurries {
                steps.push(Step::Pass(0));
            }
        }
        steps.extend([Step::Pass(0), Step::Close]);
        Script::new(steps)
    })
}

/// The next move of a client.
#[derive(Clone, Debug)]
enum Move {
    /// The frames of a request, which are sent on the next stream, and whether the client waits after each of them.
    Request(Vec<Frame>, bool),
    Frame(Frame),
    Raw(Bytes),
}

fn a_move() -> impl Strategy<Value = Move> {
    prop_oneof![
        34 => request().prop_map(|frames| Move::Request(frames, false)),
        2 => upload().prop_map(|frames| Move::Request(frames, true)),
        12 => legal().prop_map(Move::Frame),
        4 => (legal(), fault()).prop_map(|(frame, fault)| Move::Frame(fault.put_into(frame))),
        3 => head_again().prop_map(Move::Frame),
        1 => push_promise().prop_map(Move::Frame),
        1 => raw().prop_map(Move::Raw),
    ]
}

/// A frame that is legal in some state.
fn legal() -> impl Strategy<Value = Frame> {
    prop_oneof![
        5 => data([(2, 0), (7, 5), (4, 900), (1, 1_100)]),
        4 => rst_stream(),
        2 => goaway(),
        4 => settings(),
        1 => Just(Frame::settings_ack()),
        6 => harmless(),
    ]
}

/// A request, or the beginning of one, with the first stream for all of its frames.
fn request() -> impl Strategy<Value = Vec<Frame>> {
    let path = weighted([(4, "/0"), (1, "/bytes/300"), (2, "/bytes/20000"), (1, "/bytes/70000")]);
    let method = weighted([(6, "GET"), (1, "HEAD"), (5, "POST"), (1, "CONNECT")]);
    let content = vec(weighted([(4, 5), (2, 300), (1, 0), (1, 1_100)]), 0..3);
    let length = weighted([(6, None), (1, Some("5")), (1, Some("305")), (1, Some("x"))]);
    let (trailers, ends) = (weighted([(5, false), (1, true)]), weighted([(5, true), (1, false)]));
    let split = weighted([(7, None), (1, Some(4))]);
    (path, method, content, length, trailers, ends, split).prop_map(
        |(path, method, content, length, trailers, ends, split)| {
            let stream = StreamId::FIRST;
            let mut fields = vec![(":method", method), (":authority", "peer.test")];
            if method != "CONNECT" {
                fields.extend([(":scheme", "http"), (":path", path)]);
            }
            fields.extend(length.map(|length| ("content-length", length)));
            let mut frames = head(stream, &hpack::encode(fields), split);
            if method == "POST" {
                frames.extend(content.into_iter().map(|size| Frame::data(stream, blank(size))));
            }
            if trailers {
                frames.push(Frame::headers(stream, [("checksum", "1")]));
            }
            let carries = |frame: &&mut Frame| matches!(frame.kind, FrameType::HEADERS | FrameType::DATA);
            if let Some(last) = frames.iter_mut().rfind(carries).filter(|_| ends) {
                last.flags |= flags::END_STREAM;
            }
            frames
        },
    )
}

/// An upload in pieces of one size, which may take more than the window of its stream.
fn upload() -> impl Strategy<Value = Vec<Frame>> {
    let (size, padding) =
        (weighted([(2, 5), (2, 200), (1, 900)]), weighted([(2, None), (1, Some(100)), (1, Some(255))]));
    (1..10usize, size, padding, any::<bool>()).prop_map(|(pieces, size, padding, ends)| {
        let stream = StreamId::FIRST;
        let fields = [(":method", "POST"), (":scheme", "http"), (":authority", "peer.test"), (":path", "/0")];
        let piece = Frame::data(stream, blank(size));
        let piece = if let Some(padding) = padding { piece.padded(padding) } else { piece };
        let mut frames = vec![Frame::headers(stream, fields)];
        frames.extend(vec![piece; pieces]);
        frames.extend(ends.then(|| Frame::data(stream, "").end_stream()));
        frames
    })
}

/// A field block in one frame, or in two with so many bytes in the first.
fn head(stream: StreamId, block: &[u8], split: Option<usize>) -> Vec<Frame> {
    let (first, rest) = block.split_at(split.unwrap_or(block.len()).min(block.len()));
    let first = Frame::headers_block(stream, first.to_vec());
    match split {
        None => vec![first.with_flags(flags::END_HEADERS)],
        Some(_) => vec![first, Frame::continuation(stream, rest.to_vec()).with_flags(flags::END_HEADERS)],
    }
}

/// Field sections on any stream: a head or trailers, where the stream may have ended long ago.
fn head_again() -> impl Strategy<Value = Frame> {
    let fields = weighted([
        (2, &[(":method", "GET"), (":scheme", "http"), (":authority", "peer.test"), (":path", "/0")][..]),
        (1, &[("checksum", "1")]),
        (1, &[(":method", "GET"), (":path", "/0")]),
    ]);
    (a_stream(), fields, end_stream())
        .prop_map(|(stream, fields, end)| ended(Frame::headers(stream, fields.iter().copied()), end))
}
