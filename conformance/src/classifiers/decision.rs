use super::{Advice, Verdict};
use crate::{
    chain::{Chain, HyperLink, Link, Origin, Scope},
    http2::ErrorCode,
    vocabulary::{Phase, Processed},
};
use std::fmt;

/// The verdict on the chain of an error that ended its request in this phase.
pub fn decide(chain: &Chain, phase: Phase) -> Verdict {
    let signal = Signal::of(chain);
    let processed = match (signal.proof(phase), phase) {
        (Some(_), _) => Processed::No,
        (None, Phase::Body | Phase::Trailers) => Processed::Yes,
        (None, _) => Processed::Maybe,
    };
    let (advice, because) = advise(processed, signal);
    Verdict { processed, advice, because: because.into() }
}

/// What proves that a request was not processed. A retry policy promises to send such a request again, for all proofs or
/// only for some.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Proof {
    /// It was never sent: its error came while there was no connection, or before it was written.
    NeverSent,
    /// The library gave it back before it was written.
    HandedBack,
    /// The peer sent GOAWAY with NO_ERROR and a lower last_stream_id (RFC 9113 §6.8): a server that shuts down.
    GoawayNoError,
    /// The peer sent GOAWAY with another code and a lower last_stream_id (§6.8).
    GoawayWithError,
    /// The peer refused its stream with REFUSED_STREAM (§8.7).
    RefusedStream,
}

impl Proof {
    /// Every proof.
    pub const ALL: &'static [Proof] =
        &[Proof::NeverSent, Proof::HandedBack, Proof::GoawayNoError, Proof::GoawayWithError, Proof::RefusedStream];
}

impl fmt::Display for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Proof::NeverSent => "an error before the request was sent",
            Proof::HandedBack => "the library handed the request back",
            Proof::GoawayNoError => "GOAWAY with NO_ERROR",
            Proof::GoawayWithError => "GOAWAY with another code",
            Proof::RefusedStream => "RST_STREAM with REFUSED_STREAM",
        })
    }
}

/// The proof that a request was not processed, from the chain of an error that ended it in this phase; `None` if
/// nothing proves it.
pub fn proof(chain: &Chain, phase: Phase) -> Option<Proof> {
    Signal::of(chain).proof(phase)
}

/// The index of the link that decides: the first deciding link, or else the first I/O error.
pub fn deciding_link(chain: &Chain) -> Option<usize> {
    let decides = |link: &Link| Signal::decided_by(link).is_some();
    let io = || chain.links.iter().position(|link| matches!(link, Link::Io(_)));
    chain.links.iter().position(decides).or_else(io)
}

/// The fact in a chain that the verdict rests on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Signal {
    /// The peer said so in a frame.
    Remote(Scope, ErrorCode),
    /// The client's library ended the stream or the connection itself, with this code if it gives one.
    Library(Scope, Option<ErrorCode>),
    /// The transport failed under the connection, or the peer stopped answering.
    Transport,
    /// The application stopped waiting.
    Timeout,
    /// There was no connection to write the request on.
    NotConnected,
    /// hyper handed the request back before it was written.
    Unsent,
    /// The application is at fault, or the library says so.
    User,
    /// The chain has only errors of the other stack.
    Foreign,
    /// The chain has nothing that is known.
    Unknown,
}

impl Signal {
    /// **Precedence**: from the outside in, the first link that decides. An outer error knows more about this request
    /// than an inner one: an upload that fails because another exchange was refused was not refused itself, and a
    /// connection that failed because its proxy sent GOAWAY carried no request. A link that only passes an error on
    /// does not decide (a hyper error with no deciding predicate, the pool's error without `is_connect`, an unknown
    /// type). An I/O error decides only if nothing else does: it is as often a wrapper (`io::Error::other`) as a cause.
    fn of(chain: &Chain) -> Signal {
        let decided = chain.links.iter().find_map(Signal::decided_by);
        decided.or_else(|| chain.io().map(|_| Signal::Transport)).unwrap_or(match chain.is_foreign() {
            true => Signal::Foreign,
            false => Signal::Unknown,
        })
    }

    fn decided_by(link: &Link) -> Option<Signal> {
        match link {
            Link::Pool { connect } => connect.then_some(Signal::NotConnected),
            Link::Hyper(hyper) => Signal::decided_by_hyper(hyper),
            Link::H2(h2) => match (h2.origin, h2.scope, h2.reason) {
                (Origin::Remote, scope, Some(code)) => Some(Signal::Remote(scope, code)),
                (Origin::Remote, _, None) => None,
                (Origin::Library, scope, code) => Some(Signal::Library(scope, code)),
                (Origin::User, Scope::Transport, _) => Some(Signal::Transport),
                (Origin::User, ..) => Some(Signal::User),
            },
            Link::Elapsed => Some(Signal::Timeout),
            Link::Io(_) | Link::Foreign | Link::Other => None,
        }
    }

