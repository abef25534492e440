//! A content-length in the response that makes a tunnel.

use super::{Divergence, Harm, exchange::status};

pub(super) const ENTRY: Divergence = Divergence {
    name: "tunnel-with-a-content-length",
    about: "When the response that makes a tunnel has a content-length above 0, both fail the request with \
            INTERNAL_ERROR.",
    rfc: "RFC 9110 §9.3.6: \"A client MUST ignore any Content-Length or Transfer-Encoding header fields received in a \
          successful response to CONNECT.\"",
    project: "hyper",
    harm: Harm::Failure.on_both(),
    cause: "ResponseFutMap::poll (proto/h2/client.rs) of hyper 1 and the same code of hyper 0.14 refuse such a response. \
            recv_headers (proto/streams/recv.rs) of h2 would hold the bytes of the tunnel to that length.",
    changed: "Since tunnels over HTTP/2: hyper 0.14.8 (hyperium/hyper#2523, whose review quotes the sentence).",
    reported: None,
    effect: "A proxy that sends the field cannot be used. hyper's own server removes it (hyperium/hyper#3748).",
    meanwhile: None,
    scenario: "a-tunnel-with-a-content-length",
    repair: |exchange, index| {
        exchange.with_fields(index, |begin, frame, fields| {
            let is_successful = status(fields).is_some_and(|status| status.starts_with('2'));
            if is_successful && exchange.is_connect(frame.stream) && exchange.begins_head(begin) {
                fields.retain(|(name, _)| name != "content-length");
            }
        })
    },
};
