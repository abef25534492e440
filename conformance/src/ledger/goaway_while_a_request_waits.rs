//! GOAWAY while a request waits for a stream slot.

use super::{Divergence, Harm};
use crate::http2::FrameType;

pub(super) const ENTRY: Divergence = Divergence {
    name: "goaway-while-a-request-waits",
    about: "A request that waits for a slot when GOAWAY arrives fails on both, but its HEADERS are still written \
            once a slot is free; modern then sends RST_STREAM(CANCEL), and legacy closes the connection without it \
            if nothing else is open.",
    rfc: "§6.8: \"Receivers of a GOAWAY frame MUST NOT open additional streams on the connection\".",
    project: "hyper",
    harm: Harm::RunTwice.on_both(),
    cause: "ClientTask (proto/h2/client.rs) of both hypers drops the request when h2 reports the GOAWAY, while its \
            HEADERS are still in h2's queue. transition_after (proto/streams/counts.rs) of h2 0.3 then stops \
            counting the stream, and a connection without streams closes; that of h2 0.4 counts it until its \
            RST_STREAM is written.",
    changed: "h2 0.4.8 (hyperium/h2#833); not in h2 0.3.",
    reported: Some("hyperium/h2#833; not that both write the request after the GOAWAY"),
    effect: "A request that failed for the application is still sent, and sent twice if it is retried.",
    meanwhile: Some("Send a request that failed while it waited again only if it may run twice."),
    scenario: "goaway-and-a-free-slot-in-one-delivery",
    repair: |exchange, index| {
        let waited = |at| exchange.frame_of(at, FrameType::GOAWAY).is_some() && exchange.has_written_late(at);
        exchange.with_enough_slots(index).filter(|_| (0..exchange.steps().len()).any(waited))
    },
};