    /// `user` comes first, because `is_timeout` is also true for a user's error around a timeout.
    fn decided_by_hyper(hyper: &HyperLink) -> Option<Signal> {
        if hyper.user {
            Some(Signal::User)
        } else if hyper.canceled || hyper.closed {
            Some(Signal::Unsent)
        } else if hyper.timeout || hyper.incomplete_message {
            Some(Signal::Transport)
        } else if hyper.parse {
            // An HTTP/1.1 connection carries one response at a time.
            Some(Signal::Library(Scope::Stream, None))
        } else {
            None
        }
    }

    fn proof(self, phase: Phase) -> Option<Proof> {
        match (phase, self) {
            (Phase::Connection | Phase::Sending, _) => Some(Proof::NeverSent),
            (Phase::Body | Phase::Trailers, _) => None,
            (Phase::Head, Signal::NotConnected) => Some(Proof::NeverSent),
            (Phase::Head, Signal::Unsent) => Some(Proof::HandedBack),
            // A GOAWAY ends only the streams above its last_stream_id (§6.8), and a stream is refused before any
            // processing (§8.7).
            (Phase::Head, Signal::Remote(Scope::Connection, ErrorCode::NO_ERROR)) => Some(Proof::GoawayNoError),
            (Phase::Head, Signal::Remote(Scope::Connection, _)) => Some(Proof::GoawayWithError),
            (Phase::Head, Signal::Remote(Scope::Stream, ErrorCode::REFUSED_STREAM)) => Some(Proof::RefusedStream),
            (Phase::Head, _) => None,
        }
    }
}

/// The advice table: the first row that matches, with its reason. A reason names its section of RFC 9113, or says that
/// it is only advice.
fn advise(processed: Processed, signal: Signal) -> (Advice, &'static str) {
    use Advice::{BackOff, GiveUp, Retry, UseHttp1};
    match signal {
        Signal::Remote(_, ErrorCode::HTTP_1_1_REQUIRED) => (UseHttp1, "the peer requires HTTP/1.1 (§7)"),
        Signal::Remote(_, ErrorCode::INADEQUATE_SECURITY) => {
            (GiveUp, "the transport does not satisfy the peer, and would not the next time (§9.2)")
        }
        Signal::Remote(_, ErrorCode::ENHANCE_YOUR_CALM) => (BackOff, "the peer asks for less load (§7)"),
        Signal::User => (GiveUp, "the application's own error would come again (advice)"),
        Signal::Library(_, Some(ErrorCode::ENHANCE_YOUR_CALM)) => {
            (BackOff, "the client's library reached one of its own limits (§10.5)")
        }
        // The error is the same for every request on the connection.
        Signal::Library(Scope::Connection, _) => (
            BackOff,
            "the client's library ended the connection: the peer broke the protocol, perhaps in another response, or \
             the library reached one of its own limits (§5.4.1)",
        ),
        _ if processed == Processed::No => (Retry, "the request was not processed (§8.7)"),
        Signal::Library(..) => (GiveUp, "the peer broke the protocol in this exchange, and would do so again (advice)"),
        Signal::Remote(Scope::Stream, ErrorCode::CANCEL) => {
            (BackOff, "the peer cancelled the stream, as a proxy does that lost its own server (advice)")
        }
        Signal::Remote(
            Scope::Stream,
            ErrorCode::PROTOCOL_ERROR
            | ErrorCode::FLOW_CONTROL_ERROR
            | ErrorCode::STREAM_CLOSED
            | ErrorCode::FRAME_SIZE_ERROR
            | ErrorCode::COMPRESSION_ERROR,
        ) => (GiveUp, "the peer objects to how the request was sent, and would do so again (advice)"),
        Signal::Remote(_, ErrorCode::INTERNAL_ERROR | ErrorCode::SETTINGS_TIMEOUT | ErrorCode::CONNECT_ERROR) => {
            (BackOff, "the peer is in trouble (advice)")
        }
        Signal::Remote(_, code) if code.name().is_none() => {
            (BackOff, "a code without a name is taken as INTERNAL_ERROR (§7)")
        }
        Signal::Remote(..) => (Retry, "the peer ended this without an objection to the request (advice)"),
        Signal::Transport => (Retry, "the transport failed, not the request (advice)"),
        Signal::Timeout => (BackOff, "the peer did not answer in time (advice)"),
        Signal::Unsent | Signal::NotConnected => (Retry, "the request was handed back (advice)"),
        Signal::Foreign => (GiveUp, "the error is of the other stack, which this classifier does not read (advice)"),
        Signal::Unknown => (GiveUp, "nothing says that another attempt would end better (advice)"),
    }
}
