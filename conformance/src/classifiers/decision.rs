use super::{Advice, Processed, Verdict};
use crate::{
    chain::{Chain, Origin, Phase, Scope},
    http2::ErrorCode,
};

/// The verdict on a chain that came when its request had come so far.
pub fn decide(chain: &Chain, phase: Phase) -> Verdict {
    let signal = Signal::of(chain);
    let processed = signal.processed(phase);
    let (advice, because) = advise(processed, signal);
    Verdict { processed, advice, because }
}

/// What a chain comes down to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Signal {
    /// The peer said so in a frame.
    Remote(Scope, ErrorCode),
    /// The client's library found the peer at fault.
    Library,
    /// The transport failed under the connection, or the peer stopped answering.
    Transport,
    /// hyper handed the request back before it was written.
    Unsent,
    /// The application is at fault, or hyper says so.
    User,
    /// Nothing that is known.
    Unknown,
}

impl Signal {
    /// A timeout comes first: what is inside it is only how the waiting ended. Then whatever is most exact: what a frame
    /// said, the transport's own error, and last what hyper says of itself.
    fn of(chain: &Chain) -> Signal {
        if chain.hyper().is_some_and(|hyper| hyper.timeout) {
            return Signal::Transport;
        }
        if let Some(h2) = chain.h2() {
            match (h2.origin, h2.scope, h2.reason) {
                (Origin::Remote, scope, Some(code)) => return Signal::Remote(scope, code),
                (Origin::Library, ..) => return Signal::Library,
                (_, Scope::Transport, _) => return Signal::Transport,
                (Origin::User, ..) => return Signal::User,
                (Origin::Remote, _, None) => {}
            }
        }
        if chain.io().is_some() {
            return Signal::Transport;
        }
        match chain.hyper() {
            Some(hyper) if hyper.canceled || hyper.closed => Signal::Unsent,
            Some(hyper) if hyper.user => Signal::User,
            Some(hyper) if hyper.incomplete_message => Signal::Transport,
            _ => Signal::Unknown,
        }
    }

    fn processed(self, phase: Phase) -> Processed {
        match (phase, self) {
            (Phase::Connection | Phase::Sending, _) => Processed::No,
            (Phase::Body | Phase::Trailers, _) => Processed::Yes,
            (Phase::Head, Signal::Unsent) => Processed::No,
            // Only streams above the GOAWAY's last_stream_id are ended by it (§6.8), and a refused stream was refused
            // before any processing (§8.7).
            (Phase::Head, Signal::Remote(Scope::Connection, _)) => Processed::No,
            (Phase::Head, Signal::Remote(Scope::Stream, ErrorCode::REFUSED_STREAM)) => Processed::No,
            (Phase::Head, _) => Processed::Maybe,
        }
    }
}

/// The advice table: the first row that fits, with its reason.
fn advise(processed: Processed, signal: Signal) -> (Advice, &'static str) {
    use Advice::{BackOff, GiveUp, Retry, UseHttp1};
    match signal {
        Signal::Remote(_, ErrorCode::HTTP_1_1_REQUIRED) => (UseHttp1, "the peer requires HTTP/1.1 (§7)"),
        Signal::Remote(_, ErrorCode::INADEQUATE_SECURITY) => {
            (GiveUp, "the transport does not satisfy the peer, and would not the next time (§9.2)")
        }
        Signal::Remote(_, ErrorCode::ENHANCE_YOUR_CALM) => (BackOff, "the peer asks for less load (§7)"),
        Signal::User => (GiveUp, "the application's own error would come again"),
        Signal::Library => (GiveUp, "the peer broke the protocol, and would do so again"),
        _ if processed == Processed::No => (Retry, "the request was not processed (§8.7)"),
        Signal::Remote(Scope::Stream, ErrorCode::CANCEL) => (GiveUp, "the peer no longer needs this stream (§7)"),
        Signal::Remote(
            Scope::Stream,
            ErrorCode::PROTOCOL_ERROR
            | ErrorCode::FLOW_CONTROL_ERROR
            | ErrorCode::STREAM_CLOSED
            | ErrorCode::FRAME_SIZE_ERROR
            | ErrorCode::COMPRESSION_ERROR,
        ) => (GiveUp, "the peer objects to how the request was sent, and would do so again"),
        Signal::Remote(_, ErrorCode::INTERNAL_ERROR | ErrorCode::SETTINGS_TIMEOUT | ErrorCode::CONNECT_ERROR) => {
            (BackOff, "the peer is in trouble")
        }
        Signal::Remote(_, code) if code.name().is_none() => {
            (BackOff, "a code without a name is taken as INTERNAL_ERROR (§7)")
        }
        Signal::Remote(..) => (Retry, "the peer ended this without an objection to the request"),
        Signal::Transport => (Retry, "the transport failed, not the request"),
        Signal::Unsent => (Retry, "the request was handed back"),
        Signal::Unknown => (GiveUp, "nothing says that another attempt would end better"),
    }
}
