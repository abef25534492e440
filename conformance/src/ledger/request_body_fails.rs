//! A request body that fails at once.

use super::{Divergence, Harm};
use crate::script::{Body, BodyEnd, Step};

pub(super) const ENTRY: Divergence = Divergence {
    name: "request-body-fails",
    about: "If a request's body fails before its HEADERS are written, legacy sends RST_STREAM on a stream that it \
            never opened, and never writes the request; modern writes the HEADERS, then RST_STREAM.",
    rfc: "§6.4: \"RST_STREAM frames MUST NOT be sent for a stream in the \"idle\" state.\"",
    project: "h2",
    harm: Harm::Protocol.on_legacy(),
    cause: "hyper's pipe reads the body before the connection writes. Then send_reset (proto/streams/send.rs) of h2 \
            0.3 clears the stream's queue, including its HEADERS; that of h2 0.4 keeps the HEADERS of a stream that \
            is pending open, and try_assign_capacity (prioritize.rs) assigns no window to such a stream yet.",
    changed: "h2 0.4.14 (hyperium/h2#875), and for bodies with content h2 0.4.13 (hyperium/h2#860); not in h2 0.3.",
    reported: Some("hyperium/h2#125"),
    effect: "A legacy client's server gets RST_STREAM on a stream that it never saw, and may end the connection.",
    meanwhile: None,
    scenario: "request-body-fails",
    repair: |exchange, index| {
        let (number, request) = exchange.request_at(index)?;
        let body = request.body();
        // If the request was written, legacy polled its body too late: that is another divergence.
        (body.end() == BodyEnd::Fails && exchange.stream_of(number).is_none())
            .then(|| vec![Step::Request(request.clone().with_body(Body::new(body.size(), BodyEnd::Complete)))])
    },
};
