use super::{ErrorCode, Frame, FrameType, SettingId, StreamId, flags, hpack::Field};
use std::fmt;

/// The payload of a frame, read by the layouts of RFC 9113 §6.
///
/// A view covers the payload only. Whether the frame is legal where it occurs is for the model to decide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum View<'a> {
    /// Content (§6.1), padding removed.
    Data(&'a [u8]),
    /// A field block or its first part (§6.2), priority fields and padding removed.
    Headers(&'a [u8]),
    /// The deprecated priority signal (§6.3).
    Priority {
        /// The stream depended on.
        depends_on: StreamId,
        /// Whether the dependency is exclusive.
        exclusive: bool,
        /// The value on the wire, one less than the weight it stands for.
        weight: u8,
    },
    /// The end of a stream (§6.4).
    RstStream(ErrorCode),
    /// Settings (§6.5) in the order sent.
    Settings(Vec<(SettingId, u32)>),
    /// A promised stream and the field block of its request (§6.6), padding removed.
    PushPromise {
        /// The stream promised.
        promised: StreamId,
        /// The field block or its first part.
        block: &'a [u8],
    },
    /// The opaque data of a PING (§6.7).
    Ping([u8; 8]),
    /// A shutdown (§6.8).
    GoAway {
        /// The last stream that was or might still be processed.
        last_stream_id: StreamId,
        /// Why the connection ends.
        code: ErrorCode,
        /// Additional debug data.
        debug_data: &'a [u8],
    },
    /// An increment of a flow-control window (§6.9), its reserved bit dropped.
    WindowUpdate(u32),
    /// A further part of a field block (§6.10).
    Continuation(&'a [u8]),
    /// A type that RFC 9113 does not define. A receiver ignores it (§5.5).
    Unknown,
    /// A payload that does not fit its type's layout: cut short, padded beyond its end, or with a wrong length field.
    Malformed,
}

impl Frame {
    /// The payload read by the layout of the frame's type.
    pub fn view(&self) -> View<'_> {
        if self.length.is_some() {
            return View::Malformed;
        }
        self.well_formed().unwrap_or(View::Malformed)
    }

    fn well_formed(&self) -> Option<View<'_>> {
        let payload = &self.payload[..];
        let exactly = |length: usize| (payload.len() == length).then_some(payload);
        Some(match self.kind {
            FrameType::DATA => View::Data(self.unpadded()?),
            FrameType::HEADERS => {
                let fields = self.unpadded()?;
                View::Headers(if self.has(flags::PRIORITY) { fields.get(5..)? } else { fields })
            }
            FrameType::PRIORITY => {
                let payload = exactly(5)?;
                View::Priority {
                    depends_on: StreamId::from_word(word(payload)?),
                    exclusive: payload[0] & 0x80 != 0,
                    weight: payload[4],
                }
            }
            FrameType::RST_STREAM => View::RstStream(ErrorCode(word(exactly(4)?)?)),
            FrameType::SETTINGS if payload.len().is_multiple_of(6) => View::Settings(
                payload
                    .chunks_exact(6)
                    .filter_map(|setting| {
                        Some((SettingId(u16::from_be_bytes([setting[0], setting[1]])), word(&setting[2..])?))
                    })
                    .collect(),
            ),
            FrameType::SETTINGS => return None,
            FrameType::PUSH_PROMISE => {
                let unpadded = self.unpadded()?;
                View::PushPromise { promised: StreamId::from_word(word(unpadded)?), block: &unpadded[4..] }
            }
            FrameType::PING => View::Ping(payload.try_into().ok()?),
            FrameType::GOAWAY => View::GoAway {
                last_stream_id: StreamId::from_word(word(payload)?),
                code: ErrorCode(word(payload.get(4..)?)?),
                debug_data: &payload[8..],
            },
            FrameType::WINDOW_UPDATE => View::WindowUpdate(StreamId::from_word(word(exactly(4)?)?).get()),
            FrameType::CONTINUATION => View::Continuation(payload),
            _ => View::Unknown,
        })
    }

    fn unpadded(&self) -> Option<&[u8]> {
        if !self.has(flags::PADDED) {
            return Some(&self.payload);
        }
        let (padding, rest) = self.payload.split_first()?;
        rest.get(..rest.len().checked_sub(usize::from(*padding))?)
    }
}

