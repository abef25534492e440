//! The frames in the output of `nghttp -v`: `[  0.003] recv GOAWAY frame <length=8, flags=0x00, stream_id=0>`, with the
//! details on the lines behind it, and the fields on those before it.

use super::{Line, blank, leading_number};
use crate::{
    http2::{ErrorCode, Frame, FrameType, SettingId, StreamId, flags, hpack},
    peer::Crossed,
};

/// The frames.
pub(super) fn lines(records: &[String]) -> Vec<Line> {
    let mut entries: Vec<(bool, &str, Vec<&str>)> = Vec::new();
    for line in records.iter().flat_map(|record| record.lines()) {
        match (direction(line), entries.last_mut()) {
            (Some((is_sent, what)), _) => entries.push((is_sent, what, Vec::new())),
            (None, Some((.., details))) => details.push(line),
            (None, None) => {}
        }
    }
    let mut lines = Vec::new();
    let mut fields: Vec<(String, String)> = Vec::new();
    for (is_sent, what, details) in entries {
        if let Some(field) = field(what) {
            fields.push(field);
            continue;
        }
        let Some((name, about)) = what.split_once(" frame <") else { continue };
        // The fields of what is sent stand behind its frame.
        let own = match is_sent {
            true => details.iter().filter_map(|line| field_of(line)).collect(),
            false => std::mem::take(&mut fields),
        };
        if let Some(frame) = frame(name, about, &details, &own) {
            let crossed = if is_sent { Crossed::Written(frame) } else { Crossed::Received(frame) };
            lines.push(Line { crossed, has_fields: !own.is_empty() });
        }
    }
    lines
}

/// Whether the client sent it, and what. Content that nghttp prints may stand before it on its line.
fn direction(line: &str) -> Option<(bool, &str)> {
    let (before, rest) = line.split_once("] ").filter(|(before, _)| before.contains('['))?;
    let received = rest.strip_prefix("recv ").map(|rest| (false, rest));
    let sent = || rest.strip_prefix("send ").map(|rest| (true, rest));
    received.or_else(sent).filter(|_| before.ends_with(|c: char| c.is_ascii_digit()))
}

/// The field in `(stream_id=13) :status: 200`.
fn field(rest: &str) -> Option<(String, String)> {
    field_of(rest.strip_prefix("(stream_id=")?.split_once(") ")?.1)
}

fn field_of(text: &str) -> Option<(String, String)> {
    let text = text.trim();
    let pseudo = usize::from(text.starts_with(':'));
    let end = pseudo + text[pseudo..].find(": ")?;
    let name = &text[..end];
    (!name.contains(['(', ' ', ';', '['])).then(|| (name.to_owned(), text[end + 2..].to_owned()))
}

/// The number behind `name=` in a text.
fn value(text: &str, name: &str) -> Option<u64> {
    let (_, rest) = text.split_once(&format!("{name}="))?;
    leading_number(rest)
}

/// The error code in `error_code=REFUSED_STREAM(0x07)`.
fn code(text: &str) -> Option<ErrorCode> {
    let (_, rest) = text.split_once("error_code=")?;
    let (_, number) = rest.split_once('(')?;
    leading_number(number).map(|code| ErrorCode(code as u32))
}

fn frame(name: &str, about: &str, details: &[&str], fields: &[(String, String)]) -> Option<Frame> {
    let stream = StreamId::try_from(value(about, "stream_id")?).ok()?;
    let (flags, length) = (value(about, "flags").unwrap_or_default() as u8, value(about, "length").unwrap_or_default());
    let block = hpack::encode(fields.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    let (of_settings, details) = (details, details.join(" "));
    let last = || StreamId::try_from(value(&details, "last_stream_id")?).ok();
    let frame = match FrameType::from_name(name)? {
        FrameType::DATA => Frame::data(stream, blank(length)),
        FrameType::HEADERS => Frame::headers_block(stream, block).with_flags(flags::END_HEADERS),
        FrameType::RST_STREAM => return Some(Frame::rst_stream(stream, code(&details)?)),
        FrameType::SETTINGS if flags & flags::ACK != 0 => return Some(Frame::settings_ack()),
        FrameType::SETTINGS => return Some(Frame::settings(of_settings.iter().filter_map(|line| setting(line)))),
        FrameType::PING => return Some(Frame::ping([0; 8]).with_flags(flags & flags::ACK)),
        FrameType::GOAWAY => return Some(Frame::goaway(last()?, code(&details)?, b"")),
        FrameType::WINDOW_UPDATE => {
            let increment = value(&details, "window_size_increment")?;
            return Some(Frame::window_update(stream, increment as u32));
        }
        _ => return None,
    };
    Some(if flags & flags::END_STREAM != 0 { frame.end_stream() } else { frame })
}

/// The setting in `[SETTINGS_MAX_CONCURRENT_STREAMS(0x03):100]`.
fn setting(line: &str) -> Option<(SettingId, u32)> {
    let (_, rest) = line.trim().strip_prefix("[SETTINGS_")?.split_once("(0x")?;
    let (id, value) = rest.split_once("):")?;
    Some((SettingId(u16::from_str_radix(id, 16).ok()?), value.trim_end_matches(']').parse().ok()?))
}
