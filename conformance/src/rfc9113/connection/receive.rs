//! What the peer's frames do, one function a frame type.

use super::{Block, Connection, End, Kind, MIN_MAX_FRAME_SIZE, Place};
use crate::{
    http2::{ErrorCode, Frame, FrameType, SettingId, StreamId, View, flags, hpack::Unread, wire::Header},
    rfc9113::{
        Handling,
        clauses::Clause,
        field_block::Section,
        message::Step,
        stream::{Answered, ClosedBy, Disowned, How, State, Stream},
    },
    script::Method,
};

/// The largest size of a window (§6.9.1).
const MAX_WINDOW: i64 = 0x7fff_ffff;

impl Connection<'_> {
    /// The peer's next frame. `index` counts its frames.
    pub(crate) fn receive(&mut self, index: usize, frame: &Frame) -> Handling {
        if self.end.is_some() {
            return Handling::Unread;
        }
        let handling = self.handle(index, frame);
        self.carry_out(index, frame.stream, handling);
        handling
    }

    /// A frame that is longer than the client takes, of which only the header is needed to know that (§4.2).
    pub(crate) fn receive_too_long(&mut self, index: usize, header: Header) -> Handling {
        if self.end.is_some() {
            return Handling::Unread;
        }
        self.meet(Clause::FrameSize);
        let of_connection = matches!(
            header.kind,
            FrameType::HEADERS | FrameType::PUSH_PROMISE | FrameType::CONTINUATION | FrameType::SETTINGS
        );
        let handling = match (of_connection || header.stream.is_connection(), header.kind) {
            (true, _) => Handling::ConnectionError(Clause::FrameSizeOfConnection),
            (_, FrameType::RST_STREAM) => Handling::ConnectionError(Clause::ResetSize),
            (_, FrameType::WINDOW_UPDATE) => Handling::ConnectionError(Clause::WindowUpdateSize),
            (_, FrameType::PING) => Handling::ConnectionError(Clause::PingSize),
            _ => Handling::StreamError(Clause::FrameSize),
        };
        self.carry_out(index, header.stream, handling);
        handling
    }

    /// §5.4: what the errors do to stream and connection.
    fn carry_out(&mut self, index: usize, stream: StreamId, handling: Handling) {
        if let Some(clause) = handling.clause() {
            self.meet(clause);
        }
        match handling {
            Handling::ConnectionError(clause) => {
                self.meet(Clause::ConnectionErrorReported);
                self.meet(Clause::AnyCode);
                self.ends(End::Broken { frame: index, clause });
            }
            Handling::StreamError(clause) => {
                self.meet(Clause::ResetOnStreamError);
                self.meet(Clause::Escalated);
                self.may_have_ended = true;
                self.stream_error(index, stream, clause);
            }
            Handling::Choice(_) => self.may_have_ended = true,
            Handling::Processed | Handling::Discarded(_) | Handling::Unread => {}
        }
    }

    fn stream_error(&mut self, index: usize, id: StreamId, clause: Clause) {
        let Some(stream) = self.streams.iter_mut().find(|stream| stream.id == id) else { return };
        if matches!(stream.state(), State::Closed(_)) {
            self.met.insert(Clause::FirstStreamError);
        } else {
            stream.closed_by = Some(ClosedBy::Error { frame: index, clause });
        }
        stream.erred = true;
    }

    fn handle(&mut self, index: usize, frame: &Frame) -> Handling {
        if !std::mem::replace(&mut self.has_preface, true) {
            self.meet(Clause::ServerPreface);
            if frame.kind != FrameType::SETTINGS || frame.has(flags::ACK) {
                return Handling::ConnectionError(Clause::InvalidPreface);
            }
        }
        if let Some(block) = &self.block
            && (frame.kind != FrameType::CONTINUATION || frame.stream != block.stream)
        {
            let clause = match (frame.kind.name(), block.of) {
                (None, _) => Clause::UnknownInFieldBlock,
                (_, Kind::Promise(_)) => Clause::PushContinued,
                _ => Clause::HeadersContinued,
            };
            self.meet(Clause::FieldBlock);
            self.meet(Clause::NothingBetween);
            return Handling::ConnectionError(clause);
        }
        match frame.kind {
            FrameType::DATA => self.data(index, frame),
            FrameType::HEADERS => self.headers(index, frame),
            FrameType::PRIORITY => self.priority(frame),
            FrameType::RST_STREAM => self.rst_stream(index, frame),
            FrameType::SETTINGS => self.settings(frame),
            FrameType::PUSH_PROMISE => self.push_promise(index, frame),
            FrameType::PING => self.ping(frame),
            FrameType::GOAWAY => self.goaway(index, frame),
            FrameType::WINDOW_UPDATE => self.window_update(frame),
            FrameType::CONTINUATION => self.continuation(index, frame),
            _ => {
                self.meet(Clause::UnknownInAnyState);
                Handling::Discarded(Clause::UnknownType)
            }
        }
    }

    /// The stream of the client with this identifier, if there is one; else what else it is.
    fn place(&mut self, id: StreamId) -> Place {
        if let Some(index) = self.streams.iter().position(|stream| stream.id == id) {
            return Place::Ours(index);
        }
        let ours = id.is_client_initiated();
        if ours && id > self.highest_opened && (id.get() as usize) < 2 * self.issued {
            return Place::Ours(self.open_unwritten(id));
        }
        match ours {
            true if id > self.highest_opened => Place::Idle,
            false if self.reserved.contains(&id) => Place::Reserved,
            false if id > self.highest_promised => Place::Idle,
            _ => Place::Skipped,
        }
    }

    /// A frame comes on a stream that the client may have chosen for a request, and has not written yet: idle for the
    /// peer, and open in the client's own books. What it does then is left open.
    fn open_unwritten(&mut self, id: StreamId) -> usize {
        self.may_have_ended = true;
        let number = self.written.iter().find(|(_, stream)| *stream == id).map(|(number, _)| *number);
        let method = number.map_or(Method::Get, |number| self.requests[number].method());
        self.streams.push(Stream { uncertain: true, ..self.stream(id, method) });
        self.streams.len() - 1
    }

    /// §6.1.
    fn data(&mut self, index: usize, frame: &Frame) -> Handling {
        if frame.stream.is_connection() {
            return Handling::ConnectionError(Clause::DataOnConnection);
        }
        let place = match self.place(frame.stream) {
            Place::Ours(place) => place,
            Place::Idle => return Handling::ConnectionError(Clause::OnIdle),
            Place::Reserved => return Handling::ConnectionError(Clause::OnReserved),
            Place::Skipped => return Handling::StreamError(Clause::DataOnClosed),
        };
        self.streams[place].begins_answer(index);
        let View::Data(content) = frame.view() else { return padding_error(frame, Clause::FrameSize) };
        let accepted = self.account(place, frame.payload.len());
        match self.admit(place, Clause::DataOnClosed) {
            Handling::Processed => {}
            refused => return refused,
        }
        let judged = self.streams[place].response.data(content.len(), frame.ends_stream());
        let handling = self.judge(index, place, judged, frame.ends_stream());
        match handling {
            Handling::Processed => accepted.or_padding(frame),
            other => other,
        }
    }

    /// §6.9: all of a DATA frame counts, whatever becomes of it.
    fn account(&mut self, place: usize, length: usize) -> Handling {
        let stream = &mut self.streams[place];
        self.receive_window -= length as i64;
        stream.receive_window -= length as i64;
        if length > 0 && (self.receive_window < 0 || stream.receive_window < 0) {
            stream.may_have_ended = true;
            return Handling::Choice(Clause::UnableToAccept);
        }
        Handling::Processed
    }

    /// §5.1: whether the stream is in a state in which the peer may send on it.
    fn admit(&mut self, place: usize, closed: Clause) -> Handling {
        match self.streams[place].state() {
            State::Open | State::HalfClosedLocal => Handling::Processed,
            State::HalfClosedRemote => Handling::StreamError(Clause::OnHalfClosedRemote),
            State::Closed(How::NothingMayCome) => {
                self.may_have_ended = true;
                self.meet(Clause::OnClosed);
                self.meet(Clause::NotPermitted);
                Handling::StreamError(closed)
            }
            State::Closed(How::Reset) => self.discard_after_reset(place),
        }
    }

    /// §5.1, §5.4.2, §6.4: what may still come after the client has reset a stream.
    fn discard_after_reset(&mut self, place: usize) -> Handling {
        self.meet(Clause::FramesAfterReset);
        self.meet(Clause::PreparedAfterReset);
        self.meet(Clause::NoTimers);
        self.meet(Clause::LateOnClosed);
        self.meet(Clause::AnotherReset);
        self.may_have_ended |= self.streams[place].client_reset.is_some_and(|turn| turn < self.turn);
        Handling::Discarded(Clause::MinimallyProcess)
    }

    /// What a part of a response does to its stream.
    fn judge(&mut self, index: usize, place: usize, judged: (Step, Option<Clause>), end_stream: bool) -> Handling {
        let (step, doubtful) = judged;
        let stream = &mut self.streams[place];
        if stream.disowned.is_some() {
            // As though it had never been created (§6.8), or not.
            stream.uncertain = true;
        }
        stream.remote_ended |= end_stream && !matches!(step, Step::Malformed(_));
        match step {
            Step::Malformed(clause) => {
                self.meet(Clause::Malformed);
                self.meet(Clause::MalformedNotAccepted);
                self.meet(Clause::MalformedIsStreamError);
                return Handling::StreamError(clause);
            }
            Step::Completes => {
                stream.complete_at.get_or_insert(index);
                let early = !stream.local_ended;
                self.meet(Clause::ResponseComplete);
                if early {
                    self.meet(Clause::EarlyResponse);
                }
            }
            Step::Fits => {}
        }
        match doubtful {
            Some(clause) => {
                self.streams[place].uncertain = true;
                self.streams[place].may_have_ended = true;
                Handling::Choice(clause)
            }
            None => Handling::Processed,
        }
    }

    /// §6.2.
    fn headers(&mut self, index: usize, frame: &Frame) -> Handling {
        if frame.stream.is_connection() {
            return Handling::ConnectionError(Clause::HeadersOnConnection);
        }
        let View::Headers(fragment) = frame.view() else {
            if let Place::Ours(place) = self.place(frame.stream) {
                self.streams[place].begins_answer(index);
            }
            return padding_error(frame, Clause::FrameSizeOfConnection);
        };
        if let Place::Ours(place) = self.place(frame.stream) {
            self.streams[place].begins_answer(index);
            if depends_on_itself(frame) {
                self.streams[place].uncertain = true;
                self.streams[place].may_have_ended = true;
                self.may_have_ended = true;
            }
        }
        let of = Kind::Headers { end_stream: frame.ends_stream() };
        let block = Block { stream: frame.stream, of, fragments: fragment.to_vec() };
        self.fragment(index, block, frame)
    }

    /// §4.3: a field block is complete with END_HEADERS, and counts as a single frame, judged at its end.
    fn fragment(&mut self, index: usize, block: Block, frame: &Frame) -> Handling {
        if !frame.has(flags::END_HEADERS) {
            if let Kind::Headers { end_stream: true } = block.of {
                self.meet(Clause::EndStreamBeforeContinuation);
            }
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
                self.section(index, block.stream, end_stream, &section).or_padding(frame)
            }
            (Kind::Headers { end_stream }, Err(_)) => self.too_large(block.stream, end_stream),
        }
    }

    /// A section larger than anybody reads here: how a client takes it is left open.
    fn too_large(&mut self, stream: StreamId, end_stream: bool) -> Handling {
        if let Place::Ours(place) = self.place(stream) {
            self.streams[place].uncertain = true;
            self.streams[place].may_have_ended = true;
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
        match self.admit(place, Clause::OnClosed) {
            Handling::Processed => {}
            refused => return refused,
        }
        if self.limits.max_header_list_size.is_some_and(|limit| section.size > limit as usize) {
            return self.too_large(stream, end_stream);
        }
        self.streams[place].is_answered(index);
        let judged = self.streams[place].response.headers(section, end_stream, &mut self.met);
        self.judge(index, place, judged, end_stream)
    }

    /// §6.3. A stream that depends on itself was an error in RFC 7540 §5.3.1; RFC 9113 has nothing on it.
    fn priority(&mut self, frame: &Frame) -> Handling {
        if frame.stream.is_connection() {
            return Handling::ConnectionError(Clause::PriorityOnConnection);
        }
        let View::Priority { depends_on, .. } = frame.view() else {
            return Handling::StreamError(Clause::PrioritySize);
        };
        if depends_on == frame.stream {
            if let Place::Ours(place) = self.place(frame.stream) {
                self.streams[place].uncertain = true;
                self.streams[place].may_have_ended = true;
            }
            return Handling::Choice(Clause::EndAtAnyTime);
        }
        Handling::Processed
    }

    /// §6.4.
    fn rst_stream(&mut self, index: usize, frame: &Frame) -> Handling {
        if frame.stream.is_connection() {
            return Handling::ConnectionError(Clause::ResetOnConnection);
        }
        let View::RstStream(code) = frame.view() else { return Handling::ConnectionError(Clause::ResetSize) };
        let place = match self.place(frame.stream) {
            Place::Ours(place) => place,
            Place::Idle => return Handling::ConnectionError(Clause::ResetOnIdle),
            Place::Reserved | Place::Skipped => return Handling::Discarded(Clause::NoResetForReset),
        };
        self.meet(Clause::NoResetForReset);
        if code.name().is_none() {
            self.meet(Clause::UnknownValues);
        }
        let stream = &mut self.streams[place];
        let closed = matches!(stream.state(), State::Closed(_));
        if stream.response.is_complete() && code == ErrorCode::NO_ERROR && !closed {
            self.met.insert(Clause::ResponseKept);
        }
        if !closed {
            stream.closed_by = Some(ClosedBy::Peer { frame: index });
        }
        stream.may_have_ended |= closed;
        if code == ErrorCode::REFUSED_STREAM {
            self.disown(place, index, Clause::RefusedGuarantee);
        }
        if closed {
            return Handling::Discarded(Clause::OnClosed);
        }
        self.meet(Clause::ResetEndsStream);
        self.meet(Clause::NothingAfterReset);
        Handling::Processed
    }

    /// §8.7: the peer guarantees that it has not processed the request.
    fn disown(&mut self, place: usize, frame: usize, clause: Clause) {
        let stream = &mut self.streams[place];
        if stream.disowned.is_some() {
            return;
        }
        let answered_before = stream.answered != Answered::No;
        stream.disowned = Some(Disowned {
            frame,
            clause,
            turn: self.turn,
            in_time: !self.may_have_ended && !stream.may_have_ended && !stream.uncertain,
            answered_before,
        });
        self.meet(clause);
        self.meet(Clause::NotProcessedNotFailed);
        if answered_before {
            self.meet(Clause::Disowned);
        }
    }

    /// §6.5.
    fn settings(&mut self, frame: &Frame) -> Handling {
        if !frame.stream.is_connection() {
            return Handling::ConnectionError(Clause::SettingsOnStream);
        }
        if frame.has(flags::ACK) {
            if !frame.payload.is_empty() {
                return Handling::ConnectionError(Clause::AckSize);
            }
            self.limits.unacknowledged = self.limits.unacknowledged.saturating_sub(1);
            return Handling::Processed;
        }
        let View::Settings(settings) = frame.view() else {
            return Handling::ConnectionError(Clause::SettingsSize);
        };
        for (id, value) in settings {
            if let Some(clause) = self.setting(id, value) {
                return Handling::ConnectionError(clause);
            }
        }
        Handling::Processed
    }

    /// §6.5.2; the clause that makes it an error, if it is one.
    fn setting(&mut self, id: SettingId, value: u32) -> Option<Clause> {
        match (id, value) {
            (SettingId::ENABLE_PUSH, 0) => None,
            (SettingId::ENABLE_PUSH, 1) => Some(Clause::EnablePushByServer),
            (SettingId::ENABLE_PUSH, _) => Some(Clause::EnablePushValue),
            (SettingId::INITIAL_WINDOW_SIZE, _) => self.initial_window(i64::from(value)),
            (SettingId::MAX_FRAME_SIZE, MIN_MAX_FRAME_SIZE..=0x00ff_ffff) => None,
            (SettingId::MAX_FRAME_SIZE, _) => Some(Clause::MaxFrameSizeValue),
            (SettingId::MAX_CONCURRENT_STREAMS, limit) => {
                self.stream_limit = Some(limit);
                self.meet(Clause::StreamLimit);
                None
            }
            _ => {
                if id.name().is_none() {
                    self.meet(Clause::UnknownSetting);
                }
                None
            }
        }
    }

    /// §6.9.2.
    fn initial_window(&mut self, size: i64) -> Option<Clause> {
        if size > MAX_WINDOW {
            return Some(Clause::InitialWindowValue);
        }
        let change = size - std::mem::replace(&mut self.peer_initial_window, size);
        let mut overflow = false;
        for stream in self.streams.iter_mut().filter(|stream| stream.closed_by.is_none() && !stream.local_ended) {
            stream.send_window += change;
            overflow |= stream.send_window > MAX_WINDOW;
        }
        overflow.then_some(Clause::InitialWindowOverflow)
    }

    /// §6.6, §8.4.
    fn push_promise(&mut self, index: usize, frame: &Frame) -> Handling {
        if frame.stream.is_connection() {
            return Handling::ConnectionError(Clause::PushOnConnection);
        }
        let View::PushPromise { promised, block } = frame.view() else {
            return padding_error(frame, Clause::FrameSizeOfConnection);
        };
        let of = Kind::Promise(promised);
        let block = Block { stream: frame.stream, of, fragments: block.to_vec() };
        self.fragment(index, block, frame)
    }

    /// A whole PUSH_PROMISE, with what continues it.
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
        // The client has said that it wants none, and the peer has not seen that yet.
        Handling::Choice(Clause::PushDisabled)
    }

    /// §6.7.
    fn ping(&mut self, frame: &Frame) -> Handling {
        if !frame.stream.is_connection() {
            return Handling::ConnectionError(Clause::PingOnStream);
        }
        match frame.view() {
            View::Ping(_) => {
                if frame.has(flags::ACK) {
                    self.unanswered_pings = self.unanswered_pings.saturating_sub(1);
                    self.meet(Clause::PingTests);
                }
                Handling::Processed
            }
            _ => Handling::ConnectionError(Clause::PingSize),
        }
    }

    /// §6.8.
    fn goaway(&mut self, index: usize, frame: &Frame) -> Handling {
        if !frame.stream.is_connection() {
            return Handling::ConnectionError(Clause::GoawayOnStream);
        }
        let View::GoAway { last_stream_id, code, debug_data } = frame.view() else {
            return Handling::ConnectionError(Clause::FrameSizeOfConnection);
        };
        self.meet_goaway(last_stream_id, code, debug_data);
        let before = self.goaway.map(|(_, last)| last);
        if before.is_some() {
            self.meet(Clause::SeveralGoaways);
        }
        if self.shuts_down && code != ErrorCode::NO_ERROR {
            self.meet(Clause::AnotherGoaway);
        }
        self.shuts_down |= code == ErrorCode::NO_ERROR;
        if before.is_some_and(|before| last_stream_id > before) {
            return Handling::Choice(Clause::RaisedIdentifier);
        }
        if before.is_some_and(|before| last_stream_id < before) {
            self.meet(Clause::LastGoaway);
        }
        self.goaway = Some((index, last_stream_id));
        for place in 0..self.streams.len() {
            let stream = &self.streams[place];
            if stream.id <= last_stream_id {
                let open = stream.closed_by.is_none() && stream.complete_at.is_none();
                self.meet(Clause::StreamsBelow);
                if open {
                    self.meet(Clause::MightStillComplete);
                }
            } else if stream.closed_by.is_none() {
                self.meet(Clause::StreamsAbove);
                self.disown(place, index, Clause::GoawayGuarantee);
                // The client can treat it as though it had never been created.
                self.streams[place].may_have_ended = true;
            }
        }
        Handling::Processed
    }

    fn meet_goaway(&mut self, last_stream_id: StreamId, code: ErrorCode, debug_data: &[u8]) {
        self.meet(Clause::NoNewStreams);
        if !debug_data.is_empty() {
            self.meet(Clause::DebugData);
        }
        match code {
            ErrorCode::NO_ERROR if last_stream_id == StreamId::MAX => self.meet(Clause::ShutdownImminent),
            ErrorCode::NO_ERROR => {}
            _ => self.meet(Clause::GoawayCode),
        }
    }

    /// §6.9.
    fn window_update(&mut self, frame: &Frame) -> Handling {
        let View::WindowUpdate(increment) = frame.view() else {
            return Handling::ConnectionError(Clause::WindowUpdateSize);
        };
        if frame.stream.is_connection() {
            self.send_window += i64::from(increment);
            return match increment {
                0 => Handling::ConnectionError(Clause::ZeroIncrementOnConnection),
                _ if self.send_window > MAX_WINDOW => Handling::ConnectionError(Clause::WindowOverflow),
                _ => Handling::Processed,
            };
        }
        match self.place(frame.stream) {
            Place::Ours(place) => self.stream_window_update(place, increment),
            Place::Idle => Handling::ConnectionError(Clause::OnIdle),
            Place::Reserved => Handling::ConnectionError(Clause::OnReserved),
            Place::Skipped => Handling::Discarded(Clause::OnClosed),
        }
    }

    fn stream_window_update(&mut self, place: usize, increment: u32) -> Handling {
        let stream = &mut self.streams[place];
        if matches!(stream.state(), State::Closed(_)) {
            return Handling::Discarded(Clause::OnClosed);
        }
        if increment == 0 {
            return Handling::StreamError(Clause::ZeroIncrement);
        }
        stream.send_window += i64::from(increment);
        if stream.send_window <= MAX_WINDOW {
            return Handling::Processed;
        }
        if stream.local_ended {
            // A receiver can ignore it: nothing more is sent (§5.1).
            stream.may_have_ended = true;
            stream.uncertain = true;
            return Handling::Choice(Clause::WindowOverflow);
        }
        Handling::StreamError(Clause::WindowOverflow)
    }

    /// §6.10.
    fn continuation(&mut self, index: usize, frame: &Frame) -> Handling {
        let (Some(mut block), View::Continuation(fragment)) = (self.block.take(), frame.view()) else {
            return Handling::ConnectionError(Clause::ContinuationWithoutHeaders);
        };
        block.fragments.extend_from_slice(fragment);
        self.fragment(index, block, frame)
    }
}