fn word(bytes: &[u8]) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(..4)?.try_into().ok()?))
}

fn bytes(count: usize) -> String {
    if count == 1 { "1 byte".into() } else { format!("{count} bytes") }
}

/// One line of a timeline: type, stream, payload, flags, faults.
impl fmt::Display for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.fmt_with(f, super::hpack::decode)
    }
}

/// The same line, with these fields in place of the decoded field block.
pub struct WithFields<'f>(pub &'f Frame, pub &'f [Field]);

impl fmt::Display for WithFields<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt_with(f, |_| Some(self.1.to_vec()))
    }
}

impl Frame {
    fn fmt_with(&self, f: &mut fmt::Formatter<'_>, fields: impl FnOnce(&[u8]) -> Option<Vec<Field>>) -> fmt::Result {
        write!(f, "{}", self.kind)?;
        if !self.stream.is_connection() {
            write!(f, " stream={}", self.stream)?;
        }
        match self.view() {
            View::Data(data) => write!(f, " {}", bytes(data.len()))?,
            View::Headers(block) | View::PushPromise { block, .. } | View::Continuation(block) => {
                if let View::PushPromise { promised, .. } = self.view() {
                    write!(f, " promised={promised}")?;
                }
                match fields(block) {
                    Some(fields) if self.kind != FrameType::CONTINUATION => {
                        for (name, value) in fields {
                            write!(f, " {name}={value}")?;
                        }
                    }
                    _ => write!(f, " block of {}", bytes(block.len()))?,
                }
            }
            View::Priority { depends_on, exclusive, weight } => {
                write!(f, " depends_on={depends_on} weight={weight}{}", if exclusive { " exclusive" } else { "" })?;
            }
            View::RstStream(code) => write!(f, " {code}")?,
            View::Settings(settings) => {
                for (id, value) in settings {
                    write!(f, " {id}={value}")?;
                }
            }
            View::Ping(opaque) => write!(f, " {:016x}", u64::from_be_bytes(opaque))?,
            View::GoAway { last_stream_id, code, debug_data } => {
                write!(f, " last_stream_id={last_stream_id} {code}")?;
                if !debug_data.is_empty() {
                    write!(f, " debug=\"{}\"", debug_data.escape_ascii())?;
                }
            }
            View::WindowUpdate(increment) => write!(f, " increment={increment}")?,
            View::Unknown => write!(f, " {}", bytes(self.payload.len()))?,
            View::Malformed => write!(f, " malformed, {}", bytes(self.payload.len()))?,
        }
        if let Some(length) = self.length {
            write!(f, " length says {length}")?;
        }
        let mut rest = self.flags;
        for (bit, name) in self.named_flags() {
            if self.has(*bit) {
                write!(f, " {name}")?;
                rest &= !bit;
            }
        }
        if rest != 0 {
            write!(f, " flags={rest:#04x}")?;
        }
        if self.reserved {
            f.write_str(" reserved bit set")?;
        }
        Ok(())
    }
}

impl Frame {
    /// The flags that this type defines, with their names.
    fn named_flags(&self) -> &'static [(u8, &'static str)] {
        const END_STREAM: (u8, &str) = (flags::END_STREAM, "END_STREAM");
        const END_HEADERS: (u8, &str) = (flags::END_HEADERS, "END_HEADERS");
        const PADDED: (u8, &str) = (flags::PADDED, "PADDED");
        match self.kind {
            FrameType::DATA => &[END_STREAM, PADDED],
            FrameType::HEADERS => &[END_STREAM, END_HEADERS, PADDED, (flags::PRIORITY, "PRIORITY")],
            FrameType::SETTINGS | FrameType::PING => &[(flags::ACK, "ACK")],
            FrameType::PUSH_PROMISE => &[END_HEADERS, PADDED],
            FrameType::CONTINUATION => &[END_HEADERS],
            _ => &[],
        }
    }
}
