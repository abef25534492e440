//! Request pseudo-header fields in a response.

use super::{Divergence, Harm};

pub(super) const ENTRY: Divergence = Divergence {
    name: "request-pseudo-header-in-a-response",
    about: "A response head with a request pseudo-header field is malformed; both drop the field and accept the head.",
    rfc: "§8.3: \"Pseudo-header fields defined for requests MUST NOT appear in responses\"; \"Endpoints MUST treat a \
          request or response that contains undefined or invalid pseudo-header fields as malformed (Section 8.1.1).\"",
    project: "h2",
    harm: Harm::Malformed.on_both(),
    cause: "HeaderBlock::load (frame/headers.rs) of both h2 accepts the pseudo-header fields of requests and \
            responses alike, and convert_poll_message (client.rs) reads only :status.",
    changed: "Every release of both.",
    reported: None,
    effect: "A request that is reflected to its client is accepted as a response.",
    meanwhile: None,
    scenario: "head-with-a-pseudo-header-field-of-requests",
    repair: |exchange, index| {
        const OF_REQUESTS: [&str; 5] = [":method", ":scheme", ":authority", ":path", ":protocol"];
        exchange.with_fields(index, |_, _, fields| fields.retain(|(name, _)| !OF_REQUESTS.contains(&name.as_str())))
    },
};
