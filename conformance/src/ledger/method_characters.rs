//! A `:method` with characters that the http crate of legacy does not know as those of a method.

use super::{Divergence, Right};
use crate::{
    http2::{Frame, View, flags, hpack},
    script::Step,
};

pub(super) const ENTRY: Divergence = Divergence {
    name: "method-characters",
    about: "Legacy ends the connection for a field block with #, $, %, & or ' in its :method, as if it did not decode; \
            modern takes them for what they are, characters of a token.",
    rfc: "§8.3.1: \"The \":method\" pseudo-header field includes the HTTP method\". RFC 9110 §9.1, §5.6.2: \"method = \
          token\", and a token may have those characters.",
    right: Right::Modern,
    cause: "METHOD_CHARS (method.rs) of http 0.2 leaves the five out, Header::new (hpack/header.rs) of h2 makes it an \
            error of the decoder, and that is one of the connection; http 1 has them.",
    changed: "http 1.2.0 (hyperium/http#713); not in http 0.2.",
    reported: Some("hyperium/http#713"),
    effect: "Every request on a legacy connection fails because of a field that means nothing to a client.",
    scenario: "promise-in-pieces-with-a-percent-sign-in-its-method",
    repair: |exchange, index| {
        let frame = exchange.frame(index)?;
        let (View::Headers(block) | View::PushPromise { block, .. } | View::Continuation(block)) = frame.view() else {
            return None;
        };
        let block = without_refused(block)?;
        let payload = match frame.view() {
            View::PushPromise { promised, .. } => Frame::push_promise_block(frame.stream, promised, &block).payload,
            _ => block.into(),
        };
        let flags = frame.flags & !(flags::PADDED | flags::PRIORITY);
        Some(vec![Step::Send(Frame { payload, flags, ..frame.clone() })])
    },
};

/// What a token may have, and http 0.2 refuses in a method.
const REFUSED: [char; 5] = ['#', '$', '%', '&', '\''];

/// The block with X in the place of what is refused in a method, field by field, since a fragment need not be whole; `None` if there is none.
fn without_refused(block: &[u8]) -> Option<Vec<u8>> {
    let (mut changed, mut rest, mut any) = (Vec::with_capacity(block.len()), block, false);
    while let Some(after) = hpack::after_first(rest) {
        let bytes = &rest[..rest.len() - after.len()];
        match hpack::decode(bytes).as_deref() {
            Some([(name, method)]) if name == ":method" && method.contains(REFUSED) => {
                any = true;
                changed.extend(hpack::encode([(name.as_str(), method.replace(REFUSED, "X").as_str())]));
            }
            _ => changed.extend_from_slice(bytes),
        }
        rest = after;
    }
    changed.extend_from_slice(rest);
    any.then_some(changed)
}
