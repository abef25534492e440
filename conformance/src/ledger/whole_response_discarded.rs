//! RST_STREAM or a failing transport right after a complete response.

use super::{Divergence, Exchange, Harm, Repaired, exchange::runs, frames::with_payload_of};
use crate::{
    http2::{ErrorCode, Frame, View},
    script::Step,
};

pub(super) const ENTRY: Divergence = Divergence {
    name: "whole-response-discarded",
    about: "If RST_STREAM or a failed write follows a complete response while the request is still being sent, \
            legacy ends the response with that error before the application has read it all; modern hands the \
            response over.",
    rfc: "§8.1: \"An HTTP response is complete after the server sends -- or the client receives -- a frame with the \
          END_STREAM flag set\". After RST_STREAM(NO_ERROR) clients \"MUST NOT discard responses\"; after other codes \
          they may.",
    project: "h2",
    harm: Harm::Failure.on_legacy(),
    cause: "State::recv_reset (proto/streams/state.rs) of h2 0.3 overwrites the state of a stream whose receiving \
            half has ended; that of h2 0.4 remembers the end (Cause::ErrorAfterEndStream). hyper 0.14 hides the \
            codes NO_ERROR and CANCEL while it reads content, and reports them when it reads trailers.",
    changed: "h2 0.4.16 (hyperium/h2#922, for hyperium/hyper#4130), and for trailers hyper 1.10.0 \
              (hyperium/hyper#3998); not in h2 0.3 and hyper 0.14.",
    reported: Some("hyperium/hyper#4130"),
    effect: "A legacy client reports an error for a response that arrived complete.",
    meanwhile: None,
    scenario: "rst-stream-internal-error-after-the-full-response",
    repair: |exchange, index| reset_tells_nothing(exchange, index).or_else(|| writes_first(exchange, index)),
};

/// Changes the code of RST_STREAM to NO_ERROR, which legacy does not report.
fn reset_tells_nothing(exchange: &Exchange<'_>, index: usize) -> Repaired {
    let frame = exchange.frame(index)?;
    let View::RstStream(code) = frame.view() else { return None };
    let sent = exchange.sent_before(index, frame.stream);
    let whole = sent.head && sent.end && !sent.reset;
    // A request without content has closed the stream by then. The application reads whenever the client runs.
    let still_sent = exchange.has_content(frame.stream);
    let read = exchange.runs_after_end(index, frame.stream);
    let shown = code != ErrorCode::NO_ERROR && code != ErrorCode::CANCEL;
    let untold = Frame::rst_stream(frame.stream, ErrorCode::NO_ERROR);
    (whole && still_sent && !read && shown).then(|| with_payload_of(frame, untold))
}

/// If writing fails, lets the client write in an earlier turn than that in which the response ends.
fn writes_first(exchange: &Exchange<'_>, index: usize) -> Repaired {
    let last = exchange.frame(index).filter(|_| exchange.ends_stream(index))?;
    let (before, rest) = exchange.steps().split_at(index);
    let same_turn = rest.iter().take_while(|step| !runs(step));
    let fails = before.iter().chain(same_turn).any(|step| matches!(step, Step::FailWrite { .. }));
    let wrote = before.last().is_some_and(runs);
    (fails && !wrote && exchange.has_content(last.stream)).then(|| vec![Step::Pass(0), Step::Send(last.clone())])
}
