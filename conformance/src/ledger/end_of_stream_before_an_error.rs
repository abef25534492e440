//! A body that says it has ended, and then fails.

use super::{Divergence, Harm, never_written_is_lost::MANY_FRAMES};
use crate::{
    http2::{Frame, flags},
    script::Step,
};

pub(super) const ENTRY: Divergence = Divergence {
    name: "end-of-stream-before-an-error",
    about: "If an error ends a stream before the application has the head, legacy's body says is_end_stream and \
            size_hint 0, and then fails; modern's does not.",
    rfc: "§8.1: \"An HTTP response is complete after the server sends -- or the client receives -- a frame with the \
          END_STREAM flag set\".",
    project: "h2",
    harm: Harm::DataLost.on_legacy(),
    cause: "is_end_stream (proto/streams/recv.rs) of h2 0.3 holds for every closed stream without queued frames; that \
            of h2 0.4 only for one that END_STREAM has closed.",
    changed: "h2 0.4.10 (hyperium/h2#810); not in h2 0.3.",
    reported: Some("hyperium/h2#806"),
    effect: "Code that asks is_end_stream first, as proxies do, takes a response that was cut for an empty one.",
    meanwhile: Some("Read the body to its end, whatever is_end_stream says."),
    scenario: "rst-stream-right-behind-the-head",
    repair: |exchange, index| {
        if let Step::FailWrite { failure, after } = &exchange.steps()[index] {
            let fails = *after < MANY_FRAMES && exchange.seem_ended().next().is_some();
            return fails.then(|| vec![Step::FailWrite { failure: *failure, after: after + MANY_FRAMES }]);
        }
        let head = exchange.frame(index).filter(|frame| frame.has(flags::END_HEADERS))?;
        let begin = exchange.block_begin(index).filter(|begin| exchange.begins_head(*begin))?;
        // What a frame has beyond its own length arrives with it.
        let length = frame_length(head);
        let beyond = head.payload.slice(length..);
        let runs = matches!(exchange.steps().get(index + 1), Some(Step::Pass(_))) && beyond.is_empty();
        let ended =
            !runs && !exchange.is_informational(begin) && exchange.seem_ended().any(|stream| stream == head.stream);
        let alone = Frame { payload: head.payload.slice(..length), ..head.clone() };
        let rest = (!beyond.is_empty()).then(|| Step::SendRaw(beyond));
        ended.then(|| [Step::Send(alone), Step::Pass(0)].into_iter().chain(rest).collect())
    },
};

/// The length of the payload by the frame's own length field.
fn frame_length(frame: &Frame) -> usize {
    frame.length.map_or(frame.payload.len(), |length| frame.payload.len().min(length as usize))
}
