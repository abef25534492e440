//! A request with content that its application cancels.

use super::{Divergence, LEFT_OPEN};
use crate::script::{Body, Step};

pub(super) const ENTRY: Divergence = Divergence {
    name: "cancelled-upload-goes-on",
    about: "If the application cancels a request before its response comes, legacy goes on with the request's content, \
            even if nothing of it had been written; and it never resets the stream of a cancelled request while content \
            waits for a window. Modern resets it at once.",
    rfc: "§7: \"CANCEL (0x08): The endpoint uses this error code to indicate that the stream is no longer needed.\" No \
          rule demands it; hyper documents it for a request that is dropped.",
    project: "hyper",
    harm: LEFT_OPEN,
    cause: "PipeMap (proto/h2/client.rs) of hyper 0.14 holds the sending half of the stream until the content ends; that \
            of hyper 1 is told that the future of the response is gone. pop_frame (proto/streams/prioritize.rs) of h2 0.3 \
            sends content that is queued before the RST_STREAM; that of h2 0.4 discards it.",
    changed: "hyper 1.9.0 (hyperium/hyper#4042), and for content that is queued h2 0.4.15 (hyperium/h2#896); not in \
              hyper 0.14 and h2 0.3.",
    reported: Some("hyperium/hyper#4040, hyperium/h2#880; not that a request is sent that was cancelled before"),
    effect: "A legacy client sends an upload that its application has given up, and runs it if it is complete; one without \
             a window keeps its slot for ever.",
    meanwhile: None,
    scenario: "a-cancelled-upload-without-a-window",
    repair: |exchange, index| {
        let (number, request) = exchange.request_at(index)?;
        let uploads = request.body() != Body::EMPTY || !request.trailers().is_empty();
        (uploads && !request.is_connect() && exchange.is_cancelled(number))
            .then(|| vec![Step::Request(request.clone().with_body(Body::EMPTY).without_trailers())])
    },
};
