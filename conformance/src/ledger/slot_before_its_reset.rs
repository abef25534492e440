//! The slot of a request that its application cancels.

use super::{Divergence, Exchange, Harm, exchange::runs};
use crate::{http2::FrameType, script::Step};

pub(super) const ENTRY: Divergence = Divergence {
    name: "slot-before-its-reset",
    about: "If the application cancels a request while another one waits for a slot, legacy opens the other stream before \
            it resets the first one, and so has one stream more than the peer allows; and if the connection is to end with \
            that request, legacy closes it without the RST_STREAM. Modern resets first.",
    rfc: "§5.1.2: \"Endpoints MUST NOT exceed the limit set by their peer.\"",
    project: "h2",
    harm: Harm::Protocol.on_legacy(),
    cause: "transition_after (proto/streams/counts.rs) of h2 0.3 stops counting a stream as soon as its RST_STREAM is \
            scheduled; that of h2 0.4 counts it until the frame is written.",
    changed: "h2 0.4.8 (hyperium/h2#833); not in h2 0.3.",
    reported: Some("hyperium/h2#833"),
    effect: "On a busy legacy connection, each request that times out lets a strict peer refuse the next one.",
    meanwhile: None,
    scenario: "a-cancelled-request-frees-its-slot",
    repair: |exchange, index| match exchange.steps()[index] {
        Step::Cancel(_) => ends_the_connection(exchange, index).then(|| vec![Step::Pass(0)]),
        _ => {
            let steps = exchange.steps().iter().enumerate();
            let mut cancels = steps.filter(|(_, step)| matches!(step, Step::Cancel(_)));
            exchange.with_enough_slots(index).filter(|_| cancels.any(|(at, _)| exchange.has_written_late(at)))
        }
    },
};

/// Whether the connection is to end when the request of the step at `index` has: the application has dropped its client,
/// or a request after GOAWAY has failed.
fn ends_the_connection(exchange: &Exchange<'_>, index: usize) -> bool {
    let (before, then) = exchange.steps().split_at(index);
    let at_once = then.iter().take_while(|step| !runs(step));
    let drops = before.iter().chain(at_once).any(|step| *step == Step::DropClient);
    let goaway = |step: &Step| step.frame().is_some_and(|frame| frame.kind == FrameType::GOAWAY);
    let mut before = before.iter();
    drops || before.any(goaway) && before.any(|step| step.request().is_some())
}
