//! The truth about one request: the model's answer, and the frame and clause that decided it.

use super::{
    End,
    clauses::Clause,
    connection::Connection,
    message::SentResponse,
    stream::{Answered, ClosedBy, Stream},
};
use crate::{http2::StreamId, vocabulary::Processed};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What RFC 9113 says about one request, by the frames that the client had received when the request ended or was
/// cancelled, or by all frames if it did not end.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Truth {
    /// The stream that it was written on, if the transport ever took its frame with END_HEADERS.
    pub stream: Option<StreamId>,
    /// Whether the peer acted on it: several values, in the order of [`Processed`], where the RFC leaves a choice.
    pub processed: Vec<Processed>,
    /// Whether the client had to know that it was not processed: the request was never written, or the client had
    /// handled the frame that says so before anything else could end the request.
    pub is_known: bool,
    /// Whether the whole response arrived.
    pub complete: Certainty,
    /// Whether it may still be open.
    pub open: Certainty,
    /// Whether something gives the client a reason to fail it: a frame of the peer, the transport, its application, or
    /// what the RFC leaves open.
    pub may_fail: bool,
    /// How many bytes of content its application reads; none if it reads all.
    pub wanted: Option<u64>,
    /// The ground for `processed`.
    pub because: Ground,
    /// The response, as far as the peer sent it.
    pub response: SentResponse,
    /// What ended the request or kept its response incomplete; none if nothing did.
    pub ended_by: Option<Ground>,
}

/// Whether something is so, as far as the RFC decides it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Certainty {
    /// It is so.
    Yes,
    /// It is not so.
    No,
    /// The RFC leaves it to the client.
    Either,
}

/// The frame of the peer and the clause that decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Ground {
    /// The frame, counted from the peer's first; none if no frame of the peer decides.
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

    /// Whether it is a frame of the peer that RFC 9113 forbids.
    pub fn is_fault(self) -> bool {
        let normal = [Clause::ResponseComplete, Clause::ResetEndsStream, Clause::GoawayGuarantee, Clause::NoNewStreams];
        self.frame.is_some() && !normal.contains(&self.clause)
    }

    /// Describes in a few words what decides.
    pub fn what(self) -> &'static str {
        match (self.frame, self.clause) {
            (Some(_), Clause::ResponseComplete) => "its last frame",
            (Some(_), Clause::ResetEndsStream) => "the peer's RST_STREAM",
            (Some(_), Clause::GoawayGuarantee | Clause::NoNewStreams) => "the peer's GOAWAY",
            (Some(_), _) => "a fault of the peer",
            (None, Clause::NewStream) => "it was never written",
            (None, Clause::NotAgainByItself) => "no frame of the peer decides it",
            (None, Clause::LastFrame) => "the client's own RST_STREAM",
            (None, Clause::EndAtAnyTime) => "the client's close of the connection",
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
    /// The current truth about the request with this number. `written` is the stream that it is ever written on.
    pub(super) fn truth(&self, number: usize, written: Option<StreamId>) -> Truth {
        let stream = self.streams.iter().find(|stream| stream.request == Some(number));
        let (Some(stream), Some(id)) = (stream, written) else {
            return self.truth_unwritten(number, written);
        };
        let (processed, because) = stream.processed();
        let ended_by = stream.ended_by().or_else(|| self.ended_by(stream));
        let open = self.open(stream, ended_by.is_some());
        Truth {
            stream: Some(id),
            is_known: stream.disowned.is_some_and(|disowned| disowned.in_time) && !self.has_acted(stream),
            processed,
            complete: stream.complete(),
            open,
            may_fail: self.may_fail(Some(stream), number),
            wanted: self.wanted(number),
            because,
            response: stream.response.sent.clone(),
            ended_by,
        }
    }

    /// The truth about a request whose HEADERS the transport has not taken.
    fn truth_unwritten(&self, number: usize, written: Option<StreamId>) -> Truth {
        let ended_by = self.end_ground().or_else(|| {
            let (frame, _) = self.goaway?;
            Some(Ground::frame(frame, Clause::NoNewStreams))
        });
        // One that is cancelled could not be written before, and without a client none is issued.
        let is_issued = number < self.issued || !self.is_client_dropped;
        let waits = (self.is_full() || self.is_cancelled(number)) && ended_by.is_none() || !is_issued;
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
            may_fail: self.may_fail(None, number),
            wanted: self.wanted(number),
            because: Ground::none(Clause::NewStream),
            response: SentResponse::default(),
            ended_by,
        }
    }

    fn may_fail(&self, stream: Option<&Stream>, number: usize) -> bool {
        let of_stream = stream.map_or(self.goaway.is_some(), |stream| {
            stream.closed_by.is_some() || stream.client_reset.is_some() || stream.is_left_to_the_client()
        });
        of_stream || self.end.is_some() || self.is_left_open() || self.may_give_up(Some(number))
    }

    /// Whether the client itself has ended the stream or the connection. The wire does not show whether that was before
    /// or after it handled a frame that arrived at about the same time.
    fn has_acted(&self, stream: &Stream) -> bool {
        stream.client_reset.is_some() || self.has_failed
    }

    /// Whether the stream may still be open. It has certainly ended if either side has reset it, or if its connection
    /// has ended.
    fn open(&self, stream: &Stream, ended: bool) -> Certainty {
        let reset = matches!(stream.closed_by, Some(ClosedBy::Peer { .. } | ClosedBy::Client));
        let certainly = reset || stream.client_reset.is_some() || self.end.is_some();
        match (ended, certainly) {
            // An application that does not ask for more does not learn of the end.
            (true, _) if self.is_held_back(stream) => Certainty::Either,
            (true, false) if stream.uncertain => Certainty::Either,
            (true, _) => Certainty::No,
            // A client that sent a PING may give the connection up if no answer arrives (§8.7).
            (false, _) if !self.unanswered_pings.is_empty() => Certainty::Either,
            (false, _) => Certainty::Yes,
        }
    }

    /// The peer's guarantee or the end of the connection, whichever ends a request on this stream.
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
    /// §6.8, §8.7. A peer that disowns a stream after answering on it contradicts itself, and the RFC does not say what
    /// holds. The model takes it as Yes or Maybe, never No.
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
