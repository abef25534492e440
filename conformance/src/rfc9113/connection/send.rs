//! The client's frames that the transport took, and their effect.

use super::{Connection, End, Endpoint};
use crate::{
    http2::{ErrorCode, Frame, SettingId, StreamId, View, flags},
    rfc9113::{
        clauses::Clause,
        stream::{ClosedBy, State},
    },
};

impl Connection<'_> {
    /// Takes the client's next frame, which the transport took.
    pub(crate) fn send(&mut self, frame: &Frame) {
        let view = frame.view();
        self.hold_to_the_rules(frame, &view);
        match view {
            View::Headers(_) => self.send_headers(frame),
            View::Data(_) => self.send_data(frame),
            View::RstStream(_) => self.send_rst_stream(frame.stream),
            View::Settings(settings) if !frame.has(flags::ACK) => self.send_settings(&settings),
            View::WindowUpdate(increment) => self.send_window_update(frame.stream, increment),
            View::GoAway { code, .. } => self.send_goaway(code),
            View::Ping(payload) if !frame.has(flags::ACK) => {
                self.meet(Clause::PingTests);
                self.unanswered_pings.push(payload);
            }
            _ => {}
        }
    }

    /// §8.1, §5.1.1: a request opens a stream.
    fn send_headers(&mut self, frame: &Frame) {
        if self.judged == Endpoint::Server {
            return self.send_response(frame);
        }
        self.meet(Clause::NewStream);
        self.meet(Clause::OddIdentifiers);
        self.meet_if(!self.highest_opened.is_connection(), Clause::GreaterIdentifiers);
        if !self.streams.iter().any(|stream| stream.id == frame.stream) {
            self.streams.push(self.stream(frame.stream));
            self.disown_behind_goaway(frame.stream);
        }
        self.highest_opened = self.highest_opened.max(frame.stream);
        let number = self.request_on(frame.stream);
        if let Some(stream) = self.stream_mut(frame.stream) {
            stream.request = number;
            stream.local_ended |= frame.ends_stream();
        }
    }

    fn send_data(&mut self, frame: &Frame) {
        self.send_window -= frame.payload.len() as i64;
        let Some(stream) = self.stream_mut(frame.stream) else { return };
        stream.send_window -= frame.payload.len() as i64;
        let closed = matches!(stream.state(), State::Closed(_));
        stream.local_ended |= frame.ends_stream();
        self.meet_if(closed, Clause::SentOnClosed);
    }

    /// §5.4.2.
    fn send_rst_stream(&mut self, id: StreamId) {
        self.meet(Clause::LastFrame);
        self.meet(Clause::OneReset);
        self.meet(Clause::SentOnClosed);
        let turn = self.turn;
        let Some(stream) = self.stream_mut(id) else { return };
        stream.client_reset.get_or_insert(turn);
        stream.closed_by.get_or_insert(ClosedBy::Client);
    }

    fn send_settings(&mut self, settings: &[(SettingId, u32)]) {
        self.limits.unacknowledged += 1;
        for (id, value) in settings {
            match *id {
                SettingId::MAX_FRAME_SIZE => self.limits.max_frame_size = *value,
                SettingId::MAX_HEADER_LIST_SIZE => self.limits.max_header_list_size = Some(*value),
                SettingId::INITIAL_WINDOW_SIZE => self.limits.initial_window = i64::from(*value),
                SettingId::ENABLE_PUSH => self.limits.push = *value == 1,
                _ => {}
            }
        }
    }

    fn send_window_update(&mut self, id: StreamId, increment: u32) {
        let increment = i64::from(increment);
        if id.is_connection() {
            self.receive_window += increment;
            self.full_window = self.full_window.max(self.receive_window);
        } else if let Some(stream) = self.stream_mut(id) {
            stream.receive_window += increment;
        }
    }

    /// §5.4.1.
    fn send_goaway(&mut self, code: ErrorCode) {
        self.meet(Clause::GoawayWhenEnding);
        self.meet_if(self.goaway.is_some(), Clause::GoawayWhenDone);
        if code != ErrorCode::NO_ERROR {
            self.meet(Clause::GoawayFirst);
            self.meet(Clause::CloseAfterGoaway);
            // A connection that is still open had no frame that required an end.
            self.meet_if(self.end.is_none(), Clause::EndAtAnyTime);
            self.has_failed = true;
            self.ends(End::Client);
        }
    }
}
