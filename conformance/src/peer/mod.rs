//! The peer: plays a [`Script`] over an in-memory transport and records what crosses it.
//!
//! [`Peer`] is the server's end, which the driver advances step by step. [`Transport`] is the end that a client stack
//! reads and writes. Nothing here waits: [`Peer::advance`] returns what has to happen before the next step, and the
//! driver makes it happen. The [`Record`] keeps all events in order. It shows which frames the client had received when
//! a request ended, and which requests had reached the wire.

mod record;
mod streams;
mod transport;

pub use record::{Crossed, Event, Record, TUNNEL, WrittenRequests, last_step, number_in};
pub use transport::Transport;

use crate::{
    http2::{Frame, FrameType, StreamId, wire},
    script::{Script, Step},
};
use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use streams::Streams;
use transport::PeerEnd;

/// The server's ends of a client's connections.
pub struct Peer<'script> {
    script: &'script Script,
    next: usize,
    requests: usize,
    /// The number of bytes that the application may still feed.
    feed_left: u32,
    is_client_dropped: bool,
    /// Its ends, in the order in which the client opens the connections. It always has the first.
    ends: Vec<PeerEnd>,
    /// The index of the connection that the next steps concern. There may be none: a bare stack has only one.
    current: usize,
    /// Whether it means the streams that the client uses, whatever the script calls them.
    follows: bool,
    /// The step that was played before its turn.
    early: Option<usize>,
    /// The script's streams on which it sends nothing more, each with the index of its connection.
    left_out: Vec<(usize, StreamId)>,
}

/// A frame that a step expects on an end, or expects not to be there.
struct Expected<'p> {
    /// The index of the step.
    index: usize,
    end: &'p PeerEnd,
    kind: FrameType,
    stream: StreamId,
    is_awaited: bool,
}

/// The event that has to happen before the peer's next step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pause {
    /// The application issues the request with this number.
    Issue(usize),
    /// The application cancels the request with this number.
    Cancel(usize),
    /// The application reads so many more bytes of the response to the request with this number.
    Read(usize, u32),
    /// From here on, connecting fails, except for connections that the script names.
    RefuseConnections,
    /// The client runs until it can do no more.
    Idle,
    /// The application hands over so many more bytes of the content of the request with this number, and with `true` the
    /// end.
    Feed(usize, u32, bool),
    /// The application drops its client.
    DropClient,
    /// The client runs until it can do no more. The peer expects a frame, or none; [`Peer::check_expected`] looks for it.
    Expect,
    /// This much virtual time passes.
    Pass(Duration),
    /// The client runs until it can do no more. Then the script is over.
    End,
}

impl<'script> Peer<'script> {
    /// The maximum number of bytes that the application feeds in one script.
    pub const MOST_FED: u32 = 64 << 20;

    /// The peer of a client, before its first step, and the client's transport.
    pub fn new(script: &'script Script) -> (Peer<'script>, Transport) {
        Peer::after(script, wire::PREFACE.len())
    }

    /// The same with all connections that the script names, for a client that may use other streams than the script does:
    /// the peer follows it. The transports are in the order in which the client opens its connections.
    pub fn following(script: &'script Script) -> (Peer<'script>, VecDeque<Transport>) {
        let (mut peer, transport) = Peer::new(script);
        peer.follows = true;
        let mut transports = VecDeque::from([transport]);
        for _ in 1..script.connections() {
            let (end, transport) = PeerEnd::new(wire::PREFACE.len());
            peer.ends.push(end);
            transports.push_back(transport);
        }
        (peer, transports)
    }

    /// The peer of a server. A server writes no connection preface before its frames (RFC 9113 §3.4).
    pub fn of_server(script: &'script Script) -> (Peer<'script>, Transport) {
        Peer::after(script, 0)
    }

    fn after(script: &'script Script, preface: usize) -> (Peer<'script>, Transport) {
        let (end, transport) = PeerEnd::new(preface);
        let peer = Peer {
            script,
            next: 0,
            requests: 0,
            feed_left: Peer::MOST_FED,
            is_client_dropped: false,
            ends: vec![end],
            current: 0,
            follows: false,
            early: None,
            left_out: Vec::new(),
        };
        (peer, transport)
    }

