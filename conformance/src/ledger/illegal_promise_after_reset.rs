//! A promise of a stream that cannot be, on a stream that the client has reset.

use super::{Divergence, Right};
use crate::{
    http2::{Frame, FrameType, StreamId, View, flags},
    script::Step,
};

pub(super) const ENTRY: Divergence = Divergence {
    name: "illegal-promise-after-a-reset",
    about: "A PUSH_PROMISE on a stream that the client has reset promises a stream identifier that is no server's, or \
            was promised before; both pass over the frame without a look at it.",
    rfc: "§6.6: \"A receiver MUST treat the receipt of a PUSH_PROMISE that promises an illegal stream identifier (Section \
          5.1.1) as a connection error (Section 5.4.1) of type PROTOCOL_ERROR.\"",
    right: Right::Neither,
    cause: "recv_push_promise (proto/streams/streams.rs) of both h2 leaves a stream that it has reset before it looks at \
            the identifier that is promised.",
    changed: "Every release of both.",
    effect: "None that an application sees: the client takes no pushes.",
    scenario: "push-promise-of-an-illegal-stream-after-a-reset",
    repair: |exchange, index| {
        let frame = exchange.frame_of(index, FrameType::PUSH_PROMISE)?;
        let View::PushPromise { promised, block } = frame.view() else { return None };
        let before = exchange.steps()[..index].iter().filter_map(Step::frame).filter_map(|frame| match frame.view() {
            View::PushPromise { promised, .. } => Some(promised.get()),
            _ => None,
        });
        let highest = before.max().unwrap_or_default();
        let legal = promised.get() % 2 == 0 && promised.get() > highest;
        let next = StreamId::from_word((highest + 2) & !1);
        (!legal).then(|| {
            let payload = Frame::push_promise_block(frame.stream, next, block).payload;
            vec![Step::Send(Frame { payload, flags: frame.flags & !flags::PADDED, ..frame.clone() })]
        })
    },
};
