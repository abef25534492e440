//! What is true of one request: the model's answer, and the frame and clause that decided it.

use super::{
    clauses::Clause,
    connection::{Connection, End},
    stream::{Answered, ClosedBy, Stream},
};
use crate::{classifiers::Processed, http2::StreamId};
use serde::Serialize;
use std::fmt;

/// What RFC 9113 makes of one request, by the frames that the client had received when it ended, or at all if it did not.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Truth {
    /// The stream that it was written on: the transport took its frame with END_HEADERS, sooner or later.
    pub stream: Option<StreamId>,
    /// Whether the peer acted on it; several where the RFC leaves a choice, in the order of [`Processed`].
    pub processed: Vec<Processed>,
    /// Whether the client had to know that it was not processed: it was never written, or it had handled the frame that
    /// says so before anything else could end the request.
    pub is_known: bool,
    /// Whether the whole response came.
    pub complete: Certainty,
    /// Whether it may be open still.
    pub open: Certainty,
    /// What decided whether it was processed.
    pub because: Ground,
    /// What ended it, or kept its response from being complete; none while nothing did.
    pub ended_by: Option<Ground>,
}

/// Whether something is so, as far as the RFC decides it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Certainty {
    /// It is.
    Yes,
    /// It is not.
    No,
    /// The RFC leaves that to the client.
    Either,
}

/// A frame of the peer and the clause by which it decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Ground {
    /// The frame, counted from the peer's first; none if it is that no frame came.
    pub frame: Option<usize>,
    /// The clause.
    pub clause: Clause,
}

impl Ground {
    fn frame(frame: usize, clause: Clause) -> Ground {
        Ground { frame: Some(frame), clause }
    }

    fn none(clause: Clause) -> Ground {
        Ground { frame: None, clause }
    }

    /// What it is that decides, in a few words.
    pub fn what(self) -> &'static str {
        match (self.frame, self.clause) {
            (Some(_), Clause::ResponseComplete) => "its last frame",
            (Some(_), Clause::ResetEndsStream) => "the peer's RST_STREAM",
            (Some(_), Clause::GoawayGuarantee | Clause::NoNewStreams) => "the peer's GOAWAY",
            (Some(_), _) => "a fault of the peer",
            (None, Clause::NewStream) => "it was never written",
            (None, Clause::NotAgainByItself) => "nothing that the peer sent says",
            (None, Clause::LastFrame) => "the client's own RST_STREAM",
            (None, Clause::EndAtAnyTime) => "the client's end of the connection",
            (None, _) => "the end of the transport",
        }
    }
}

impl Truth {
    /// Whether the request was certainly not processed.
    pub fn is_unprocessed(&self) -> bool {
        self.processed == [Processed::No]
    }
}

