//! An empty DATA frame in a tunnel, and an error behind it.

use super::{Divergence, Harm};
use crate::{http2::View, script::Step};

pub(super) const ENTRY: Divergence = Divergence {
    name: "empty-data-ends-a-tunnel",
    about: "If an error ends a tunnel right behind a DATA frame without content, legacy lets the application read the end \
            of the tunnel; modern gives it the error.",
    rfc: "§8.5: \"The END_STREAM flag on a DATA frame is treated as being equivalent to the TCP FIN bit.\"",
    project: "h2",
    harm: Harm::DataLost.on_legacy(),
    cause: "H2Upgraded::poll_read (proto/h2/mod.rs) of hyper 0.14 takes a frame without content for the end if the stream \
            says is_end_stream. That of h2 0.3 (proto/streams/recv.rs) holds for every closed stream without queued \
            frames; that of h2 0.4 only for one that END_STREAM has closed.",
    changed: "h2 0.4.10 (hyperium/h2#810); not in h2 0.3.",
    reported: Some("hyperium/h2#806"),
    effect: "What came through a tunnel before an error is taken for everything that was sent.",
    meanwhile: Some("Let the protocol in the tunnel say where it ends, as TLS does."),
    scenario: "an-empty-frame-before-a-tunnel-is-reset",
    repair: |exchange, index| {
        let frame = exchange.frame(index)?;
        let is_empty = matches!(frame.view(), View::Data([])) && exchange.is_tunnel(index, frame.stream);
        let is_read = matches!(exchange.steps().get(index + 1), None | Some(Step::Pass(_)));
        (is_empty && !is_read).then(|| vec![Step::Send(frame.clone()), Step::Pass(0)])
    },
};
