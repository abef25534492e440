//! Frames in TOML: one key per field, or `flags` and `payload_hex`.

use super::{Name, Refused, StepFields, StepText, hex, limited, stream_id, to_hex, unknown};
use crate::{
    http2::{ErrorCode, Frame, FrameType, SettingId, StreamId, View, flags, hpack, wire},
    script::Step,
};
use bytes::Bytes;

impl StepFields {
    /// Takes the keys of a frame out of the table. `what` names the frame in messages.
    pub(super) fn take_frame(&mut self, kind: FrameType, what: &str) -> Result<Frame, Refused> {
        let mut frame = match self.payload_hex.take() {
            Some(payload) => {
                let stream = self.take_stream(StreamId::CONNECTION)?;
                Frame::new(kind, 0, stream, hex("payload_hex", &payload)?)
            }
            None => self.take_typed_frame(kind, what)?,
        };
        if let Some(bits) = self.flags.take() {
            frame.flags = limited("flags", bits, u8::MAX.into())? as u8;
        }
        frame.reserved = self.reserved.take().unwrap_or_default();
        if let Some(length) = self.length.take() {
            let length = limited("length", length, 0x00ff_ffff)? as u32;
            frame.length = (length as usize != frame.payload.len()).then_some(length);
        }
        limited("length", frame.payload.len() as u64, (Step::MAX_RAW - wire::HEADER_LENGTH) as u64)?;
        Ok(frame)
    }

    fn take_typed_frame(&mut self, kind: FrameType, what: &str) -> Result<Frame, Refused> {
        let missing = |key| Refused::MissingKey(what.to_owned(), key);
        let on_stream = matches!(
            kind,
            FrameType::DATA
                | FrameType::HEADERS
                | FrameType::PRIORITY
                | FrameType::RST_STREAM
                | FrameType::PUSH_PROMISE
                | FrameType::CONTINUATION
        );
        if on_stream && self.stream.is_none() {
            return Err(missing("stream"));
        }
        let stream = self.take_stream(StreamId::CONNECTION)?;
        let frame = match kind {
            FrameType::DATA => Frame::data(stream, self.take_content(what)?),
            FrameType::HEADERS => {
                let block = self.take_block(what)?;
                let frame = self.take_end_headers(Frame::headers_block(stream, block));
                match (self.depends_on.take(), self.weight.take()) {
                    (None, None) => frame,
                    (depends_on, weight) => {
                        let weight = limited("weight", weight.unwrap_or_default(), u8::MAX.into())? as u8;
                        let exclusive = self.exclusive.take().unwrap_or_default();
                        frame.prioritised(exclusive, stream_id("depends_on", depends_on.unwrap_or_default())?, weight)
                    }
                }
            }
            FrameType::PRIORITY => {
                let depends_on = stream_id("depends_on", self.depends_on.take().unwrap_or_default())?;
                let weight = limited("weight", self.weight.take().unwrap_or_default(), u8::MAX.into())? as u8;
                Frame::priority(stream, self.exclusive.take().unwrap_or_default(), depends_on, weight)
            }
            FrameType::RST_STREAM => {
                Frame::rst_stream(stream, error_code(self.error_code.take().ok_or_else(|| missing("error_code"))?)?)
            }
            FrameType::SETTINGS => {
                let settings = self.settings.take().unwrap_or_default();
                let settings = settings
                    .into_iter()
                    .map(|(id, value)| Ok((setting_id(id)?, limited("settings", value, u32::MAX.into())? as u32)));
                Frame::settings(settings.collect::<Result<Vec<_>, Refused>>()?).on(stream)
            }
            FrameType::PUSH_PROMISE => {
                let promised = stream_id("promised", self.promised.take().ok_or_else(|| missing("promised"))?)?;
                let block = self.take_block(what)?;
                self.take_end_headers(Frame::push_promise_block(stream, promised, &block))
            }
            FrameType::PING => Frame::ping(self.opaque.take().unwrap_or_default().to_be_bytes()).on(stream),
            FrameType::GOAWAY => {
                let last = self.last_stream_id.take().ok_or_else(|| missing("last_stream_id"))?;
                let code = error_code(self.error_code.take().ok_or_else(|| missing("error_code"))?)?;
                let debug = self.debug.take().unwrap_or_default();
                Frame::goaway(stream_id("last_stream_id", last)?, code, debug.as_bytes()).on(stream)
            }
            FrameType::WINDOW_UPDATE => {
                let increment = self.increment.take().ok_or_else(|| missing("increment"))?;
                Frame::window_update(stream, limited("increment", increment, u32::MAX.into())? as u32)
            }
            FrameType::CONTINUATION => {
                let block = self.take_block(what)?;
                self.take_end_headers(Frame::continuation(stream, block))
            }
            _ => Frame::new(kind, 0, stream, self.take_content(what)?),
        };
        self.take_flags(frame)
    }

