//! Frames in TOML: one key per field, or `flags` and `payload_hex`.

use super::{Refused, StepFields, StepText, hex, limited, to_hex};
use crate::{
    http2::{Frame, FrameType, StreamId, View, flags, hpack, wire},
    script::Step,
};
use bytes::Bytes;

impl StepFields {
    /// Takes the keys of a frame out of the table. `what` names the frame in messages.
    pub(super) fn take_frame(&mut self, kind: FrameType, what: &str) -> Result<Frame, Refused> {
        let mut frame = match self.payload_hex.take() {
            Some(payload) => Frame::new(kind, 0, self.stream.take().unwrap_or_default(), hex("payload_hex", &payload)?),
            None => self.take_typed_frame(kind, what)?,
        };
        frame.flags = self.flags.take().unwrap_or(frame.flags);
        frame.reserved = self.reserved.take().unwrap_or_default();
        if let Some(length) = self.length.take() {
            limited("length", length.into(), 0x00ff_ffff)?;
            frame.length = (length as usize != frame.payload.len()).then_some(length);
        }
        limited("length", frame.payload.len() as u64, (Step::MAX_RAW - wire::HEADER_LENGTH) as u64)?;
        Ok(frame)
    }

    fn take_typed_frame(&mut self, kind: FrameType, what: &str) -> Result<Frame, Refused> {
        let missing = |key| Refused::MissingKey(what.to_owned(), key);
        let has_block = matches!(kind, FrameType::HEADERS | FrameType::PUSH_PROMISE | FrameType::CONTINUATION);
        let on_stream = has_block || matches!(kind, FrameType::DATA | FrameType::PRIORITY | FrameType::RST_STREAM);
        if on_stream && self.stream.is_none() {
            return Err(missing("stream"));
        }
        let stream = self.stream.take().unwrap_or_default();
        let frame = match kind {
            FrameType::HEADERS => {
                let frame = Frame::headers_block(stream, self.take_block(what)?);
                if self.depends_on.is_some() || self.weight.is_some() {
                    let (exclusive, depends_on, weight) = self.take_priority();
                    frame.prioritised(exclusive, depends_on, weight)
                } else {
                    frame
                }
            }
            FrameType::PRIORITY => {
                let (exclusive, depends_on, weight) = self.take_priority();
                Frame::priority(stream, exclusive, depends_on, weight)
            }
            FrameType::RST_STREAM => {
                Frame::rst_stream(stream, self.error_code.take().ok_or_else(|| missing("error_code"))?)
            }
            FrameType::SETTINGS => Frame::settings(self.settings.take().unwrap_or_default()).on(stream),
            FrameType::PUSH_PROMISE => {
                let promised = self.promised.take().ok_or_else(|| missing("promised"))?;
                Frame::push_promise_block(stream, promised, &self.take_block(what)?)
            }
            FrameType::PING => Frame::ping(self.opaque.take().unwrap_or_default().to_be_bytes()).on(stream),
            FrameType::GOAWAY => {
                let last = self.last_stream_id.take().ok_or_else(|| missing("last_stream_id"))?;
                let code = self.error_code.take().ok_or_else(|| missing("error_code"))?;
                Frame::goaway(last, code, self.debug.take().unwrap_or_default().as_bytes()).on(stream)
            }
            FrameType::WINDOW_UPDATE => {
                Frame::window_update(stream, self.increment.take().ok_or_else(|| missing("increment"))?)
            }
            FrameType::CONTINUATION => Frame::continuation(stream, self.take_block(what)?),
            _ => Frame::new(kind, 0, stream, self.take_content(what)?),
        };
        // A field block ends with its frame unless the table says otherwise.
        let ends = has_block && self.end_headers.take().unwrap_or(true);
        Ok(self.take_flags(if ends { frame.with_flags(flags::END_HEADERS) } else { frame }))
    }

    fn take_priority(&mut self) -> (bool, StreamId, u8) {
        let exclusive = self.exclusive.take().unwrap_or_default();
        (exclusive, self.depends_on.take().unwrap_or_default(), self.weight.take().unwrap_or_default())
    }

    /// Sets the flags that have their own keys, if the frame type defines them.
    fn take_flags(&mut self, mut frame: Frame) -> Frame {
        if matches!(frame.kind, FrameType::DATA | FrameType::HEADERS) && self.end_stream.take().unwrap_or_default() {
            frame = frame.end_stream();
        }
        if matches!(frame.kind, FrameType::SETTINGS | FrameType::PING) && self.ack.take().unwrap_or_default() {
            frame = frame.with_flags(flags::ACK);
        }
        if matches!(frame.kind, FrameType::DATA | FrameType::HEADERS | FrameType::PUSH_PROMISE)
            && let Some(padding) = self.padding.take()
        {
            frame = frame.padded(padding);
        }
        frame
    }

