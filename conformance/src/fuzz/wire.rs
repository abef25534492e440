//! What a server sends, byte for byte, as the corpora of other HTTP/2 projects have it.

use super::{Target, classify};
use crate::script::{Request, Script, Step};
use bytes::Bytes;

/// The target `wire`.
pub const WIRE: Target = Target {
    name: "wire",
    about: "The bytes are what a server sends after a GET was issued. Both stacks read them, and every law has to hold.",
    check: |bytes| classify::check(&script(bytes)),
};

fn script(bytes: &[u8]) -> Script {
    let mut bytes = Bytes::copy_from_slice(bytes);
    let mut steps = vec![Step::Request(Request::get())];
    while !bytes.is_empty() {
        steps.push(Step::SendRaw(bytes.split_to(bytes.len().min(Step::MAX_RAW))));
    }
    Script::new(steps)
}
