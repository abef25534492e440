//! A CONNECT whose tunnel the application drops.

use super::ServerDivergence;
use crate::ledger::LEFT_OPEN;

pub(super) const ENTRY: ServerDivergence = ServerDivergence {
    name: "dropped-tunnel",
    about: "If the application drops the tunnel of a CONNECT, legacy resets the stream with CANCEL; modern ends it \
            with END_STREAM.",
    rfc: "§8.5: \"A proxy that receives a TCP segment with the FIN bit set sends a DATA frame with the END_STREAM \
          flag set.\" RFC 9113 does not say what a dropped tunnel means, which is neither a FIN nor an error.",
    project: "hyper",
    harm: LEFT_OPEN,
    cause: "H2Upgraded (proto/h2/mod.rs) of hyper 0.14 holds the stream, and h2 resets a stream that is dropped; \
            that of hyper 1 holds a channel, and UpgradedSendStreamTask (proto/h2/upgrade.rs) sends END_STREAM when \
            the channel ends.",
    changed: "hyper 1.8.0 (hyperium/hyper#3967); not in hyper 0.14.",
    reported: Some("hyperium/hyper#3967"),
    effect: "A client cannot distinguish a tunnel that a modern server dropped from one that ended normally.",
    meanwhile: None,
    scenario: "connect",
    repair: |frames, index| {
        frames.with_block_fields(index, |fields| {
            let connects = fields.iter_mut().find(|(name, method)| name == b":method" && method == b"CONNECT");
            let Some((_, method)) = connects else { return false };
            *method = b"GET".to_vec();
            // Every other method needs these two fields.
            for (name, value) in [(b":scheme".to_vec(), b"http".to_vec()), (b":path".to_vec(), b"/".to_vec())] {
                if fields.iter().all(|(other, _)| *other != name) {
                    fields.insert(0, (name, value));
                }
            }
            true
        })
    },
};
