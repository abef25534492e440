//! The frames in a capture of packets: the bytes of each connection as they crossed, if nothing encrypts them.

use super::{FrameLog, Line, LogSource, Missing, connection::Connection, field_blocks::FieldBlocks};
use crate::{
    http2::{
        Frame, FrameType, StreamId, View, flags,
        wire::{self, Header, PREFACE},
    },
    peer::Crossed,
    script::IoFailure,
};
use bytes::{Bytes, BytesMut};
use std::collections::BTreeSet;
use thiserror::Error;

/// A TCP connection of a capture.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CapturedConnection {
    /// What its sides sent, in the order of the capture.
    pub sent: Vec<(Side, Sent)>,
    /// Whether the capture has the packet that opened it. If not, it is a guess which side is the client.
    pub is_opened: bool,
    /// Whether packets behind these are missing, or were captured only in part.
    pub is_cut: bool,
}

/// A side of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The one that opened it.
    Client,
    /// The other one.
    Server,
}

/// What a side sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sent {
    /// Bytes, without repetitions and in order.
    Bytes(Bytes),
    /// The end of its bytes.
    End,
    /// A reset of the connection.
    Reset,
}

/// Why a capture tells nothing. Of several connections, the greatest counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Error)]
pub enum NoFrames {
    /// No TCP connection carries anything.
    #[error("no TCP connection in it carries anything")]
    Nothing,
    /// Another protocol.
    #[error("its TCP connections carry neither HTTP/2 nor TLS")]
    OtherProtocol,
    /// HTTP/1.
    #[error("its connections speak HTTP/1, which has no frames")]
    Http1,
    /// TLS.
    #[error("its connections are encrypted")]
    Encrypted,
    /// HTTP/2, but no HEADERS of a client.
    #[error("it has frames of HTTP/2, but no request")]
    NoRequest,
}

/// Reads the connections of a capture.
///
/// # Errors
///
/// If none of them has an HTTP/2 request that can be read.
pub fn read_capture(captured: Vec<CapturedConnection>) -> Result<FrameLog, NoFrames> {
    let (mut connections, mut missing) = (Vec::new(), BTreeSet::new());
    let mut nothing = NoFrames::Nothing;
    for captured in captured {
        let is_cut = captured.is_cut;
        match captured.read(&mut missing) {
            Ok(connection) if connection.has_request() => {
                missing.extend(is_cut.then_some(Missing::Packets));
                connection.lacks(&mut missing);
                connections.push(connection.into_logged());
            }
            Ok(_) => nothing = nothing.max(NoFrames::NoRequest),
            Err(why) => {
                missing.extend((why == NoFrames::Encrypted).then_some(Missing::Encrypted));
                nothing = nothing.max(why);
            }
        }
    }
    match connections.is_empty() {
        true => Err(nothing),
        false => Ok(FrameLog { source: LogSource::Capture, connections, missing }),
    }
}

/// How many of the first bytes of a side show what it speaks.
const BEGINNING: usize = 64 << 10;

/// How many of the first pieces of a side may come before one that begins with a frame.
const MOST_PIECES: usize = 64;

/// Where the frames of both sides begin.
struct Begin {
    /// The number of bytes before the first frame of the client, and of the server; none if no frame was found.
    before: [Option<usize>; 2],
    /// Whether nothing is missing before the first frames.
    is_whole: bool,
    /// The request that HTTP/1.1 carried before the connection was upgraded.
    upgraded: Option<Frame>,
}

impl CapturedConnection {
    fn read(mut self, missing: &mut BTreeSet<Missing>) -> Result<Connection, NoFrames> {
        if self.beginning(Side::Server).starts_with(PREFACE) {
            self.swap_sides();
        }
        let begin = match self.begin_whole() {
            Some(begin) => begin,
            None => self.begin_midway(missing)?,
        };
        let mut frames = Frames {
            lines: Vec::new(),
            before: begin.before,
            left: Default::default(),
            blocks: FieldBlocks::new(begin.is_whole),
        };
        begin.upgraded.into_iter().for_each(|request| frames.blocks.written(request, &mut frames.lines));
        for (side, sent) in self.sent {
            frames.take(side, sent);
        }
        frames.rest_of_server();
        Ok(Connection::captured(frames.lines, begin.is_whole))
    }

