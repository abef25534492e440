use super::{ErrorCode, SettingId, StreamId, hpack};
use bytes::{BufMut, Bytes, BytesMut};

/// A frame as on the wire (RFC 9113 §4.1), valid or not.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Frame {
    /// The type byte.
    pub kind: FrameType,
    /// The flags byte. Bits that the type does not define are kept.
    pub flags: u8,
    /// The reserved bit before the stream identifier, which a sender must leave unset.
    pub reserved: bool,
    /// The stream that the frame belongs to.
    pub stream: StreamId,
    /// The payload as sent.
    pub payload: Bytes,
    /// The length field (24 bits) if it is wrong; `None` if it equals the length of the payload.
    pub length: Option<u32>,
}

/// A frame type (RFC 9113 §6). Unknown types are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FrameType(pub u8);

super::named::named_numbers! {
    FrameType(u8) "frame type" "{:#04x}";
    0 DATA "Content of a request or response (§6.1)."
    1 HEADERS "Opens a stream, or carries the head of a response or trailers (§6.2)."
    2 PRIORITY "Deprecated priority signal (§6.3)."
    3 RST_STREAM "Ends a stream at once (§6.4)."
    4 SETTINGS "Parameters of the connection (§6.5)."
    5 PUSH_PROMISE "Announces a stream that the server will open (§6.6)."
    6 PING "Round-trip measurement (§6.7)."
    7 GOAWAY "Shutdown of the connection (§6.8)."
    8 WINDOW_UPDATE "Flow control (§6.9)."
    9 CONTINUATION "Continues a field block (§6.10)."
}

/// The flags of RFC 9113 §6. The meaning of a bit depends on the frame type.
pub mod flags {
    /// SETTINGS and PING: acknowledges a received frame.
    pub const ACK: u8 = 0x1;
    /// DATA and HEADERS: the sender's last DATA or HEADERS frame on the stream.
    pub const END_STREAM: u8 = 0x1;
    /// HEADERS, PUSH_PROMISE and CONTINUATION: the field block ends here.
    pub const END_HEADERS: u8 = 0x4;
    /// DATA, HEADERS and PUSH_PROMISE: the payload has a pad length and padding.
    pub const PADDED: u8 = 0x8;
    /// HEADERS: the payload has priority fields.
    pub const PRIORITY: u8 = 0x20;
}

impl Frame {
    /// A frame with a correct length and its reserved bit unset.
    pub fn new(kind: FrameType, flags: u8, stream: StreamId, payload: impl Into<Bytes>) -> Frame {
        Frame { kind, flags, reserved: false, stream, payload: payload.into(), length: None }
    }

    /// A DATA frame (§6.1).
    pub fn data(stream: StreamId, data: impl Into<Bytes>) -> Frame {
        Frame::new(FrameType::DATA, 0, stream, data)
    }

