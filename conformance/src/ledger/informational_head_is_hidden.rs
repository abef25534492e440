//! A peer that disowns a request after sending an interim response to it.

use super::{Divergence, Harm, frames::ignored};
use crate::{
    http2::{ErrorCode, FrameType, View},
    rfc9113::{Clause, Handling},
};

pub(super) const ENTRY: Divergence = Divergence {
    name: "informational-head-is-hidden",
    about: "If the peer sends a 1xx head, or one that is malformed or too large, and then disowns the request, both \
            give the same error as if no head had arrived: that the peer acted on the request is lost.",
    rfc: "§8.7: \"If frames that are on a stream are passed to the application layer for any stream, then \
          REFUSED_STREAM MUST NOT be used for that stream, and a GOAWAY frame MUST include a stream identifier that is \
          greater than or equal to the given stream identifier.\"",
    project: "hyper",
    harm: Harm::RunTwice.on_both(),
    cause: "recv_headers (proto/streams/recv.rs) of h2 0.3 drops interim heads; h2 0.4 keeps them for \
            poll_informational (client.rs), which hyper 1 (proto/h2/client.rs) does not call.",
    changed: "Every release of both hypers; poll_informational exists since h2 0.4.13 (hyperium/h2#865).",
    reported: Some("hyperium/hyper#4114, as a feature request"),
    effect: "A POST that the server has started to process (103, 102) is sent a second time.",
    meanwhile: Some("Behind a server that sends 102 or 103, send again only what may run twice."),
    scenario: "rst-stream-refused-after-an-informational-head",
    repair: |exchange, index| {
        let frame = exchange.frame_of(index, FrameType::HEADERS)?;
        let refuses = |handling| matches!(handling, Handling::StreamError(_) | Handling::Choice(Clause::SectionSize));
        let refused = exchange.handlings(index).any(refuses);
        let disowned = exchange.frames_from(index).any(|(_, later)| match later.view() {
            View::RstStream(ErrorCode::REFUSED_STREAM) => later.stream == frame.stream,
            View::GoAway { last_stream_id, .. } => frame.stream > last_stream_id,
            _ => false,
        });
        ((exchange.is_informational(index) || refused) && disowned).then(|| ignored(frame))
    },
};
