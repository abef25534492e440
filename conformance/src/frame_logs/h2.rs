//! The frames in the log of the crate h2, 0.3 and 0.4: `received frame=GoAway { error_code: NO_ERROR, … }`.

use super::{Line, leading_number};
use crate::{
    http2::{ErrorCode, Frame, SettingId, StreamId, flags},
    peer::Crossed,
    script::IoFailure,
};

/// The lines with a frame, or with the end of a connection.
pub(super) fn lines(records: &[String]) -> Vec<Line> {
    records.iter().filter_map(|record| line(record)).collect()
}

fn line(record: &str) -> Option<Line> {
    const IO: &str = "IO error error=";
    if let Some((_, error)) = record.split_once(IO).filter(|_| record.contains("Connection::poll")) {
        // An error without a known kind is as good as a reset: RFC 9113 makes no difference.
        let failure = IoFailure::ALL.into_iter().find(|failure| error.contains(&format!("{:?}", failure.kind())));
        return Some(Line {
            crossed: Crossed::ReadFailed(failure.unwrap_or(IoFailure::CONNECTION_RESET)),
            has_fields: true,
        });
    }
    let (before, name, body) = frame_text(record)?;
    // What a server receives are requests, and it sends responses.
    if before.contains("peer=Server") {
        return None;
    }
    let word = |word: &str| before.split(|c: char| !c.is_ascii_alphanumeric()).any(|found| found == word);
    let frame = frame(name, &fields(body))?;
    let crossed = match (word("received"), word("send")) {
        (true, false) => Crossed::Received(frame),
        (false, true) => Crossed::Written(frame),
        _ => return None,
    };
    Some(Line { crossed, has_fields: false })
}

/// The frame types as `Debug` of h2 names them.
const NAMES: [&str; 9] =
    ["Data", "Headers", "Priority", "PushPromise", "Settings", "Ping", "GoAway", "WindowUpdate", "Reset"];

/// What stands before the first frame in the text, its name, and what stands behind its opening brace.
fn frame_text(record: &str) -> Option<(&str, &'static str, &str)> {
    let found = NAMES.iter().filter_map(|name| {
        let at = record.find(&format!("{name} {{ "))?;
        // A name is a word, behind `frame=` or a quote.
        (!record[..at].ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_')).then_some((at, *name))
    });
    let (at, name) = found.min()?;
    record[..at].contains("frame").then_some(())?;
    let body = record[at + name.len()..].trim_start().strip_prefix('{')?;
    Some((&record[..at], name, body))
}

/// The fields of a struct as `Debug` prints it, up to its closing brace: names and values.
fn fields(body: &str) -> Vec<(&str, &str)> {
    let (mut depth, mut quoted, mut escaped, mut begin) = (0, false, false, 0);
    let mut parts = Vec::new();
    for (at, c) in body.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ if quoted => {}
            '(' | '[' | '{' => depth += 1,
            '}' if depth == 0 => {
                parts.push(&body[begin..at]);
                break;
            }
            ')' | ']' | '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&body[begin..at]);
                begin = at + 1;
            }
            _ => {}
        }
    }
    parts.into_iter().filter_map(|part| part.split_once(':')).map(|(name, value)| (name.trim(), value.trim())).collect()
}

fn frame(name: &str, fields: &[(&str, &str)]) -> Option<Frame> {
    let field = |name: &str| fields.iter().find(|(field, _)| *field == name).map(|(_, value)| *value);
    let stream = |name: &str| StreamId::try_from(number(field(name)?)?).ok();
    let code = || field("error_code").and_then(code);
    let flags = field("flags").and_then(number).unwrap_or_default() as u8;
    Some(match name {
        "Data" => {
            let data = Frame::data(stream("stream_id")?, "0").with_flags(flags & flags::END_STREAM);
            match field("pad_len").and_then(number) {
                Some(padding) => data.padded(padding as u8),
                None => data,
            }
        }
        "Headers" => {
            let flags = flags::END_HEADERS | flags & flags::END_STREAM;
            Frame::headers_block(stream("stream_id")?, Vec::new()).with_flags(flags)
        }
        "Priority" => {
            let depends_on = field("dependency").and_then(number).unwrap_or_default();
            Frame::priority(stream("stream_id")?, false, StreamId::try_from(depends_on).ok()?, 15)
        }
        "PushPromise" => Frame::push_promise_block(stream("stream_id")?, stream("promised_id")?, &[]),
        "Settings" if flags & flags::ACK != 0 => Frame::settings_ack(),
        "Settings" => {
            let id = |name: &str| SettingId::from_name(&name.to_ascii_uppercase());
            Frame::settings(fields.iter().filter_map(|(name, value)| Some((id(name)?, number(value)? as u32))))
        }
        "Ping" => {
            let payload = field("payload")?.trim_matches(['[', ']']);
            let mut opaque = [0; 8];
            payload
                .split(',')
                .zip(&mut opaque)
                .for_each(|(text, octet)| *octet = text.trim().parse().unwrap_or_default());
            let ping = Frame::ping(opaque);
            if field("ack")? == "true" { ping.with_flags(flags::ACK) } else { ping }
        }
        "GoAway" => {
            let debug = field("debug_data").map(|data| data.trim_start_matches('b').trim_matches('"'));
            Frame::goaway(stream("last_stream_id")?, code()?, debug.unwrap_or_default().as_bytes())
        }
        "WindowUpdate" => {
            let increment = field("size_increment").and_then(number)?;
            Frame::window_update(stream("stream_id")?, increment as u32)
        }
        "Reset" => Frame::rst_stream(stream("stream_id")?, code()?),
        _ => return None,
    })
}

/// The first number in a value such as `StreamId(3)` or `(0x5: END_HEADERS | END_STREAM)`.
fn number(value: &str) -> Option<u64> {
    let begin = value.find(|c: char| c.is_ascii_digit())?;
    leading_number(&value[begin..])
}

/// An error code by its name, or by its number.
fn code(value: &str) -> Option<ErrorCode> {
    ErrorCode::from_name(value).or_else(|| number(value).map(|code| ErrorCode(code as u32)))
}
