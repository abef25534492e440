//! Padding.

use super::{Transformation, choose, replaced};
use crate::http2::{FrameType, View, flags};

pub(super) const TRANSFORMATION: Transformation = Transformation {
    name: "padding",
    about: "A DATA or HEADERS frame is padded with up to 40 bytes.",
    rfc: "§6.1: \"Padding octets that contain no application semantic value.\"",
    apply: |script, choice| {
        let (index, frame) = choose(script, choice / 41, |frame| {
            let kind = matches!(frame.kind, FrameType::DATA | FrameType::HEADERS);
            // Padding counts in flow control (§6.1) and in the frame size: small payloads stay far from both limits.
            kind && !frame.has(flags::PADDED) && frame.payload.len() < 1_000 && frame.view() != View::Malformed
        })?;
        Some(replaced(script, index, [frame.clone().padded((choice % 41) as u8)]))
    },
};
