//! An illegal PUSH_PROMISE on a stream that the client has reset.

use super::{
    Divergence, Exchange, Harm,
    frames::{ignored, send},
};
use crate::{
    http2::{Frame, FrameType, StreamId, View, flags},
    rfc9113::{Clause, Handling},
};

pub(super) const ENTRY: Divergence = Divergence {
    name: "illegal-promise-after-a-reset",
    about: "On a stream that the client has reset, both ignore a PUSH_PROMISE unchecked, although it promises a \
            stream identifier that is not a server's or was promised before, or the server has seen that push is \
            disabled, or had ended the stream itself.",
    rfc: "§6.6: \"A receiver MUST treat the receipt of a PUSH_PROMISE that promises an illegal stream identifier \
          (Section 5.1.1) as a connection error (Section 5.4.1) of type PROTOCOL_ERROR.\"",
    project: "h2",
    harm: Harm::Protocol.on_both(),
    cause: "recv_push_promise (proto/streams/streams.rs) of both h2 returns early on a stream that it has reset, \
            before it checks the promised identifier.",
    changed: "Every release of both.",
    reported: None,
    effect: "None visible to the application: the client accepts no pushes.",
    meanwhile: None,
    scenario: "push-promise-of-an-illegal-stream-after-a-reset",
    repair: |exchange, index| {
        let frame = exchange.frame_of(index, FrameType::PUSH_PROMISE)?;
        let refused = |clause| exchange.handlings_of_block(index).any(|met| met == Handling::ConnectionError(clause));
        // What follows a frame that ends the connection is not read; the same promise would be refused again.
        let is_unread = exchange.handlings(index).all(|handling| handling == Handling::Unread);
        let again = is_unread && exchange.before(index).any(|before| promised(before) == promised(frame));
        if refused(Clause::PromisedIdentifier) || again {
            return Some(legal(exchange, index, frame).map_or_else(|| ignored(frame), send));
        }
        (refused(Clause::PushDisabled) || refused(Clause::PushOnClosed)).then(|| ignored(frame))
    },
};

/// The frame with a promise of a stream above all that were promised before.
fn legal(exchange: &Exchange<'_>, index: usize, frame: &Frame) -> Option<Frame> {
    let highest = exchange.before(index).filter_map(promised).map(StreamId::get).max().unwrap_or_default();
    let above = highest.checked_add(2 * (index as u32 + 1))? & !1;
    let promised = (above <= StreamId::MAX.get()).then(|| StreamId::from_word(above))?;
    let View::PushPromise { block, .. } = frame.view() else { return None };
    let payload = Frame::push_promise_block(frame.stream, promised, block).payload;
    Some(Frame { payload, flags: frame.flags & !flags::PADDED, ..frame.clone() })
}

fn promised(frame: &Frame) -> Option<StreamId> {
    if let View::PushPromise { promised, .. } = frame.view() { Some(promised) } else { None }
}
