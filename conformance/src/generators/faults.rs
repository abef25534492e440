//! What a peer must not send, and more than a client may tolerate.

use super::{
    choices::{any_stream, blank, borrowed, owned},
    responses::{data, head, trailers},
    scripts::{goaway, harmless, push_promise, rst_stream, settings},
};
use crate::{
    http2::{ErrorCode, Frame, FrameType, SettingId, StreamId, flags, hpack, hpack::Field},
    script::Step,
};
use bytes::Bytes;
use proptest::{collection::vec, prelude::*, sample::select};

/// A frame from the other generators, with one fault.
pub(super) fn faulty() -> impl Strategy<Value = Frame> {
    let frame = prop_oneof![head(), data(), trailers(), rst_stream(), goaway(), settings(), harmless(), push_promise()];
    (frame, fault()).prop_map(|(frame, fault)| fault.put_into(frame))
}

pub(super) fn fault() -> impl Strategy<Value = Fault> {
    prop_oneof![
        3 => any_stream().prop_map(Fault::Stream),
        2 => any::<u8>().prop_map(Fault::Flags),
        1 => Just(Fault::Reserved),
        2 => (0..12usize).prop_map(Fault::Cut),
        1 => vec(any::<u8>(), 1..6).prop_map(Fault::Grow),
        1 => any::<u8>().prop_map(Fault::PadLength),
        1 => (0..40u32).prop_map(Fault::Length),
        4 => odd_fields().prop_map(Fault::Fields),
        1 => vec(any::<u8>(), 0..12).prop_map(Fault::Payload),
    ]
}

/// One way in which a frame can be wrong.
#[derive(Clone, Debug)]
pub(super) enum Fault {
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
    pub(super) fn put_into(self, mut frame: Frame) -> Frame {
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
                frame.payload = hpack::encode(borrowed(&fields)).into();
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
    let with_status = |fields: Vec<Field>| [owned(&[(":status", "200")]), fields].concat();
    let mut sections: Vec<Vec<Field>> = whole.into_iter().map(owned).collect();
    sections.extend(beside_status.into_iter().map(owned).map(with_status));
    select(sections)
}

pub(super) fn raw() -> impl Strategy<Value = Bytes> {
    let known: Vec<&'static [u8]> = vec![
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"\x15\x03\x03\x00\x02\x02\x28",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"\x00\x00",
    ];
    prop_oneof![select(known).prop_map(Bytes::from_static), vec(any::<u8>(), 1..20).prop_map(Bytes::from)]
}

/// More frames of one kind than a client may tolerate.
pub(super) fn flood() -> impl Strategy<Value = Vec<Step>> {
    let stream = StreamId::FIRST;
    let again = |frame: Frame, times: usize| vec![frame; times];
    let window = |size| Frame::settings([(SettingId::INITIAL_WINDOW_SIZE, size)]);
    let windows = [0x7fff_ffff, 0, 0x7fff_ffff, 0].map(window).to_vec();
    let answered = |flood: Vec<Frame>| [vec![Frame::response(stream, 200)], flood].concat();
    let frames = vec![
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
    ];
    let sent = |frames: Vec<Frame>| frames.into_iter().map(Step::Send).collect::<Vec<_>>();
    let floods: Vec<_> = frames.into_iter().map(sent).chain([padding_fills_the_window(stream)]).collect();
    select(floods)
}

/// Padding that uses up a window even if the content is given back: the peer fills what is left of it, half with padding,
/// until nothing is left.
fn padding_fills_the_window(stream: StreamId) -> Vec<Step> {
    let frame = |padding| Step::Send(Frame::data(stream, blank(256)).padded(padding));
    let mut steps = vec![Step::Send(Frame::response(stream, 200))];
    for frames in (0..8).map(|halvings| 128 >> halvings) {
        // The window has an odd number of bytes: 65,535.
        steps.push(frame(if frames == 128 { 254 } else { 255 }));
        steps.extend(std::iter::repeat_n(frame(255), frames - 1));
        steps.push(Step::Pass(0));
    }
    steps.extend([Step::Send(Frame::data(stream, blank(0)).padded(255)), Step::Pass(0)]);
    steps
}

/// A field block of 8 KB that decodes to more than 16 MiB: one long field in the dynamic table, referenced repeatedly.
fn oversized_block() -> Vec<u8> {
    let status_200 = [0x88];
    let indexed_literal = [&[0x40, 0x01, b'a', 0x7f, 0xa1, 0x1e][..], &[b'.'; 4_000]].concat();
    let same_again = [0xbe; 4_165];
    [&status_200[..], &indexed_literal, &same_again].concat()
}
