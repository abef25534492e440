//! The frames that carry no message: PRIORITY, RST_STREAM, SETTINGS, PING, GOAWAY and WINDOW_UPDATE.

use super::{Connection, Endpoint, MAX_WINDOW, Place, peer_settings::invalid_value};
use crate::{
    http2::{ErrorCode, Frame, SettingId, StreamId, View, flags},
    rfc9113::{
        Handling,
        clauses::Clause,
        stream::{Answered, ClosedBy, Disowned, State, Stream},
    },
};

impl Connection<'_> {
    /// §6.3. A stream that depends on itself was an error in RFC 7540 §5.3.1; RFC 9113 says nothing about it.
    pub(super) fn priority(&mut self, frame: &Frame) -> Handling {
        let View::Priority { depends_on, .. } = frame.view() else {
            return Handling::StreamError(Clause::PrioritySize);
        };
        if depends_on == frame.stream {
            if let Place::Ours(place) = self.place(frame.stream) {
                self.streams[place].is_left_open();
            }
            return Handling::Choice(Clause::EndAtAnyTime);
        }
        Handling::Processed
    }

    /// §6.4.
    pub(super) fn rst_stream(&mut self, index: usize, frame: &Frame) -> Handling {
        let View::RstStream(code) = frame.view() else { return Handling::ConnectionError(Clause::ResetSize) };
        let place = match self.place(frame.stream) {
            Place::Ours(place) => place,
            Place::Idle => return Handling::ConnectionError(Clause::ResetOnIdle),
            Place::Reserved | Place::Skipped => return Handling::Discarded(Clause::NoResetForReset),
        };
        self.meet(Clause::NoResetForReset);
        self.meet_if(code.name().is_none(), Clause::UnknownValues);
        let stream = &mut self.streams[place];
        let closed = matches!(stream.state(), State::Closed(_));
        let kept = stream.response.is_complete() && code == ErrorCode::NO_ERROR && !closed;
        if !closed {
            stream.closed_by = Some(ClosedBy::Peer { frame: index });
        }
        stream.may_have_ended |= closed;
        self.meet_if(kept, Clause::ResponseKept);
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
            in_time: !self.may_have_ended && !stream.may_have_ended && !stream.uncertain,
            answered_before,
        });
        self.meet(clause);
        self.meet(Clause::NotProcessedNotFailed);
        self.meet_if(answered_before, Clause::Disowned);
    }

    /// §6.8: a peer that has sent GOAWAY ignores every later stream above the identifier that it named. The newest stream
    /// is one of them. The client may not have handled the GOAWAY yet, so it need not know.
    pub(super) fn disown_behind_goaway(&mut self, stream: StreamId) {
        if let Some((index, last_stream_id)) = self.goaway
            && stream > last_stream_id
        {
            let place = self.streams.len() - 1;
            self.streams[place].may_have_ended = true;
            self.disown(place, index, Clause::GoawayGuarantee);
        }
    }

    /// §6.5.
    pub(super) fn settings(&mut self, frame: &Frame) -> Handling {
        if frame.has(flags::ACK) {
            if !frame.payload.is_empty() {
                return Handling::ConnectionError(Clause::AckSize);
            }
            if self.limits.unacknowledged == 0 {
                // No rule says what a client does with an acknowledgement of nothing.
                return Handling::Choice(Clause::EndAtAnyTime);
            }
            self.limits.unacknowledged -= 1;
            return Handling::Processed;
        }
        let View::Settings(settings) = frame.view() else {
            return Handling::ConnectionError(Clause::SettingsSize);
        };
        self.peer_settings.begin();
        let doubtful = settings.iter().any(|(id, value)| *id == SettingId::ENABLE_CONNECT_PROTOCOL && *value > 1);
        if let Some(clause) = settings.into_iter().find_map(|(id, value)| self.setting(id, value)) {
            return Handling::ConnectionError(clause);
        }
        if doubtful {
            // The sender must not, but no rule says what the receiver does.
            self.meet(Clause::ConnectProtocolValue);
            return Handling::Choice(Clause::ConnectProtocolValue);
        }
        Handling::Processed
    }

    /// §6.5.2. Returns the clause that makes the setting an error, if any.
    fn setting(&mut self, id: SettingId, value: u32) -> Option<Clause> {
        if let Some(clause) = invalid_value(id, value) {
            return Some(clause);
        }
        let before = self.peer_settings.last().initial_window;
        self.peer_settings.set(id, value);
        match id {
            SettingId::ENABLE_PUSH if value == 1 && self.judged == Endpoint::Client => Some(Clause::EnablePushByServer),
            SettingId::INITIAL_WINDOW_SIZE => self.initial_window(i64::from(value) - before),
            SettingId::MAX_CONCURRENT_STREAMS => {
                self.meet(Clause::StreamLimit);
                None
            }
            _ => {
                self.meet_if(id.name().is_none(), Clause::UnknownSetting);
                None
            }
        }
    }

    /// §6.9.2.
    fn initial_window(&mut self, change: i64) -> Option<Clause> {
        let mut overflow = false;
        // A client need not remember a stream that the peer has disowned.
        let remembered = |stream: &&mut Stream| stream.closed_by.is_none() && stream.disowned.is_none();
        for stream in self.streams.iter_mut().filter(remembered).filter(|stream| !stream.local_ended) {
            stream.send_window += change;
            overflow |= stream.send_window > MAX_WINDOW;
        }
        overflow.then_some(Clause::InitialWindowOverflow)
    }

    /// §6.7.
    pub(super) fn ping(&mut self, frame: &Frame) -> Handling {
        let View::Ping(payload) = frame.view() else { return Handling::ConnectionError(Clause::PingSize) };
        if frame.has(flags::ACK) {
            self.unanswered_pings.retain(|ping| *ping != payload);
            self.meet(Clause::PingTests);
        } else {
            self.conduct.pings.push(payload);
        }
        Handling::Processed
    }

    /// §6.8.
    pub(super) fn goaway(&mut self, index: usize, frame: &Frame) -> Handling {
        let View::GoAway { last_stream_id, code, debug_data } = frame.view() else {
            return Handling::ConnectionError(Clause::FrameSizeOfConnection);
        };
        self.meet_goaway(last_stream_id, code, debug_data);
        let before = self.goaway.map(|(_, last)| last);
        self.meet_if(before.is_some(), Clause::SeveralGoaways);
        self.meet_if(self.shuts_down && code != ErrorCode::NO_ERROR, Clause::AnotherGoaway);
        self.shuts_down |= code == ErrorCode::NO_ERROR;
        if before.is_some_and(|before| last_stream_id > before) {
            return Handling::Choice(Clause::RaisedIdentifier);
        }
        self.meet_if(before.is_some_and(|before| last_stream_id < before), Clause::LastGoaway);
        self.goaway = Some((index, last_stream_id));
        if self.judged == Endpoint::Server {
            // It names streams that the server has opened. After one with an error a server need not go on.
            self.may_have_ended |= code != ErrorCode::NO_ERROR;
            return Handling::Processed;
        }
        for place in 0..self.streams.len() {
            let stream = &self.streams[place];
            if stream.id <= last_stream_id {
                let open = stream.closed_by.is_none() && stream.complete_at.is_none();
                self.meet(Clause::StreamsBelow);
                self.meet_if(open, Clause::MightStillComplete);
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
        self.meet_if(!debug_data.is_empty(), Clause::DebugData);
        self.meet_if(code == ErrorCode::NO_ERROR && last_stream_id == StreamId::MAX, Clause::ShutdownImminent);
        self.meet_if(code != ErrorCode::NO_ERROR, Clause::GoawayCode);
    }

    /// §6.9.
    pub(super) fn window_update(&mut self, frame: &Frame) -> Handling {
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
            Place::Reserved => Handling::ConnectionError(Clause::FrameOnReservedStream),
            // A frame that is an error by itself can be one on a closed stream too.
            Place::Skipped if increment == 0 => Handling::Choice(Clause::ZeroIncrement),
            Place::Skipped => Handling::Discarded(Clause::OnClosed),
        }
    }

    fn stream_window_update(&mut self, place: usize, increment: u32) -> Handling {
        let stream = &mut self.streams[place];
        if matches!(stream.state(), State::Closed(_)) {
            // A frame that is an error by itself can be one on a closed stream too.
            return match increment {
                0 => Handling::Choice(Clause::ZeroIncrement),
                _ => Handling::Discarded(Clause::OnClosed),
            };
        }
        if increment == 0 {
            return Handling::StreamError(Clause::ZeroIncrement);
        }
        stream.send_window += i64::from(increment);
        if stream.send_window <= MAX_WINDOW {
            return Handling::Processed;
        }
        if stream.local_ended {
            // The client can ignore it, because it sends nothing more (§5.1).
            stream.is_left_open();
            return Handling::Choice(Clause::WindowOverflow);
        }
        Handling::StreamError(Clause::WindowOverflow)
    }
}
