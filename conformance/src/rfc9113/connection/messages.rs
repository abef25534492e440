//! The frames that carry messages (§8.1): DATA, HEADERS, PUSH_PROMISE and CONTINUATION.

use super::{Block, Connection, Endpoint, Kind, Place};
use crate::{
    http2::{
        Frame, FrameType, StreamId, View, flags,
        hpack::{self, Unread},
    },
    rfc9113::{
        Handling,
        clauses::Clause,
        field_block::Section,
        message::Step,
        stream::{How, State},
    },
};

impl Connection<'_> {
    /// §6.1.
    pub(super) fn data(&mut self, index: usize, frame: &Frame) -> Handling {
        let place = match self.place(frame.stream) {
            Place::Ours(place) => place,
            Place::Idle => return Handling::ConnectionError(Clause::OnIdle),
            Place::Reserved => return Handling::ConnectionError(Clause::FrameOnReservedStream),
            Place::Skipped => return Handling::StreamError(Clause::DataOnClosed),
        };
        self.streams[place].begins_answer(index);
        let View::Data(content) = frame.view() else { return misfit(frame, Handling::StreamError(Clause::FrameSize)) };
        let accepted = self.account(place, frame.payload.len());
        if let Some(refused) = self.refuse(place, Clause::DataOnClosed) {
            return refused;
        }
        let content = frame.payload.slice_ref(content);
        let judged = self.streams[place].response.data(content, frame.ends_stream());
        let handling = self.judge(index, place, judged, frame.ends_stream());
        match handling {
            Handling::Processed => accepted.or_padding(frame),
            other => other,
        }
    }

    /// §6.9: the whole payload of a DATA frame counts, however the frame is handled.
    fn account(&mut self, place: usize, length: usize) -> Handling {
        self.meet(Clause::AlwaysAccounted);
        let stream = &mut self.streams[place];
        self.receive_window -= length as i64;
        stream.receive_window -= length as i64;
        stream.counted += length as i64;
        if length > 0 && (self.receive_window < 0 || stream.receive_window < 0) {
            stream.may_have_ended = true;
            // However the frame is handled otherwise, the client may end the connection for its length.
            self.may_have_ended = true;
            return Handling::Choice(Clause::UnableToAccept);
        }
        Handling::Processed
    }

    /// §5.1: the handling of a frame that the state of the stream does not let the peer send; `None` if it does.
    fn refuse(&mut self, place: usize, closed: Clause) -> Option<Handling> {
        let state = self.streams[place].state();
        self.streams[place].is_late |= matches!(state, State::Closed(_));
        match state {
            State::Open | State::HalfClosedLocal => None,
            State::HalfClosedRemote => Some(Handling::StreamError(Clause::OnHalfClosedRemote)),
            State::Closed(How::NothingMayCome) => {
                self.may_have_ended = true;
                self.meet(Clause::OnClosed);
                self.meet(Clause::NotPermitted);
                Some(Handling::StreamError(closed))
            }
            State::Closed(How::Reset) => Some(self.discard_after_reset(place)),
        }
    }

    /// §5.1, §5.4.2, §6.4: frames may still arrive after the client has reset a stream.
    fn discard_after_reset(&mut self, place: usize) -> Handling {
        self.meet(Clause::FramesAfterReset);
        self.meet(Clause::PreparedAfterReset);
        if self.streams[place].client_reset.is_some_and(|turn| turn < self.turn) {
            // The client may have forgotten the stream by now; the RFC leaves open by which signals.
            self.may_have_ended = true;
            for clause in [Clause::NoTimers, Clause::LateOnClosed, Clause::AnotherReset] {
                self.meet(clause);
            }
        }
        Handling::Discarded(Clause::MinimallyProcess)
    }

    /// The effect of a part of a response on its stream.
    fn judge(&mut self, index: usize, place: usize, judged: (Step, Option<Clause>), end_stream: bool) -> Handling {
        let (step, doubtful) = judged;
        let stream = &mut self.streams[place];
        if stream.disowned.is_some() {
            // A client can treat the stream as though it had never been created (§6.8), but need not.
            stream.uncertain = true;
        }
        stream.remote_ended |= end_stream && !matches!(step, Step::Malformed(_));
        match step {
            Step::Malformed(clause) if self.judged == Endpoint::Server => return self.malformed_request(place, clause),
            Step::Malformed(clause) => {
                stream.ends_with_error = end_stream && stream.local_ended;
                self.meet(Clause::Malformed);
                self.meet(Clause::MalformedNotAccepted);
                self.meet(Clause::MalformedIsStreamError);
                return Handling::StreamError(clause);
            }
            Step::Completes => {
                stream.complete_at.get_or_insert(index);
                let early = !stream.local_ended;
                self.meet(Clause::ResponseComplete);
                self.meet_if(early, Clause::EarlyResponse);
            }
            Step::Fits => {}
        }
        match doubtful {
            Some(clause) => {
                self.streams[place].is_left_open();
                Handling::Choice(clause)
            }
            None => Handling::Processed,
        }
    }

    /// §6.2.
    pub(super) fn headers(&mut self, index: usize, frame: &Frame) -> Handling {
        let View::Headers(fragment) = frame.view() else {
            if let Place::Ours(place) = self.place(frame.stream) {
                self.streams[place].begins_answer(index);
            }
            return misfit(frame, Handling::ConnectionError(Clause::FrameSizeOfConnection));
        };
        self.opens(frame.stream);
        if let Place::Ours(place) = self.place(frame.stream) {
            self.streams[place].begins_answer(index);
            if frame.dependency() == Some(frame.stream) {
                self.streams[place].is_left_open();
                self.may_have_ended = true;
            }
        }
        let of = Kind::Headers { end_stream: frame.ends_stream() };
        let block = Block { stream: frame.stream, of, fragments: fragment.to_vec() };
        self.fragment(index, block, frame)
    }

    /// §4.3: END_HEADERS completes a field block, which counts as a single frame and is judged at its end.
    fn fragment(&mut self, index: usize, block: Block, frame: &Frame) -> Handling {
        if !frame.has(flags::END_HEADERS) {
            let ends = matches!(block.of, Kind::Headers { end_stream: true });
            self.meet_if(ends, Clause::EndStreamBeforeContinuation);
            self.block = Some(block);
            return Handling::Processed;
        }
        let section = match self.blocks.read(&block.fragments) {
            Err(Unread::Invalid) => return Handling::ConnectionError(Clause::Decompression),
            section => section,
        };
        match (block.of, section) {
            (Kind::Promise(promised), _) => self.promise(block.stream, promised),
            (Kind::Headers { end_stream }, Ok(section)) => {
                let handling = self.section(index, block.stream, end_stream, &section).or_padding(frame);
                if handling == Handling::Processed && hpack::has_late_size_update(&block.fragments) {
                    return self.late_size_update(block.stream);
                }
                handling
            }
            (Kind::Headers { end_stream }, Err(_)) => self.too_large(block.stream, end_stream),
        }
    }

    /// RFC 7541 §4.2 allows a size update only at the beginning of a block, but does not say that another is an error.
    fn late_size_update(&mut self, stream: StreamId) -> Handling {
        if let Place::Ours(place) = self.place(stream) {
            self.streams[place].is_left_open();
        }
        Handling::Choice(Clause::Decompression)
    }

    /// A field section larger than the client, or this model, reads: the RFC leaves open how a client handles it.
    fn too_large(&mut self, stream: StreamId, end_stream: bool) -> Handling {
        if let Place::Ours(place) = self.place(stream) {
            self.streams[place].is_left_open();
            self.streams[place].response.sent.is_unread = true;
            self.streams[place].remote_ended |= end_stream;
        }
        Handling::Choice(Clause::SectionSize)
    }

    /// A whole field section of a response.
    fn section(&mut self, index: usize, stream: StreamId, end_stream: bool, section: &Section) -> Handling {
        let place = match self.place(stream) {
            Place::Ours(place) => place,
            Place::Idle if !stream.is_client_initiated() => return Handling::ConnectionError(Clause::HeadersOnIdle),
            Place::Idle | Place::Skipped => return Handling::ConnectionError(Clause::UnexpectedIdentifier),
            Place::Reserved => return Handling::Processed,
        };
        if let Some(refused) = self.refuse(place, Clause::OnClosed) {
            return refused;
        }
        if self.limits.max_header_list_size.is_some_and(|limit| section.size > limit as usize) {
            return self.too_large(stream, end_stream);
        }
        self.streams[place].is_answered(index);
        let judged = self.streams[place].response.headers(section, end_stream, &mut self.met);
        self.judge(index, place, judged, end_stream)
    }

    /// §6.6, §8.4.
    pub(super) fn push_promise(&mut self, index: usize, frame: &Frame) -> Handling {
        let View::PushPromise { promised, block } = frame.view() else {
            return misfit(frame, Handling::ConnectionError(Clause::FrameSizeOfConnection));
        };
        let of = Kind::Promise(promised);
        let block = Block { stream: frame.stream, of, fragments: block.to_vec() };
        self.fragment(index, block, frame)
    }

    /// A whole PUSH_PROMISE, with its CONTINUATION frames.
    fn promise(&mut self, stream: StreamId, promised: StreamId) -> Handling {
        if !self.limits.push && self.limits.unacknowledged == 0 {
            return Handling::ConnectionError(Clause::PushDisabled);
        }
        let Place::Ours(place) = self.place(stream) else {
            return Handling::ConnectionError(Clause::PushOnClosed);
        };
        match self.streams[place].state() {
            State::Open | State::HalfClosedLocal => {}
            State::Closed(How::Reset) => self.meet(Clause::PushAfterReset),
            State::HalfClosedRemote | State::Closed(_) => return Handling::ConnectionError(Clause::PushOnClosed),
        }
        if promised.is_client_initiated() || promised <= self.highest_promised {
            return Handling::ConnectionError(Clause::PromisedIdentifier);
        }
        self.highest_promised = promised;
        self.reserved.push(promised);
        self.meet(Clause::SentOnReserved);
        if self.limits.push {
            return Handling::Processed;
        }
        // The client has disabled push, and the peer has not acknowledged that yet.
        Handling::Choice(Clause::PushDisabled)
    }

    /// §6.10.
    pub(super) fn continuation(&mut self, index: usize, frame: &Frame) -> Handling {
        let (Some(mut block), View::Continuation(fragment)) = (self.block.take(), frame.view()) else {
            return Handling::ConnectionError(Clause::ContinuationWithoutHeaders);
        };
        block.fragments.extend_from_slice(fragment);
        self.fragment(index, block, frame)
    }
}

impl Handling {
    /// The same, but a client may object to the non-zero padding of a frame that is otherwise processed (§6.1).
    fn or_padding(self, frame: &Frame) -> Handling {
        if self == Handling::Processed && has_non_zero_padding(frame) {
            return Handling::Choice(Clause::NonZeroPadding);
        }
        self
    }
}

/// The handling of a payload that does not fit its layout: padded beyond its end, or else `too_short`.
fn misfit(frame: &Frame, too_short: Handling) -> Handling {
    let padded = frame.has(flags::PADDED) && !frame.payload.is_empty();
    if padded { Handling::ConnectionError(Clause::TooMuchPadding) } else { too_short }
}

fn has_non_zero_padding(frame: &Frame) -> bool {
    if !frame.has(flags::PADDED) || !matches!(frame.kind, FrameType::DATA | FrameType::HEADERS) {
        return false;
    }
    let length = frame.payload.first().copied().unwrap_or_default();
    frame.payload.iter().rev().take(usize::from(length)).any(|byte| *byte != 0)
}
