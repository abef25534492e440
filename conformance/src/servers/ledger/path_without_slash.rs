//! A `:path` that does not begin with a slash.

use super::ServerDivergence;
use crate::ledger::Harm;

pub(super) const ENTRY: ServerDivergence = ServerDivergence {
    name: "path-without-slash",
    about: "Legacy hands over a request whose :path does not begin with a slash; modern resets the stream with \
            PROTOCOL_ERROR.",
    rfc: "§8.3.1: \"The \":path\" pseudo-header field includes the path and query parts of the target URI (the \
          absolute-path production and, optionally, a '?' character followed by the query production\": an absolute \
          path begins with a slash.",
    project: "http",
    harm: Harm::Malformed.on_legacy(),
    cause: "PathAndQuery::from_shared (uri/path.rs) of http 0.2 checks only the characters; scan_path_and_query of \
            http 1 requires a slash first. server::Peer::convert_poll_message (server.rs) of both h2 calls it.",
    changed: "http 1.4.1 (hyperium/http#826); not in http 0.2.",
    reported: Some("hyperium/http#826"),
    effect: "A legacy server routes a request with an invalid target.",
    meanwhile: Some("Refuse a request whose target does not begin with a slash."),
    scenario: "path-that-does-not-begin-with-a-slash",
    repair: |frames, index| {
        frames.with_block_fields(index, |fields| {
            let path = fields.iter_mut().find(|(name, _)| name == b":path").map(|(_, path)| path);
            let Some(path) = path.filter(|path| !matches!(path.first(), None | Some(b'/'))) else { return false };
            path.insert(0, b'/');
            true
        })
    },
};