    /// Sets the flags that have their own keys, if the frame type defines them.
    fn take_flags(&mut self, mut frame: Frame) -> Result<Frame, Refused> {
        if matches!(frame.kind, FrameType::DATA | FrameType::HEADERS) && self.end_stream.take().unwrap_or_default() {
            frame = frame.end_stream();
        }
        if matches!(frame.kind, FrameType::SETTINGS | FrameType::PING) && self.ack.take().unwrap_or_default() {
            frame = frame.with_flags(flags::ACK);
        }
        if matches!(frame.kind, FrameType::DATA | FrameType::HEADERS | FrameType::PUSH_PROMISE)
            && let Some(padding) = self.padding.take()
        {
            frame = frame.padded(limited("padding", padding, u8::MAX.into())? as u8);
        }
        Ok(frame)
    }

    /// Sets END_HEADERS unless the table says otherwise.
    fn take_end_headers(&mut self, frame: Frame) -> Frame {
        if self.end_headers.take().unwrap_or(true) { frame.with_flags(flags::END_HEADERS) } else { frame }
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
        send: Some(kind_name(frame.kind)),
        stream: some_stream(frame.stream),
        flags: (frame.flags != 0).then_some(frame.flags.into()),
        payload_hex: Some(to_hex(&frame.payload)),
        reserved: frame.reserved.then_some(true),
        length: frame.length.map(u64::from),
        ..StepFields::default()
    }
}

fn typed_fields(frame: &Frame) -> Option<StepFields> {
    let some = |flag: bool| flag.then_some(true);
    let padding = frame.has(flags::PADDED).then(|| frame.payload.first().copied().map(u64::from)).flatten();
    let end_headers = (!frame.has(flags::END_HEADERS)).then_some(false);
    let fields = StepFields {
        send: Some(kind_name(frame.kind)),
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
    Some(match frame.view() {
        View::Data(data) => {
            StepFields { end_stream: some(frame.has(flags::END_STREAM)), padding, ..content(fields, data) }
        }
        View::Headers(fragment) => {
            let fields = block(fields, fragment);
            StepFields { end_stream: some(frame.has(flags::END_STREAM)), padding, ..fields }
        }
        View::Priority { depends_on, exclusive, weight } => StepFields {
            depends_on: Some(depends_on.get().into()),
            exclusive: some(exclusive),
            weight: Some(weight.into()),
            ..fields
        },
        View::RstStream(code) => StepFields { error_code: Some(code_name(code)), ..fields },
        View::Settings(settings) => StepFields {
            ack: some(frame.has(flags::ACK)),
            settings: (!settings.is_empty())
                .then(|| settings.into_iter().map(|(id, value)| (setting_name(id), value.into())).collect()),
            ..fields
        },
        View::PushPromise { promised, block: fragment } => {
            StepFields { promised: Some(promised.get().into()), padding, ..block(fields, fragment) }
        }
        View::Ping(opaque) => StepFields {
            ack: some(frame.has(flags::ACK)),
            opaque: Some(u64::from_be_bytes(opaque)).filter(|opaque| i64::try_from(*opaque).is_ok()),
            ..fields
        },
        View::GoAway { last_stream_id, code, debug_data } => StepFields {
            last_stream_id: Some(last_stream_id.get().into()),
            error_code: Some(code_name(code)),
            debug: std::str::from_utf8(debug_data).ok().filter(|debug| !debug.is_empty()).map(str::to_owned),
            ..fields
        },
        View::WindowUpdate(increment) => StepFields { increment: Some(increment.into()), ..fields },
        View::Continuation(fragment) => block(fields, fragment),
        View::Unknown => content(fields, &frame.payload),
        View::Malformed => return None,
    })
}

pub(super) fn some_stream(stream: StreamId) -> Option<u64> {
    (!stream.is_connection()).then_some(stream.get().into())
}

pub(super) fn kind_name(kind: FrameType) -> Name {
    kind.name().map_or(Name::Number(kind.0.into()), |name| Name::Text(name.into()))
}

fn code_name(code: ErrorCode) -> Name {
    code.name().map_or(Name::Number(code.0.into()), |name| Name::Text(name.into()))
}

fn setting_name(id: SettingId) -> Name {
    id.name().map_or(Name::Number(id.0.into()), |name| Name::Text(name.into()))
}

pub(super) fn frame_type(name: Name) -> Result<FrameType, Refused> {
    match name {
        Name::Number(number) => Ok(FrameType(limited("frame type", number, u8::MAX.into())? as u8)),
        Name::Text(text) => FrameType::from_name(&text)
            .ok_or_else(|| unknown(&text, "frame type", format!("{}, or a number", FrameType::names().join(", ")))),
    }
}

fn error_code(name: Name) -> Result<ErrorCode, Refused> {
    match name {
        Name::Number(number) => Ok(ErrorCode(limited("error_code", number, u32::MAX.into())? as u32)),
        Name::Text(text) => ErrorCode::from_name(&text).ok_or_else(|| {
            let names: Vec<_> = ErrorCode::NAMED.iter().map(ErrorCode::to_string).collect();
            unknown(&text, "error code", format!("{}, or a number", names.join(", ")))
        }),
    }
}

fn setting_id(name: Name) -> Result<SettingId, Refused> {
    match name {
        Name::Number(number) => Ok(SettingId(limited("setting", number, u16::MAX.into())? as u16)),
        Name::Text(text) => SettingId::from_name(&text).ok_or_else(|| {
            let names: Vec<_> = (1..=8).filter_map(|id| SettingId(id).name()).collect();
            unknown(&text, "setting", format!("{}, or a number", names.join(", ")))
        }),
    }
}