    fn bytes(&self, of: Side) -> impl Iterator<Item = &Bytes> {
        self.sent.iter().filter_map(move |(side, sent)| match sent {
            Sent::Bytes(bytes) if *side == of => Some(bytes),
            _ => None,
        })
    }

    fn beginning(&self, side: Side) -> Vec<u8> {
        self.bytes(side).flatten().take(BEGINNING).copied().collect()
    }

    fn swap_sides(&mut self) {
        for (side, _) in &mut self.sent {
            *side = side.other();
        }
    }

    /// Where the frames begin if the client's preface is there, at once or behind an upgrade (RFC 7540 §3.2).
    fn begin_whole(&self) -> Option<Begin> {
        let [client, server] = [Side::Client, Side::Server].map(|side| self.beginning(side));
        if client.starts_with(PREFACE) {
            return Some(Begin { before: [Some(PREFACE.len()), Some(0)], is_whole: true, upgraded: None });
        }
        if !server.starts_with(b"HTTP/1.1 101 ") {
            return None;
        }
        let preface = find(&client, PREFACE)? + PREFACE.len();
        let response = find(&server, b"\r\n\r\n")? + 4;
        let method = str::from_utf8(client.split(|byte| *byte == b' ').next()?).ok()?;
        let head = Frame::headers(StreamId::FIRST, [(":method", method)]).end_stream();
        Some(Begin { before: [Some(preface), Some(response)], is_whole: true, upgraded: Some(head) })
    }

    /// Where the frames begin if the connection began before the capture.
    fn begin_midway(&mut self, missing: &mut BTreeSet<Missing>) -> Result<Begin, NoFrames> {
        let [client, server] = [Side::Client, Side::Server].map(|side| self.beginning(side));
        let either = |speaks: fn(&[u8]) -> bool| speaks(&client) || speaks(&server);
        if client.is_empty() && server.is_empty() {
            return Err(NoFrames::Nothing);
        }
        if either(is_tls) {
            return Err(NoFrames::Encrypted);
        }
        if either(is_http1) {
            return Err(NoFrames::Http1);
        }
        let mut before = [Side::Client, Side::Server].map(|side| self.before_frames(side));
        if before == [None, None] {
            return Err(NoFrames::OtherProtocol);
        }
        if !self.is_opened {
            let sends = |side: Side, message| self.sends(side, before[side as usize], message);
            if sends(Side::Server, REQUEST) || sends(Side::Client, RESPONSE) {
                self.swap_sides();
                before.reverse();
            } else if !sends(Side::Client, REQUEST) && !sends(Side::Server, RESPONSE) {
                missing.insert(Missing::Client);
            }
        }
        Ok(Begin { before, is_whole: false, upgraded: None })
    }

    /// The number of bytes of a side before the first piece that begins with a frame. Writers begin a piece with one.
    fn before_frames(&self, side: Side) -> Option<usize> {
        let pieces: Vec<&Bytes> = self.bytes(side).take(MOST_PIECES).collect();
        (0..pieces.len()).find_map(|first| {
            let ahead = pieces[first..].iter().copied().flatten().take(BEGINNING).copied();
            let is_found = are_frames(&ahead.collect::<Vec<u8>>());
            is_found.then(|| pieces[..first].iter().map(|piece| piece.len()).sum())
        })
    }

    /// Whether the first HEADERS of a side begin with one of these fields of the static table.
    fn sends(&self, side: Side, before: Option<usize>, fields: &[u8]) -> bool {
        let Some(before) = before else { return false };
        let mut bytes = self.bytes(side).flatten().skip(before).take(BEGINNING).copied().collect::<Bytes>();
        while let Some(frame) = wire::decode(&mut bytes) {
            if let (FrameType::HEADERS, View::Headers([first, ..])) = (frame.kind, frame.view()) {
                let name = match first {
                    0x80.. => first & 0x7f,
                    0x40..0x80 => first & 0x3f,
                    _ => first & 0x0f,
                };
                return fields.contains(&name);
            }
        }
        false
    }
}

/// The fields of the static table that a request begins with (RFC 7541, appendix A).
const REQUEST: &[u8] = &[1, 2, 3, 4, 5, 6, 7];
/// Those that a response begins with.
const RESPONSE: &[u8] = &[8, 9, 10, 11, 12, 13, 14];

