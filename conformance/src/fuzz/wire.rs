//! The bytes are what a server sends: the corpora of other HTTP/2 projects have this format.

use super::{Target, classify, of_scenarios};
use crate::{
    classifiers::OWN_CLASSIFIERS,
    http2::wire::encode,
    script::{Request, Script, Step},
};
use bytes::Bytes;

/// The target `wire`.
pub const WIRE: Target = Target {
    name: "wire",
    about: "The bytes are what a server sends after a GET was issued. Both stacks read them, and every law has to hold.",
    check: |bytes| classify::check_with(OWN_CLASSIFIERS, &sent_by_a_server(bytes)),
    search: |bytes, guide| classify::search_with(OWN_CLASSIFIERS, &sent_by_a_server(bytes), guide),
    smallest: |bytes| classify::smallest(&sent_by_a_server(bytes)),
    seeds: || of_scenarios(sent),
};

/// The script that issues a GET and sends these bytes unchanged.
pub fn sent_by_a_server(bytes: &[u8]) -> Script {
    let mut bytes = Bytes::copy_from_slice(bytes);
    let mut steps = vec![Step::Request(Request::get())];
    while !bytes.is_empty() {
        steps.push(Step::SendRaw(bytes.split_to(bytes.len().min(Step::MAX_RAW))));
    }
    Script::new(steps)
}

/// The bytes that the peer sends, if the script has one request and the peer does nothing that bytes cannot express.
fn sent(script: &Script) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    for step in script.steps() {
        match step {
            Step::Send(frame) => encode(frame, &mut bytes),
            Step::SendRaw(raw) => bytes.extend_from_slice(raw),
            Step::Request(_) | Step::Await { .. } | Step::Pass(0) | Step::Split(_) => {}
            _ => return None,
        }
    }
    (script.requests().count() == 1).then_some(bytes)
}
