//! Waiting for a client in real time: it has threads or a process of its own, and nothing tells when it can do no more.

use super::{LOOK, Play};
use crate::{
    client_driver::Clock,
    peer::{Peer, lock},
    rfc9113::{Certainty, Model},
    script::{BodyEnd, Script},
};
use tokio::time::{Instant, sleep};

/// How many times its patience the driver waits for a client's first request.
const CONNECTS: u32 = 4;
/// How often it sees nothing new on a connection before a client is taken to wait for the peer.
const HOLDS: usize = 50;

impl Play {
    /// Waits until this has come, or all requests have ended, or the driver's patience is over, so many times.
    async fn wait_for(&mut self, peer: &Peer<'_>, times: u32, mut has_come: impl FnMut(&Play, &Peer<'_>) -> bool) {
        let Clock::Real { patience } = self.clock else { return };
        let begun = Instant::now();
        while !has_come(self, peer) && !self.all_ended() && begun.elapsed() < patience * times {
            sleep(LOOK).await;
            self.note_ends(peer);
        }
    }

    /// The same until the client has written what the peer awaits, or the peer waits in vain.
    pub(super) async fn wait_for_awaited(&mut self, peer: &Peer<'_>) {
        let begun = Instant::now();
        let is_late = |play: &Play| {
            let waited = play.waited_later + begun.elapsed();
            let Clock::Real { patience } = play.clock else { return false };
            play.repeats && peer.connection() > 0 && waited > patience
        };
        self.wait_for(peer, 1, |play, peer| peer.has_awaited() || play.is_given_up(peer) || is_late(play)).await;
        if peer.connection() > 0 && !peer.has_awaited() {
            self.waited_later += begun.elapsed();
        }
    }

    /// Waits until the request with this number is written. A client that has connected and then writes
    /// nothing may wait for the peer's SETTINGS (RFC 9113 §3.4), so it gets them.
    pub(super) async fn wait_for_request(&mut self, peer: &mut Peer<'_>, number: usize) {
        if self.clock == Clock::Virtual {
            return;
        }
        // A client that has just started is slow to connect.
        let times = if number == 0 { CONNECTS } else { 1 };
        let (mut activity, mut rounds) = (0, 0);
        let come_or_held = |play: &Play, peer: &Peer<'_>| {
            let now = play.activity(peer);
            rounds = if now == activity { rounds + 1 } else { 0 };
            activity = now;
            play.is_written(peer, number) || (peer.has_preface() && rounds > HOLDS)
        };
        self.wait_for(peer, times, come_or_held).await;
        if peer.has_preface() && !self.is_written(peer, number) {
            peer.send_settings_early();
            self.wait_for(peer, 1, |play, peer| play.is_written(peer, number)).await;
        }
        if number > 0 && self.is_apart(peer, number) {
            self.apart.push(number);
        }
    }

    /// Whether the client keeps a request from the connection of the others, which could take it: it has one request at a
    /// time, or a connection for each.
    fn is_apart(&self, peer: &Peer<'_>, number: usize) -> bool {
        let is_with_others = peer.requests().flatten().any(|(written, _)| written == number);
        let has_failed = lock(&self.outcomes)[number].took.is_some() && self.connections.received(number) == 0;
        !is_with_others && !has_failed && peer.lets_send()
    }

    /// Whether the request with this number has reached a connection.
    fn is_written(&self, peer: &Peer<'_>, number: usize) -> bool {
        let mut written = peer.requests().flatten();
        self.connections.received(number) > 0 || written.any(|(written, _)| written == number)
    }

    /// Whether RFC 9113 lets every open request stay open. Then there is nothing to wait for.
    pub(super) fn may_rest(&self, script: &Script, peer: &Peer<'_>) -> bool {
        if self.clock == Clock::Virtual {
            return false;
        }
        let model = Model::of(script, &peer.record());
        let outcomes = lock(&self.outcomes);
        let mut open = (0..self.issued.len()).filter(|number| outcomes[*number].took.is_none());
        let fails =
            |number| script.requests().nth(number).is_some_and(|request| request.body().end() == BodyEnd::Fails);
        open.all(|number| {
            model.truths[number].open != Certainty::No && self.connections.received(number) == 0 && !fails(number)
        })
    }
}