    /// Plays steps until one has to wait for the application or the client. Returns what it waits for.
    pub fn advance(&mut self) -> Pause {
        let streams = self.streams();
        loop {
            if let Some(end) = self.ends.get_mut(self.current)
                && end.split > 0
                && end.pending.len() >= end.split
            {
                end.hand_over(end.split);
                return Pause::Idle;
            }
            let Some(step) = self.script.steps().get(self.next) else {
                self.ends.iter_mut().for_each(PeerEnd::hand_over_all);
                return Pause::End;
            };
            let index = self.next;
            let begun = Event::Step(index);
            self.next += 1;
            if self.early == Some(index) {
                continue;
            }
            match step {
                Step::Request(_) if self.is_client_dropped => self.requests += 1,
                Step::Request(_) => {
                    self.requests += 1;
                    self.note(begun);
                    self.note(Event::Issued(self.requests - 1));
                    return Pause::Issue(self.requests - 1);
                }
                Step::Cancel(request) => {
                    self.note(begun);
                    return Pause::Cancel(*request as usize);
                }
                Step::Read { request, bytes } => {
                    self.note(begun);
                    self.note(Event::Reads(*request as usize, *bytes));
                    return Pause::Read(*request as usize, *bytes);
                }
                Step::Feed { request, bytes, end } => {
                    let (number, bytes) = (*request as usize, (*bytes).min(self.feed_left));
                    self.feed_left -= bytes;
                    self.note(begun);
                    self.note(Event::Fed(number, bytes, *end));
                    return Pause::Feed(number, bytes, *end);
                }
                Step::DropClient => {
                    self.is_client_dropped = true;
                    self.note(begun);
                    self.note(Event::ClientDropped);
                    return Pause::DropClient;
                }
                Step::RefuseConnections => {
                    self.note(begun);
                    return Pause::RefuseConnections;
                }
                Step::Connection(number) => {
                    self.ends.get_mut(self.current).into_iter().for_each(PeerEnd::hand_over_all);
                    self.current = *number as usize - 1;
                    return Pause::Idle;
                }
                Step::Send(frame) if self.left_out.contains(&(self.current, frame.stream)) => {}
                step => {
                    let Some(end) = self.ends.get_mut(self.current) else { continue };
                    end.note(begun);
                    if let Some(pause) = end.play(step, streams.as_ref()) {
                        return pause;
                    }
                }
            }
        }
    }