impl Connection<'_> {
    /// What is true of the request of this number now. `written` is the stream that it is written on in the end.
    pub(super) fn truth(&self, number: usize, written: Option<StreamId>) -> Truth {
        let stream = self.streams.iter().find(|stream| stream.request == Some(number));
        let (Some(stream), Some(id)) = (stream, written) else { return self.truth_unwritten(written) };
        let (processed, because) = stream.processed();
        let ended_by = stream.ended_by().or_else(|| self.ended_by(stream));
        let open = self.open(stream, ended_by.is_some());
        Truth {
            stream: Some(id),
            is_known: stream.disowned.is_some_and(|disowned| disowned.in_time) && !self.has_acted(stream),
            processed,
            complete: stream.complete(),
            open,
            because,
            ended_by,
        }
    }

    /// A request whose HEADERS the transport has not taken.
    fn truth_unwritten(&self, written: Option<StreamId>) -> Truth {
        let ended_by = self.end_ground().or_else(|| {
            let (frame, _) = self.goaway?;
            Some(Ground::frame(frame, Clause::NoNewStreams))
        });
        let waits = self.is_full() && ended_by.is_none();
        Truth {
            stream: written,
            processed: vec![if written.is_none() { Processed::No } else { Processed::Maybe }],
            is_known: written.is_none(),
            complete: Certainty::No,
            open: match (waits, self.may_have_ended && ended_by.is_none()) {
                (true, _) => Certainty::Yes,
                (_, true) => Certainty::Either,
                _ => Certainty::No,
            },
            because: Ground::none(Clause::NewStream),
            ended_by,
        }
    }

    /// Whether the client has ended the stream or the connection itself: in which order it did that and handled a frame
    /// that came at about the same time, the wire does not tell.
    fn has_acted(&self, stream: &Stream) -> bool {
        stream.client_reset.is_some() || self.has_failed
    }

    /// Whether the stream may be open still. What ended for certain: what either side has reset, and all that was on a
    /// connection which is no more.
    fn open(&self, stream: &Stream, ended: bool) -> Certainty {
        let reset = matches!(stream.closed_by, Some(ClosedBy::Peer { .. } | ClosedBy::Client));
        let certainly = reset || stream.client_reset.is_some() || self.end.is_some();
        match (ended, certainly) {
            (true, false) if stream.uncertain => Certainty::Either,
            (true, _) => Certainty::No,
            // A client that asks whether the connection is still active may give it up without an answer (§8.7).
            (false, _) if self.unanswered_pings > 0 => Certainty::Either,
            (false, _) => Certainty::Yes,
        }
    }

    /// What of the connection's state ends a request on this stream.
    fn ended_by(&self, stream: &Stream) -> Option<Ground> {
        let disowned = stream.disowned.map(|disowned| Ground::frame(disowned.frame, disowned.clause));
        disowned.or_else(|| self.end_ground())
    }

    fn end_ground(&self) -> Option<Ground> {
        Some(match self.end? {
            End::Broken { frame, clause } => Ground::frame(frame, clause),
            End::Client => Ground::none(Clause::EndAtAnyTime),
            End::Transport => Ground::none(Clause::NotRetriedAfterLoss),
        })
    }
}

impl Stream {
    /// §6.8, §8.7. What a peer says that disowns a stream which it has answered is a contradiction, and not provided for:
    /// here it is taken for Yes or Maybe, never No.
    fn processed(&self) -> (Vec<Processed>, Ground) {
        match (self.disowned, self.answered) {
            (Some(disowned), Answered::Yes { .. } | Answered::Unclear { .. }) if disowned.answered_before => {
                (vec![Processed::Maybe, Processed::Yes], Ground::frame(disowned.frame, Clause::Disowned))
            }
            (Some(disowned), _) => (vec![Processed::No], Ground::frame(disowned.frame, disowned.clause)),
            (None, Answered::Yes { frame }) => (vec![Processed::Yes], Ground::frame(frame, Clause::NewStream)),
            (None, Answered::Unclear { frame }) => {
                (vec![Processed::Maybe, Processed::Yes], Ground::frame(frame, Clause::Malformed))
            }
            (None, Answered::No) => (vec![Processed::Maybe], Ground::none(Clause::NotAgainByItself)),
        }
    }

    /// §8.1.
    fn complete(&self) -> Certainty {
        match (self.complete_at, self.uncertain && self.remote_ended) {
            (_, true) => Certainty::Either,
            (Some(_), _) => Certainty::Yes,
            (None, _) => Certainty::No,
        }
    }

    fn ended_by(&self) -> Option<Ground> {
        if let Some(frame) = self.complete_at {
            return Some(Ground::frame(frame, Clause::ResponseComplete));
        }
        Some(match self.closed_by? {
            ClosedBy::Peer { frame } => Ground::frame(frame, Clause::ResetEndsStream),
            ClosedBy::Error { frame, clause } => Ground::frame(frame, clause),
            ClosedBy::Client => Ground::none(Clause::LastFrame),
        })
    }
}

impl fmt::Display for Certainty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Certainty::Yes => "yes",
            Certainty::No => "no",
            Certainty::Either => "yes or no",
        })
    }
}
