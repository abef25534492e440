//! A stream that the client initiated, as the client sees it (§5.1).

use super::{clauses::Clause, message::Response};
use crate::http2::StreamId;

/// A stream, as the model keeps it.
#[derive(Clone, Debug, Default)]
pub(super) struct Stream {
    pub id: StreamId,
    /// The number of the request that was written on it; none until the transport has taken its HEADERS.
    pub request: Option<usize>,
    pub response: Response,
    /// Whether the client has sent END_STREAM.
    pub local_ended: bool,
    /// Whether the peer has sent END_STREAM.
    pub remote_ended: bool,
    /// What closed it before both sides had ended it.
    pub closed_by: Option<ClosedBy>,
    /// Whether the peer has answered.
    pub answered: Answered,
    /// The peer's statement that the request was not and will not be processed.
    pub disowned: Option<Disowned>,
    /// The frame that made the response complete.
    pub complete_at: Option<usize>,
    /// The number of bytes that the client has room for (§6.9).
    pub receive_window: i64,
    /// The number of bytes that the peer has sent and that count against its windows.
    pub counted: i64,
    /// The number of bytes that the peer has room for (§6.9).
    pub send_window: i64,
    /// Whether the RFC allowed the client to end the stream at some frame, without requiring it.
    pub may_have_ended: bool,
    /// Whether the RFC leaves open how a client handles the stream's frames.
    pub uncertain: bool,
    /// Whether a frame arrived on it after it was closed: the client may answer with RST_STREAM.
    pub is_late: bool,
    /// Whether the frame that is a stream error has END_STREAM: the client need not reset what is closed.
    pub ends_with_error: bool,
    /// The number of bytes of its request's content that the client has written.
    pub uploaded: usize,
    /// Whether the server that is judged has sent a response on it, or part of one.
    pub has_answer: bool,
    /// The turn in which the client reset it, if it did.
    pub client_reset: Option<usize>,
    /// Whether a frame on it was a stream error: the client answers with RST_STREAM, even on a closed stream.
    pub erred: bool,
}

/// What closed a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ClosedBy {
    /// The peer's RST_STREAM.
    Peer { frame: usize },
    /// A frame of the peer that is a stream error.
    Error { frame: usize, clause: Clause },
    /// The client's own RST_STREAM.
    Client,
}

/// Whether the peer has answered on a stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Answered {
    #[default]
    No,
    /// A frame has arrived that may begin an answer.
    Unclear { frame: usize },
    /// A head has arrived, interim or final.
    Yes { frame: usize },
}

/// A guarantee of §8.7 that the request was not processed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Disowned {
    pub frame: usize,
    pub clause: Clause,
    /// Whether the client must have handled that frame before anything else could end the request.
    pub in_time: bool,
    /// Whether the peer had already answered, and so contradicts itself.
    pub answered_before: bool,
}

/// The states of §5.1 that a client's own stream can be in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Open,
    HalfClosedLocal,
    HalfClosedRemote,
    Closed(How),
}

/// How a stream was closed, as far as it matters to later frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum How {
    /// Both sides have ended it, or the peer has reset it.
    NothingMayCome,
    /// The client has reset it, or may have: frames may still be on their way.
    Reset,
}

impl Stream {
    /// §5.1.
    pub(super) fn state(&self) -> State {
        match (self.closed_by, self.local_ended, self.remote_ended) {
            (None, false, false) => State::Open,
            (None, true, false) => State::HalfClosedLocal,
            (None, false, true) => State::HalfClosedRemote,
            _ if self.erred || self.client_reset.is_some() || self.may_have_ended => State::Closed(How::Reset),
            _ => State::Closed(How::NothingMayCome),
        }
    }

    /// Whether the peer may go on with its response.
    pub(super) fn receives(&self) -> bool {
        matches!(self.state(), State::Open | State::HalfClosedLocal)
    }

    /// Whether it counts toward the peer's limit (§5.1.2).
    pub(super) fn is_active(&self) -> bool {
        self.request.is_some() && !matches!(self.state(), State::Closed(_))
    }

    /// Whether the RFC leaves open what the client does with the stream, or lets it forget the stream (§6.8).
    pub(super) fn is_left_to_the_client(&self) -> bool {
        self.uncertain || self.may_have_ended || self.disowned.is_some()
    }

    /// Records that the RFC leaves open what the client does with the stream from here on.
    pub(super) fn is_left_open(&mut self) {
        self.uncertain = true;
        self.may_have_ended = true;
    }

    /// Records a frame that only an answer has. It does not count once the client has ended the stream, or may have.
    pub(super) fn begins_answer(&mut self, frame: usize) {
        if self.answered == Answered::No && !self.may_have_ended && !self.erred {
            self.answered = Answered::Unclear { frame };
        }
    }

    /// Records a head. It does not count once the client has ended the stream, or may have.
    pub(super) fn is_answered(&mut self, frame: usize) {
        if !matches!(self.answered, Answered::Yes { .. }) && !self.may_have_ended && !self.erred {
            self.answered = Answered::Yes { frame };
        }
    }
}