    /// A HEADERS frame (§6.2) with a whole field block.
    pub fn headers<'a>(stream: StreamId, fields: impl IntoIterator<Item = (&'a str, &'a str)>) -> Frame {
        Frame::headers_block(stream, hpack::encode(fields)).with_flags(flags::END_HEADERS)
    }

    /// A HEADERS frame (§6.2) with `block` as given, without END_HEADERS.
    pub fn headers_block(stream: StreamId, block: impl Into<Bytes>) -> Frame {
        Frame::new(FrameType::HEADERS, 0, stream, block)
    }

    /// A HEADERS frame with the head of a response with this status.
    pub fn response(stream: StreamId, status: u16) -> Frame {
        Frame::headers(stream, [(":status", status.to_string().as_str())])
    }

    /// A PRIORITY frame (§6.3); `weight` is the value on the wire, one less than the weight it stands for.
    pub fn priority(stream: StreamId, exclusive: bool, depends_on: StreamId, weight: u8) -> Frame {
        Frame::new(FrameType::PRIORITY, 0, stream, priority_fields(exclusive, depends_on, weight))
    }

    /// A RST_STREAM frame (§6.4).
    pub fn rst_stream(stream: StreamId, code: ErrorCode) -> Frame {
        Frame::new(FrameType::RST_STREAM, 0, stream, code.0.to_be_bytes().to_vec())
    }

    /// A SETTINGS frame (§6.5).
    pub fn settings(settings: impl IntoIterator<Item = (SettingId, u32)>) -> Frame {
        let mut payload = BytesMut::new();
        for (id, value) in settings {
            payload.put_u16(id.0);
            payload.put_u32(value);
        }
        Frame::new(FrameType::SETTINGS, 0, StreamId::CONNECTION, payload)
    }

    /// The acknowledgement of a SETTINGS frame (§6.5.3).
    pub fn settings_ack() -> Frame {
        Frame::settings([]).with_flags(flags::ACK)
    }

    /// A PUSH_PROMISE frame (§6.6) with a whole field block.
    pub fn push_promise<'a>(
        stream: StreamId,
        promised: StreamId,
        fields: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Frame {
        Frame::push_promise_block(stream, promised, &hpack::encode(fields)).with_flags(flags::END_HEADERS)
    }

    /// A PUSH_PROMISE frame (§6.6) with `block` as given, without END_HEADERS.
    pub fn push_promise_block(stream: StreamId, promised: StreamId, block: &[u8]) -> Frame {
        let mut payload = BytesMut::with_capacity(4 + block.len());
        payload.put_u32(promised.get());
        payload.put_slice(block);
        Frame::new(FrameType::PUSH_PROMISE, 0, stream, payload)
    }

    /// A PING frame (§6.7).
    pub fn ping(opaque: [u8; 8]) -> Frame {
        Frame::new(FrameType::PING, 0, StreamId::CONNECTION, opaque.to_vec())
    }

    /// A GOAWAY frame (§6.8).
    pub fn goaway(last_stream_id: StreamId, code: ErrorCode, debug_data: &[u8]) -> Frame {
        let mut payload = BytesMut::with_capacity(8 + debug_data.len());
        payload.put_u32(last_stream_id.get());
        payload.put_u32(code.0);
        payload.put_slice(debug_data);
        Frame::new(FrameType::GOAWAY, 0, StreamId::CONNECTION, payload)
    }

    /// The same frame; if it is a GOAWAY, with the last_stream_id that `of` gives for its own (§6.8).
    pub fn with_last_stream_id(mut self, of: impl FnOnce(StreamId) -> StreamId) -> Frame {
        if self.kind == FrameType::GOAWAY
            && let Some((last, rest)) = self.payload.split_first_chunk()
        {
            let last = of(StreamId::from_word(u32::from_be_bytes(*last)));
            self.payload = [&last.get().to_be_bytes()[..], rest].concat().into();
        }
        self
    }

    /// A WINDOW_UPDATE frame (§6.9). The top bit of `increment` is the reserved bit.
    pub fn window_update(stream: StreamId, increment: u32) -> Frame {
        Frame::new(FrameType::WINDOW_UPDATE, 0, stream, increment.to_be_bytes().to_vec())
    }

    /// A CONTINUATION frame (§6.10), without END_HEADERS.
    pub fn continuation(stream: StreamId, block: impl Into<Bytes>) -> Frame {
        Frame::new(FrameType::CONTINUATION, 0, stream, block)
    }

    /// The same frame with these flags set too.
    pub fn with_flags(mut self, flags: u8) -> Frame {
        self.flags |= flags;
        self
    }

    /// The same frame with END_STREAM set.
    pub fn end_stream(self) -> Frame {
        self.with_flags(flags::END_STREAM)
    }

    /// The same frame on another stream.
    pub fn on(mut self, stream: StreamId) -> Frame {
        self.stream = stream;
        self
    }

    /// The same frame with a pad length before its payload and `padding` bytes after it (§6.1).
    pub fn padded(mut self, padding: u8) -> Frame {
        let mut payload = BytesMut::with_capacity(1 + self.payload.len() + usize::from(padding));
        payload.put_u8(padding);
        payload.put_slice(&self.payload);
        payload.put_bytes(0, usize::from(padding));
        self.payload = payload.freeze();
        self.with_flags(flags::PADDED)
    }

    /// The same frame with priority fields before its payload (§6.2). Call it before [`Frame::padded`].
    pub fn prioritised(mut self, exclusive: bool, depends_on: StreamId, weight: u8) -> Frame {
        let mut payload = BytesMut::from(&priority_fields(exclusive, depends_on, weight)[..]);
        payload.put_slice(&self.payload);
        self.payload = payload.freeze();
        self.with_flags(flags::PRIORITY)
    }

    /// Whether all these flag bits are set.
    pub fn has(&self, flags: u8) -> bool {
        self.flags & flags == flags
    }

    /// The stream dependency of a HEADERS frame (RFC 7540 §6.2), or `None` if it has none.
    pub fn dependency(&self) -> Option<StreamId> {
        if self.kind != FrameType::HEADERS || !self.has(flags::PRIORITY) {
            return None;
        }
        let fields = self.payload.get(usize::from(self.has(flags::PADDED))..)?;
        let (stream, _weight) = fields.get(..5)?.split_first_chunk()?;
        Some(StreamId::from_word(u32::from_be_bytes(*stream)))
    }

    /// Whether the frame ends the sender's side of its stream: DATA or HEADERS with END_STREAM.
    pub fn ends_stream(&self) -> bool {
        matches!(self.kind, FrameType::DATA | FrameType::HEADERS) && self.has(flags::END_STREAM)
    }
}

fn priority_fields(exclusive: bool, depends_on: StreamId, weight: u8) -> Vec<u8> {
    let mut fields = (depends_on.get() | u32::from(exclusive) << 31).to_be_bytes().to_vec();
    fields.push(weight);
    fields
}
