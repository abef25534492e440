//! A frame on one stream for which the client's library ends the connection.

use super::{Divergence, Harm};
use crate::{http2::Frame, rfc9113::Handling, script::Step};

pub(super) const ENTRY: Divergence = Divergence {
    name: "culprit-is-not-named",
    about: "If a frame on one stream makes the client's library end the connection, every request on it gets the same \
            error: which response was at fault is lost on both.",
    rfc: "§5.4.1: \"A connection error is any error that prevents further processing of the frame layer or corrupts \
          any connection state\", which says nothing about the other requests.",
    project: "h2",
    harm: Harm::Failure.on_both(),
    cause: "handle_error (proto/streams/streams.rs) of both h2 gives every open stream the error of the connection; \
            what h2::Error then holds has no stream.",
    changed: "Every release of both.",
    reported: Some("hyperium/h2#856 and denoland/deno#36462 are related: one stream ends the connection for all"),
    effect: "A client either repeats a request whose response will be broken again, or gives up those beside it.",
    meanwhile: Some(
        "Send what may run twice again, each request on a connection of its own: only the culprit fails again.",
    ),
    scenario: "a-field-block-cut-inside-an-integer-beside-another-request",
    repair: |exchange, index| {
        let frame = exchange.frame(index).filter(|frame| frame.stream.is_client_initiated())?;
        let refuses = |handling| !matches!(handling, Handling::Processed | Handling::Discarded(_) | Handling::Unread);
        // A malformed response is an error of its stream.
        let malformed = Frame::headers(frame.stream, [(":status", "200"), ("connection", "close")]).end_stream();
        (exchange.ends_connection() && exchange.handlings(index).any(refuses))
            .then(|| vec![Step::Send(malformed), Step::Pass(0)])
    },
};