impl Side {
    /// The side opposite.
    pub fn other(self) -> Side {
        match self {
            Side::Client => Side::Server,
            Side::Server => Side::Client,
        }
    }
}

/// The frames of a connection, as its bytes come.
struct Frames {
    lines: Vec<Line>,
    /// For each side, the number of bytes before its frames that are still to come; none if its frames are not found.
    before: [Option<usize>; 2],
    /// The bytes of each side that are no whole frame yet.
    left: [BytesMut; 2],
    blocks: FieldBlocks,
}

impl Frames {
    fn take(&mut self, side: Side, sent: Sent) {
        let crossed = match (side, sent) {
            (_, Sent::Bytes(bytes)) => return self.take_bytes(side, bytes),
            (Side::Client, Sent::End | Sent::Reset) => Crossed::ClientClosed,
            (Side::Server, Sent::End) => Crossed::ReadEnd,
            (Side::Server, Sent::Reset) => Crossed::ReadFailed(IoFailure::CONNECTION_RESET),
        };
        if side == Side::Server {
            self.rest_of_server();
        }
        self.lines.push(Line { crossed, has_fields: true });
    }

    fn take_bytes(&mut self, side: Side, mut bytes: Bytes) {
        let Some(before) = &mut self.before[side as usize] else { return };
        let skipped = bytes.split_to(bytes.len().min(*before));
        *before -= skipped.len();
        self.left[side as usize].extend_from_slice(&bytes);
        while let Some(frame) = self.next_frame(side) {
            match side {
                Side::Client => self.blocks.written(frame, &mut self.lines),
                Side::Server => self.blocks.received(frame, &mut self.lines),
            }
        }
    }

    fn next_frame(&mut self, side: Side) -> Option<Frame> {
        let left = &mut self.left[side as usize];
        let length = Header::read(left)?.frame_length();
        (left.len() >= length).then(|| wire::decode(&mut left.split_to(length).freeze()))?
    }

    /// The beginning of a frame that the server has not sent whole: it shows that it had begun to answer.
    fn rest_of_server(&mut self) {
        let left = std::mem::take(&mut self.left[Side::Server as usize]);
        if let Some(header) = Header::read(&left) {
            let begun = header.with_payload(left.freeze().slice(wire::HEADER_LENGTH..));
            self.lines.push(Line { crossed: Crossed::Received(begun), has_fields: true });
        }
    }
}

/// Whether these bytes are a sequence of frames, of which the last may be cut short.
fn are_frames(mut bytes: &[u8]) -> bool {
    let Some(first) = Header::read(bytes) else { return false };
    let mut header = Some(first);
    while let Some(found) = header {
        if !is_plausible(found) {
            return false;
        }
        bytes = bytes.get(found.frame_length()..).unwrap_or_default();
        header = Header::read(bytes);
    }
    true
}

/// Whether a frame that keeps to RFC 9113 §6 has this header.
fn is_plausible(header: Header) -> bool {
    const LONGEST: u32 = 1 << 20;
    let length = header.length;
    let (of_connection, fits) = match header.kind {
        FrameType::DATA | FrameType::HEADERS | FrameType::CONTINUATION => (false, length <= LONGEST),
        FrameType::PUSH_PROMISE => (false, (4..=LONGEST).contains(&length)),
        FrameType::PRIORITY => (false, length == 5),
        FrameType::RST_STREAM => (false, length == 4),
        FrameType::SETTINGS => (true, length.is_multiple_of(6) && length < 1_000),
        FrameType::PING => (true, length == 8),
        FrameType::GOAWAY => (true, (8..=LONGEST).contains(&length)),
        FrameType::WINDOW_UPDATE => (header.stream.is_connection(), length == 4),
        _ => return false,
    };
    const FLAGS: u8 = flags::END_STREAM | flags::END_HEADERS | flags::PADDED | flags::PRIORITY;
    fits && of_connection == header.stream.is_connection() && !header.reserved && header.flags & !FLAGS == 0
}

/// Whether these are records of TLS (RFC 8446 §5.1): an alert, a handshake, or data.
fn is_tls(bytes: &[u8]) -> bool {
    matches!(bytes, [0x15..=0x17, 3, 0..=4, ..])
}

fn is_http1(bytes: &[u8]) -> bool {
    let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    bytes.starts_with(b"HTTP/1.") || find(line, b" HTTP/1.").is_some()
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}
