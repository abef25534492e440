//! A tunnel that its peer accepts with another status than 200.

use super::{Divergence, Harm, exchange::status};

pub(super) const ENTRY: Divergence = Divergence {
    name: "tunnel-without-status-200",
    about: "When the response to CONNECT has another successful status than 200, both make no tunnel of it: the \
            application gets a body that ends with nothing, or an error from `hyper::upgrade::on`, and its own bytes \
            have nowhere to go.",
    rfc: "RFC 9110 §9.3.6: \"Any 2xx (Successful) response indicates that the sender (and all inbound proxies) will \
          switch to tunnel mode immediately after the response header section\".",
    project: "hyper",
    harm: Harm::Failure.on_both(),
    cause: "ResponseFutMap::poll (proto/h2/client.rs) of hyper 1 and the same code of hyper 0.14 compare the status with \
            StatusCode::OK.",
    changed: "Since tunnels over HTTP/2: hyper 0.14.8 (hyperium/hyper#2523).",
    reported: None,
    effect: "A proxy that answers CONNECT with 201 or 204 cannot be used.",
    meanwhile: None,
    scenario: "a-tunnel-without-status-200",
    repair: |exchange, index| {
        exchange.with_fields(index, |begin, frame, fields| {
            let is_other = status(fields).is_some_and(|status| status.starts_with('2') && status != "200");
            if is_other && exchange.is_connect(frame.stream) && exchange.begins_head(begin) {
                let named = fields.iter_mut().find(|(name, _)| name == ":status");
                named.into_iter().for_each(|(_, status)| "200".clone_into(status));
            }
        })
    },
};