impl Handling {
    /// The same, unless only padding remains to be seen that a client may object to (§6.1).
    fn or_padding(self, frame: &Frame) -> Handling {
        if self == Handling::Processed && has_non_zero_padding(frame) {
            return Handling::Choice(Clause::NonZeroPadding);
        }
        self
    }
}

/// A payload that its layout does not fit: padded beyond its end, or too short.
fn padding_error(frame: &Frame, too_short: Clause) -> Handling {
    if frame.has(flags::PADDED) && !frame.payload.is_empty() {
        return Handling::ConnectionError(Clause::TooMuchPadding);
    }
    match too_short {
        Clause::FrameSizeOfConnection => Handling::ConnectionError(too_short),
        _ => Handling::StreamError(too_short),
    }
}

fn has_non_zero_padding(frame: &Frame) -> bool {
    if !frame.has(flags::PADDED) || !matches!(frame.kind, FrameType::DATA | FrameType::HEADERS) {
        return false;
    }
    let length = frame.payload.first().copied().unwrap_or_default();
    frame.payload.iter().rev().take(usize::from(length)).any(|byte| *byte != 0)
}

/// Whether the HEADERS frame says that its stream depends on itself.
fn depends_on_itself(frame: &Frame) -> bool {
    let fields = usize::from(frame.has(flags::PADDED));
    let word = frame.payload.get(fields..fields + 4).and_then(|word| word.try_into().ok());
    frame.has(flags::PRIORITY) && word.map(u32::from_be_bytes).map(StreamId::from_word) == Some(frame.stream)
}
