//! The frames in the output of `curl --trace-config http/2 -v`: `[HTTP/2] [1] <- FRAME[HEADERS, len=19, hend=1, eos=0]`.

use super::{Line, blank};
use crate::{
    http2::{ErrorCode, Frame, FrameType, StreamId, flags},
    peer::Crossed,
};

/// The frames.
pub(super) fn lines(records: &[String]) -> Vec<Line> {
    let lines = records.iter().flat_map(|record| record.lines());
    lines.filter_map(line).collect()
}

fn line(line: &str) -> Option<Line> {
    let (before, rest) = line.split_once("FRAME[")?;
    let (stream, arrow) = before.trim_end().rsplit_once("] ")?;
    let stream = StreamId::try_from(stream.rsplit_once('[')?.1.parse::<u64>().ok()?).ok()?;
    let frame = frame(stream, rest.split(']').next()?)?;
    let crossed = match arrow.trim() {
        "<-" => Crossed::Received(frame),
        "->" => Crossed::Written(frame),
        _ => return None,
    };
    Some(Line { crossed, has_fields: false })
}

fn frame(stream: StreamId, text: &str) -> Option<Frame> {
    let (name, about) = text.split_once(',').unwrap_or((text, ""));
    let text_of = |name: &str| {
        let (_, rest) = about.split_once(&format!("{name}="))?;
        Some(rest.split(',').next().unwrap_or(rest).trim())
    };
    let value = |name: &str| text_of(name)?.parse::<u64>().ok();
    let ends = value("eos") == Some(1);
    let length = value("len").unwrap_or_default();
    let frame = match FrameType::from_name(name.trim())? {
        FrameType::DATA => Frame::data(stream, blank(length)),
        FrameType::HEADERS => Frame::headers_block(stream, Vec::new()).with_flags(flags::END_HEADERS),
        FrameType::RST_STREAM => return Some(Frame::rst_stream(stream, ErrorCode(value("error")? as u32))),
        FrameType::SETTINGS if value("ack") == Some(1) => return Some(Frame::settings_ack()),
        FrameType::SETTINGS => return Some(Frame::settings([])),
        FrameType::PING if value("ack") == Some(1) => return Some(Frame::ping([0; 8]).with_flags(flags::ACK)),
        FrameType::PING => return Some(Frame::ping([0; 8])),
        FrameType::GOAWAY => {
            let last = StreamId::try_from(value("last_stream")?).ok()?;
            return Some(Frame::goaway(last, ErrorCode(value("error")? as u32), b""));
        }
        FrameType::WINDOW_UPDATE => return Some(Frame::window_update(stream, value("incr")? as u32)),
        _ => return None,
    };
    Some(if ends { frame.end_stream() } else { frame })
}