    /// What the last step expects, if it does.
    fn expected(&self) -> Option<Expected<'_>> {
        let index = self.next.checked_sub(1)?;
        let step = self.script.steps().get(index)?;
        let (Step::Await { kind, stream } | Step::Never { kind, stream }) = step else { return None };
        let (end, is_awaited) = (self.ends.get(self.current)?, matches!(step, Step::Await { .. }));
        let stream = self.streams().map_or(*stream, |streams| streams.of(*stream));
        Some(Expected { index, end, kind: *kind, stream, is_awaited })
    }

    /// Sends the SETTINGS frame with which the script goes on behind its requests, before its turn. A client may wait for it
    /// before it sends a request (RFC 9113 §3.4).
    pub fn send_settings_early(&mut self) {
        let mut rest = self.script.steps().iter().enumerate().skip(self.next);
        let Some((index, step)) = rest.find(|(_, step)| step.request().is_none()) else { return };
        let is_settings = step.frame().is_some_and(|frame| frame.kind == FrameType::SETTINGS);
        if let Some(end) = self.ends.get_mut(self.current).filter(|_| is_settings && self.early.is_none()) {
            self.early = Some(index);
            end.note(Event::Step(index));
            end.play(step, None);
        }
    }

    /// Whether the peer has sent nothing on the current connection that could hold a request back: only SETTINGS without a
    /// limit of streams.
    pub fn lets_send(&self) -> bool {
        self.ends.get(self.current).is_some_and(PeerEnd::lets_send)
    }

    /// Whether the client has begun the connection with its preface.
    pub fn has_preface(&self) -> bool {
        self.ends.get(self.current).is_some_and(PeerEnd::has_preface)
    }

    /// Looks for the frame that the last step expects, or expects not, among those that the client has written, and records
    /// that it is not as expected. No later step can match the same frame.
    pub fn check_expected(&mut self) {
        if let Some(Expected { index, end, kind, stream, is_awaited }) = self.expected()
            && end.take_written(kind, stream) != is_awaited
        {
            end.note(Event::Unmet(index));
        }
    }

    /// Whether the client has written the frame that the last step awaits.
    pub fn has_awaited(&self) -> bool {
        let awaited = self.expected().filter(|expected| expected.is_awaited);
        awaited.is_none_or(|expected| expected.end.has_written(expected.kind, expected.stream))
    }

    /// If the client has opened other streams, but not the one of the last step, an await: sends nothing more on it, because
    /// frames on an idle stream are an error (RFC 9113 §5.1). On a later connection, the client need not have opened any. Returns
    /// whether that leaves out a step.
    pub fn leave_out_unopened(&mut self) -> bool {
        let Some(Expected { index, end, stream, is_awaited: true, .. }) = self.expected() else { return false };
        let written = end.requests();
        let is_used = !written.is_empty() || (self.current > 0 && end.has_preface());
        let is_idle = is_used && written.iter().all(|(_, opened)| *opened != stream);
        let steps = &self.script.steps()[index..];
        let [Step::Await { stream: called, .. }, rest @ ..] = steps else { return false };
        let of_this_connection = rest.iter().take_while(|step| !matches!(step, Step::Connection(_)));
        let is_sent_on = of_this_connection.filter_map(Step::frame).any(|frame| frame.stream == *called);
        let leaves_out = is_idle && is_sent_on && called.is_client_initiated();
        self.left_out.extend(leaves_out.then_some((self.current, *called)));
        leaves_out
    }

    /// The index of the connection that the next steps concern.
    pub fn connection(&self) -> usize {
        self.current
    }

    /// The client's streams on the current connection, if they are not the script's.
    fn streams(&self) -> Option<Streams> {
        let end = self.ends.get(self.current).filter(|_| self.follows)?;
        match self.current {
            0 => Streams::new(end.requests()),
            _ => Streams::of_later(end.requests()),
        }
    }

    /// Sends a frame that is not in the script on the connection with this index, after the script.
    pub fn send(&mut self, connection: usize, frame: &Frame) {
        let end = &mut self.ends[connection];
        wire::encode(frame, &mut end.pending);
        end.hand_over_all();
    }

    /// The requests whose field blocks the client has written whole so far, on each connection.
    pub fn requests(&self) -> impl Iterator<Item = WrittenRequests> {
        self.ends.iter().map(PeerEnd::requests)
    }

    /// Adds an event of the application to the record of each connection.
    pub fn note(&self, event: Event) {
        if let [first, later @ ..] = &self.ends[..] {
            later.iter().for_each(|end| end.note(event.clone()));
            first.note(event);
        }
    }

    /// Records that the client can do no more, unless nothing has happened since it last could not.
    pub fn rests(&self) {
        self.ends.iter().for_each(PeerEnd::rests);
    }

    /// A number that grows whenever something happens on a transport.
    pub fn activity(&self) -> usize {
        self.ends.iter().map(PeerEnd::activity).sum()
    }

    /// The record of what has crossed the first connection so far.
    pub fn record(&self) -> Record {
        self.ends[0].record()
    }

    /// The record of what crossed the first connection.
    pub fn into_record(self) -> Record {
        self.ends[0].take_record()
    }

    /// The record of what crossed each connection.
    pub fn into_records(self) -> impl Iterator<Item = Record> {
        self.ends.into_iter().map(|end| end.take_record())
    }
}

/// Locks, and ignores poisoning: if a holder of the lock panicked, everything recorded so far is still true.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