    fn take_content(&mut self, what: &str) -> Result<Bytes, Refused> {
        match (self.data.take(), self.size.take()) {
            (Some(_), Some(_)) => Err(Refused::TwoKeys(what.to_owned(), "data", "size")),
            (Some(data), None) => Ok(data.into()),
            (None, size) => {
                let size = limited("size", size.unwrap_or_default(), Step::MAX_RAW as u64)?;
                Ok(vec![0; size as usize].into())
            }
        }
    }

    fn take_block(&mut self, what: &str) -> Result<Bytes, Refused> {
        if let Some(block) = self.block_hex.take() {
            return hex("block_hex", &block);
        }
        let status = self.status.take().map(|status| (":status".to_owned(), status.to_string()));
        if status.is_none() && self.headers.is_none() {
            return Err(Refused::MissingKey(what.to_owned(), "headers"));
        }
        let fields: Vec<_> = status.into_iter().chain(self.headers.take().unwrap_or_default()).collect();
        Ok(hpack::encode(fields.iter().map(|(name, value)| (name.as_str(), value.as_str()))).into())
    }
}

/// The form with typed keys if it reproduces the frame exactly, otherwise the form with `flags` and `payload_hex`.
pub(super) fn frame_fields(frame: &Frame) -> StepFields {
    let typed = typed_fields(frame);
    let same = |text: &StepText| text.step.frame() == Some(frame);
    if let Some(fields) = typed
        && StepText::try_from(fields.clone()).is_ok_and(|text| same(&text))
    {
        return fields;
    }
    StepFields {
        send: Some(frame.kind),
        stream: some_stream(frame.stream),
        flags: (frame.flags != 0).then_some(frame.flags),
        payload_hex: Some(to_hex(&frame.payload)),
        reserved: frame.reserved.then_some(true),
        length: frame.length,
        ..StepFields::default()
    }
}

fn typed_fields(frame: &Frame) -> Option<StepFields> {
    let some = |flag: bool| flag.then_some(true);
    let padding = frame.has(flags::PADDED).then(|| frame.payload.first().copied()).flatten();
    let end_headers = (!frame.has(flags::END_HEADERS)).then_some(false);
    let fields = StepFields {
        send: Some(frame.kind),
        stream: some_stream(frame.stream),
        reserved: some(frame.reserved),
        ..StepFields::default()
    };
    let block = |fields: StepFields, block: &[u8]| {
        let decoded = hpack::decode(block).filter(|decoded| {
            hpack::encode(decoded.iter().map(|(name, value)| (name.as_str(), value.as_str()))) == block
        });
        match decoded {
            Some(decoded) => StepFields { headers: Some(decoded), end_headers, ..fields },
            None => StepFields { block_hex: Some(to_hex(block)), end_headers, ..fields },
        }
    };
    let content = |fields: StepFields, data: &[u8]| {
        let text = std::str::from_utf8(data).ok().filter(|text| !text.chars().any(char::is_control));
        match text {
            Some(text) if data.len() <= 64 => StepFields { data: Some(text.into()), ..fields },
            _ => StepFields { size: Some(data.len() as u64), ..fields },
        }
    };
    let fields = match frame.view() {
        View::Data(data) => content(fields, data),
        View::Headers(fragment) | View::Continuation(fragment) => block(fields, fragment),
        View::Priority { depends_on, exclusive, weight } => {
            StepFields { depends_on: Some(depends_on), exclusive: some(exclusive), weight: Some(weight), ..fields }
        }
        View::RstStream(code) => StepFields { error_code: Some(code), ..fields },
        View::Settings(settings) => {
            StepFields { settings: Some(settings).filter(|settings| !settings.is_empty()), ..fields }
        }
        View::PushPromise { promised, block: fragment } => {
            StepFields { promised: Some(promised), ..block(fields, fragment) }
        }
        View::Ping(opaque) => StepFields {
            opaque: Some(u64::from_be_bytes(opaque)).filter(|opaque| i64::try_from(*opaque).is_ok()),
            ..fields
        },
        View::GoAway { last_stream_id, code, debug_data } => StepFields {
            last_stream_id: Some(last_stream_id),
            error_code: Some(code),
            debug: std::str::from_utf8(debug_data).ok().filter(|debug| !debug.is_empty()).map(str::to_owned),
            ..fields
        },
        View::WindowUpdate(increment) => StepFields { increment: Some(increment), ..fields },
        View::Unknown => content(fields, &frame.payload),
        View::Malformed => return None,
    };
    Some(match frame.kind {
        FrameType::DATA | FrameType::HEADERS => {
            StepFields { end_stream: some(frame.has(flags::END_STREAM)), padding, ..fields }
        }
        FrameType::PUSH_PROMISE => StepFields { padding, ..fields },
        FrameType::SETTINGS | FrameType::PING => StepFields { ack: some(frame.has(flags::ACK)), ..fields },
        _ => fields,
    })
}

pub(super) fn some_stream(stream: StreamId) -> Option<StreamId> {
    Some(stream).filter(|stream| !stream.is_connection())
}
