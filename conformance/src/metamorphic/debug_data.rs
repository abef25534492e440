//! Different debug data.

use super::{Transformation, choose, replaced};
use crate::http2::{Frame, FrameType, View};

pub(super) const TRANSFORMATION: Transformation = Transformation {
    name: "debug-data",
    about: "A GOAWAY frame has different debug data.",
    rfc: "§6.8: \"Additional debug data is intended for diagnostic purposes only and carries no semantic value.\"",
    apply: |script, choice| {
        const TEXTS: [&[u8]; 5] = [b"", b"too_many_pings", b"session_timed_out", b"\xff\x00", &[b'.'; 300]];
        let is_goaway = |frame: &Frame| frame.kind == FrameType::GOAWAY && frame.view() != View::Malformed;
        let (index, frame) = choose(script, choice / TEXTS.len(), is_goaway)?;
        let View::GoAway { last_stream_id, code, debug_data } = frame.view() else { return None };
        let other = TEXTS[choice % TEXTS.len()];
        (other != debug_data).then(|| {
            let payload = Frame::goaway(last_stream_id, code, other).payload;
            replaced(script, index, [Frame { payload, ..frame.clone() }])
        })
    },
};
