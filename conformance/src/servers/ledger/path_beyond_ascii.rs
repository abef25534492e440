//! A `:path` with non-ASCII characters.

use super::{ServerDivergence, method_characters::replace};
use crate::ledger::Harm;

pub(super) const ENTRY: ServerDivergence = ServerDivergence {
    name: "path-beyond-ascii",
    about: "If a request's :path has non-ASCII characters in UTF-8, legacy resets the stream with PROTOCOL_ERROR; \
            modern hands the request over.",
    rfc: "§8.3.1: \"The \":path\" pseudo-header field includes the path and query parts of the target URI (the \
          absolute-path production and, optionally, a '?' character followed by the query production\". RFC 3986 §2: \
          \"A URI is composed from a limited set of characters consisting of digits, letters, and a few graphic \
          symbols.\"",
    project: "http",
    harm: Harm::Malformed.on_modern(),
    cause: "PathAndQuery::from_shared (uri/path.rs) of http 0.2 accepts a part of ASCII; scan_path_and_query of http \
            1 accepts UTF-8 too. server::Peer::convert_poll_message (server.rs) of both h2 calls it.",
    changed: "http 1.3.0 (hyperium/http#715); not in http 0.2.",
    reported: Some("hyperium/http#715"),
    effect: "A modern server's application gets targets that are not URIs, and that a legacy server refuses.",
    meanwhile: Some("Refuse a request whose target has characters that are not ASCII."),
    scenario: "path-in-utf-8",
    repair: |frames, index| {
        frames.with_block_fields(index, |fields| replace(fields, b":path", |byte| !byte.is_ascii(), b'.'))
    },
};
