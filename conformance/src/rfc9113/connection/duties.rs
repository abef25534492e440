//! What a client owes: acknowledgements, answers, errors that it must report, and uploads that could go on.

use super::{Connection, End, conduct::Fault};
use crate::{
    http2::{Frame, StreamId, View, flags},
    rfc9113::{Handling, clauses::Clause, stream::ClosedBy},
};

impl Connection<'_> {
    /// Takes note of what the client owes for a frame of the peer.
    pub(super) fn owe(&mut self, frame: &Frame, handling: Handling) {
        if frame.has(flags::ACK) || !matches!(handling, Handling::Processed | Handling::Choice(_)) {
            return;
        }
        match frame.view() {
            View::Settings(settings) => self.conduct.settings(&settings),
            View::Ping(payload) => self.conduct.pings.push(payload),
            _ => {}
        }
    }

    /// Judges what the client has not done, when it can do no more. `received` is the number of the peer's frames.
    pub(crate) fn rests(&mut self, received: usize) {
        self.conduct.handled = received;
        if self.conduct.is_gone {
            return;
        }
        match self.end {
            Some(End::Broken { clause, .. }) => {
                let what = "the peer broke the protocol, and the client goes on";
                self.breach(Fault::Owed, clause, StreamId::CONNECTION, what);
            }
            Some(End::Client | End::Transport) => {}
            None => {
                self.owes_answers();
                self.owes_resets();
                self.is_stuck();
            }
        }
    }

    fn owes_answers(&mut self) {
        let connection = StreamId::CONNECTION;
        if self.conduct.settings.len() > 1 {
            self.breach(Fault::Owed, Clause::Acknowledged, connection, "SETTINGS is not acknowledged");
        }
        if !self.conduct.pings.is_empty() {
            self.breach(Fault::Owed, Clause::PingAnswered, connection, "PING is not answered");
        }
    }

    /// §5.4.2.
    fn owes_resets(&mut self) {
        for place in 0..self.streams.len() {
            let stream = &self.streams[place];
            let Some(ClosedBy::Error { clause, .. }) = stream.closed_by else { continue };
            // A client can treat a stream above the last of a GOAWAY as if it had never been (§6.8).
            let is_kept = self.goaway.is_none_or(|(_, last)| stream.id <= last);
            let is_left_open = stream.uncertain || stream.may_have_ended || stream.client_reset.is_some();
            let certain = is_kept && !is_left_open && !stream.ends_with_error;
            if certain && stream.request.is_some() {
                let what = format!("a fault on stream {} is not answered with RST_STREAM", stream.id);
                self.breach(Fault::Owed, clause, stream.id, what);
            }
        }
    }
}
