//! The byte form of frames (RFC 9113 §4.1).

use super::{Frame, FrameType, StreamId};
use bytes::{BufMut, Bytes};

/// The bytes that a client sends before its first frame (RFC 9113 §3.4).
pub const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// The length of a frame header.
pub const HEADER_LENGTH: usize = 9;

/// The first 9 bytes of a frame, parsed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// The length field: the payload's length according to the frame.
    pub length: u32,
    /// The type byte.
    pub kind: FrameType,
    /// The flags byte.
    pub flags: u8,
    /// The reserved bit.
    pub reserved: bool,
    /// The stream identifier.
    pub stream: StreamId,
}

impl Header {
    /// The header at the start of `bytes`, or `None` if there are fewer than 9.
    pub fn read(bytes: &[u8]) -> Option<Header> {
        let header: &[u8; HEADER_LENGTH] = bytes.get(..HEADER_LENGTH)?.try_into().ok()?;
        let word = u32::from_be_bytes([header[5], header[6], header[7], header[8]]);
        Some(Header {
            length: u32::from_be_bytes([0, header[0], header[1], header[2]]),
            kind: FrameType(header[3]),
            flags: header[4],
            reserved: word >> 31 == 1,
            stream: StreamId::from_word(word),
        })
    }

    /// The length of the whole frame, including its header.
    pub fn frame_length(self) -> usize {
        HEADER_LENGTH + self.length as usize
    }

    /// The frame with this header and `payload`. Its length field is wrong if `payload` has a different length.
    pub fn with_payload(self, payload: Bytes) -> Frame {
        Frame {
            kind: self.kind,
            flags: self.flags,
            reserved: self.reserved,
            stream: self.stream,
            length: (payload.len() != self.length as usize).then_some(self.length),
            payload,
        }
    }
}

/// Appends the frame in its byte form.
///
/// If the payload has 2^24 bytes or more, the length field holds the low 24 bits of its length.
pub fn encode(frame: &Frame, out: &mut impl BufMut) {
    let length = frame.length.unwrap_or(frame.payload.len() as u32);
    out.put_uint(u64::from(length & 0x00ff_ffff), 3);
    out.put_u8(frame.kind.0);
    out.put_u8(frame.flags);
    out.put_u32(frame.stream.get() | u32::from(frame.reserved) << 31);
    out.put_slice(&frame.payload);
}

/// Splits the first frame off `bytes`; `None` if it is not whole.
pub fn decode(bytes: &mut Bytes) -> Option<Frame> {
    let header = Header::read(bytes)?;
    if bytes.len() < header.frame_length() {
        return None;
    }
    let payload = bytes.split_to(header.frame_length()).split_off(HEADER_LENGTH);
    Some(header.with_payload(payload))
}
