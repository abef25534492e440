//! NO_ERROR in the middle of a body.

use super::{Divergence, Harm, cancel_ends_the_body::with_internal_error};
use crate::http2::ErrorCode;

pub(super) const ENTRY: Divergence = Divergence {
    name: "no-error-ends-the-body",
    about: "When RST_STREAM or GOAWAY with NO_ERROR cuts a body, both end the body as if it were complete.",
    rfc: "§8.1: \"An HTTP response is complete after the server sends -- or the client receives -- a frame with the \
          END_STREAM flag set\".",
    project: "hyper",
    harm: Harm::DataLost.on_both(),
    cause: "Body::poll_inner (body/body.rs) of hyper 0.14 and Incoming::poll_frame (body/incoming.rs) of hyper 1 end \
            the body without an error on the reason NO_ERROR. This is meant for a server that stops an upload after \
            its complete response (§8.1), but neither checks that the response is complete.",
    changed: "hyper 0.14.28 (hyperium/hyper#3274) and hyper 1.0.0 (hyperium/hyper#3275), both for \
              hyperium/hyper#2872, and for trailers hyper 1.10.0 (hyperium/hyper#3998). hyperium/hyper#3681 reports \
              it for servers.",
    reported: Some("hyperium/hyper#3681, for servers"),
    effect: "A download that a load balancer cuts off while it shuts down is stored as if it were the whole file.",
    meanwhile: Some("Compare what arrived with content-length, or with a checksum."),
    scenario: "rst-stream-no-error-cuts-a-body-of-known-length",
    repair: |exchange, index| {
        let is_body = |stream| exchange.sent_before(index, stream).head && !exchange.is_connect(stream);
        let cut = |stream| is_body(stream) && !exchange.is_complete(stream);
        with_internal_error(exchange, index, ErrorCode::NO_ERROR, cut)
    },
};
