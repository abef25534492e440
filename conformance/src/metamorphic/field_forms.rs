//! Other encodings of the same fields.

use super::{Transformation, choose, is_plain_head, replaced};
use crate::http2::{
    Frame, View, flags,
    hpack::{self, Form},
};

pub(super) const TRANSFORMATION: Transformation = Transformation {
    name: "field-forms",
    about: "The fields of a HEADERS frame are literals, never indexed, added to the dynamic table, or preceded by a \
            change of its size.",
    rfc: "§4.3: \"A receiving endpoint reassembles the field block by concatenating its fragments and then decompresses \
          the block to reconstruct the field section.\"",
    apply: |script, choice| {
        // Other blocks must not refer to a table entry that this block adds or removes.
        if !script.frames().all(|(_, frame)| leaves_table(frame)) {
            return None;
        }
        let (index, frame) = choose(script, choice / 4, is_plain_head)?;
        let fields = hpack::decode(&frame.payload)?;
        if fields.iter().any(|(name, value)| [name, value].iter().any(|text| text.contains('\u{fffd}'))) {
            return None;
        }
        let form = Form::ALL[choice % 4];
        let block = hpack::encode_as(form, fields.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        let changed = Frame { payload: block.into(), ..frame.clone() };
        (changed != *frame).then(|| replaced(script, index, [changed]))
    },
};

fn leaves_table(frame: &Frame) -> bool {
    match frame.view() {
        View::Headers(block) if frame.has(flags::END_HEADERS) => hpack::leaves_table(block),
        View::Headers(_) | View::Continuation(_) | View::PushPromise { .. } => false,
        _ => true,
    }
}
