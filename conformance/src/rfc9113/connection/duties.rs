//! What a client owes: acknowledgements, answers, errors that it must report, and uploads that could go on.

use super::{Connection, End, Endpoint, breach::Fault};
use crate::{
    http2::StreamId,
    rfc9113::{clauses::Clause, stream::ClosedBy},
};

impl Connection<'_> {
    /// Judges what the client owes at a point where it can do no more. `received` is the number of the peer's frames.
    pub(crate) fn rests(&mut self, received: usize) {
        self.conduct.handled = received;
        if self.conduct.is_gone {
            return;
        }
        match self.end {
            Some(End::Broken { clause, .. }) => {
                let end = if self.judged == Endpoint::Client { "client" } else { "server" };
                let what = || format!("the peer broke the protocol, and the {end} goes on");
                self.breach(Fault::Owed, clause, StreamId::CONNECTION, what);
            }
            Some(End::Client | End::Transport) => {}
            None => {
                self.owes_answers();
                self.owes_resets();
                self.hold_uploads();
                self.hold_cancelled();
                self.owes_credit();
                self.hold_responses();
            }
        }
    }

    fn owes_answers(&mut self) {
        let connection = StreamId::CONNECTION;
        if self.peer_settings.is_owed() {
            self.breach(Fault::Owed, Clause::Acknowledged, connection, || "SETTINGS is not acknowledged".into());
        }
        if !self.conduct.pings.is_empty() {
            self.breach(Fault::Owed, Clause::PingAnswered, connection, || "PING is not answered".into());
        }
    }

    /// §5.4.2.
    fn owes_resets(&mut self) {
        for place in 0..self.streams.len() {
            let stream = &self.streams[place];
            let Some(ClosedBy::Error { clause, .. }) = stream.closed_by else { continue };
            // A client can treat a stream above the last of a GOAWAY as if it had never been (§6.8).
            let is_kept = self.judged == Endpoint::Server || self.goaway.is_none_or(|(_, last)| stream.id <= last);
            let is_answered = stream.client_reset.is_some()
                || stream.ends_with_error
                || (self.judged == Endpoint::Client && stream.request.is_none());
            if is_kept && !is_answered && !stream.is_left_to_the_client() {
                let id = stream.id;
                self.breach(Fault::Owed, clause, id, || {
                    format!("a fault on stream {id} is not answered with RST_STREAM")
                });
            }
        }
    }

    /// §6.9. No rule says when credit is given back. But what the application has read or dropped needs no more room, so
    /// what has no window left now, and is not held back by content that nobody reads, never goes on.
    fn owes_credit(&mut self) {
        for place in 0..self.streams.len() {
            let stream = &self.streams[place];
            let is_read = match self.judged {
                Endpoint::Client => stream.request.is_some() && !stream.erred && !self.may_give_up(stream.request),
                // Until a client acknowledges the server's SETTINGS, its window may still be the initial one.
                Endpoint::Server => !stream.local_ended && self.limits.unacknowledged == 0,
            };
            let is_over = stream.closed_by.is_some() || stream.client_reset.is_some() || stream.remote_ended;
            // A peer that has sent more than it may is at fault itself.
            let is_starved = match self.is_held_back(stream) {
                true => false,
                false => self.receive_window == 0 && self.unread() < self.full_window || stream.receive_window == 0,
            };
            if is_read && is_starved && !is_over && !stream.is_left_to_the_client() {
                let id = stream.id;
                self.breach(Fault::Stuck, Clause::AlwaysAccounted, id, || {
                    "all content is read, but no window is left for more".into()
                });
            }
        }
    }
}
