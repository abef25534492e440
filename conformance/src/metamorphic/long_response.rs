//! The same exchange, and then a long response.

use super::{Transformation, Transformed, counts_writes, is_framed};
use crate::{
    http2::{Frame, FrameType, SettingId, StreamId, View, flags},
    script::{Reads, Request, Step, content},
};

pub(super) const TRANSFORMATION: Transformation = Transformation {
    name: "long-response",
    about: "A further request follows, and gets a response that is longer than all windows. It comes whole, or credit \
            has leaked before.",
    rfc: "§6.9: \"A receiver that receives a flow-controlled frame MUST always account for its contribution against the \
          connection flow-control window, unless the receiver treats this as a connection error.\"",
    apply: |script, _| {
        let is_open = |(_, frame): (usize, &Frame)| !frame.has(flags::END_HEADERS);
        let blocks = [FrameType::HEADERS, FrameType::PUSH_PROMISE, FrameType::CONTINUATION];
        let last_block = script.frames().filter(|(_, frame)| blocks.contains(&frame.kind)).last();
        let limits = |(_, frame): (usize, &Frame)| limits_streams(frame);
        // What nobody reads may have taken the room that the response needs, and without a client nothing is asked for.
        if script.requests().any(|request| request.read() != Reads::All) || script.steps().contains(&Step::DropClient) {
            return None;
        }
        if !is_framed(script) || counts_writes(script) || script.frames().any(limits) || last_block.is_some_and(is_open)
        {
            return None;
        }
        let stream = StreamId::of_request(script.requests().count());
        let piece = |number: usize| {
            let data = content(stream.get(), number * PIECE, PIECE);
            [Step::Send(Frame::data(stream, data)), Step::Pass(0)]
        };
        let asked = [
            Step::Pass(0),
            Step::Request(Request::get()),
            Step::awaits(FrameType::HEADERS, stream),
            Step::Pass(0),
            Step::Send(Frame::response(stream, 200)),
        ];
        let end = [Step::Send(Frame::data(stream, "").end_stream())];
        let more = asked.into_iter().chain((0..PIECES).flat_map(piece)).chain(end);
        let steps = script.steps().iter().cloned().chain(more).collect();
        Some(Transformed { later: 1, ..Transformed::new(steps) })
    },
};

/// The size of a piece of content: a frame that every client accepts (§4.2).
const PIECE: usize = 16_384;
/// So many pieces are more than the window of a stream, and of the connection.
const PIECES: usize = 7;

/// Whether the frame may keep the client from writing another request.
fn limits_streams(frame: &Frame) -> bool {
    let limits = |(id, _): &(SettingId, u32)| *id == SettingId::MAX_CONCURRENT_STREAMS;
    matches!(frame.view(), View::Settings(settings) if settings.iter().any(limits))
}
