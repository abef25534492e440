//! A field block split in two.

use super::{Transformation, choose, is_plain_head, replaced};
use crate::{
    http2::{Frame, flags, hpack},
    rfc9113::is_malformed,
};

pub(super) const TRANSFORMATION: Transformation = Transformation {
    name: "continuation",
    about: "The field block of a HEADERS frame is continued in a CONTINUATION frame.",
    rfc: "§4.3: \"This allows a field block to be logically equivalent to a single frame.\"",
    apply: |script, choice| {
        // A stack may refuse a malformed block before its end: see the ledger's malformed-fragment-ends-its-block.
        let valid = |frame: &Frame| hpack::decode(&frame.payload).is_some_and(|fields| !is_malformed(&fields));
        let whole = |frame: &Frame| is_plain_head(frame) && valid(frame);
        let (index, frame) = choose(script, choice / 64, whole)?;
        let at = choice % 64 % (frame.payload.len() + 1);
        let first =
            Frame { payload: frame.payload.slice(..at), flags: frame.flags & !flags::END_HEADERS, ..frame.clone() };
        let rest = Frame::continuation(frame.stream, frame.payload.slice(at..)).with_flags(flags::END_HEADERS);
        Some(replaced(script, index, [first, rest]))
    },
};
