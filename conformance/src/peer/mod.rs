//! The peer: plays a [`Script`] over an in-memory transport and records what crosses it.
//!
//! [`Peer`] is the server's end, which the driver advances step by step. [`Transport`] is the end that a client stack
//! reads and writes. Nothing here waits: [`Peer::advance`] returns what has to happen before the next step, and the
//! driver makes it happen. The [`Record`] keeps all events in order. It shows which frames the client had received when
//! a request ended, and which requests had reached the wire.

mod record;
mod streams;

pub use record::{Crossed, Event, Record, WrittenRequests, last_step, number_in};

use crate::{
    http2::{
        Frame, FrameType, SettingId, StreamId, View, flags,
        wire::{self, Header},
    },
    script::{IoFailure, Script, Step},
};
use bytes::{Bytes, BytesMut};
use std::{
    collections::VecDeque,
    io,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
    time::Duration,
};
use streams::Streams;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// The server's ends of a client's connections.
pub struct Peer<'script> {
    script: &'script Script,
    next: usize,
    requests: usize,
    /// Its ends, in the order in which the client opens the connections. It always has the first.
    ends: Vec<PeerEnd>,
    /// The index of the connection that the next steps concern. There may be none: a bare stack has only one.
    current: usize,
    /// Whether it means the streams that the client uses, whatever the script calls them.
    follows: bool,
    /// The step that was played before its turn.
    early: Option<usize>,
}

/// The server's end of one connection.
struct PeerEnd {
    split: usize,
    pending: BytesMut,
    wire: Arc<Mutex<Wire>>,
}

/// The client's end of the transport. Reads wait for the peer; writes succeed in full until the script makes them fail.
pub struct Transport {
    wire: Arc<Mutex<Wire>>,
}

impl Transport {
    /// A transport whose peer plays no script. It takes everything that is written, and then a read fails with this
    /// error, if there is one.
    pub(crate) fn without_peer(answer: Option<io::Error>) -> Transport {
        Transport { wire: Arc::new(Mutex::new(Wire { answer, ..Wire::default() })) }
    }

    /// The same transport, but its shutdown fails, as though the peer had already cut it.
    pub(crate) fn unclosable(self) -> Transport {
        lock(&self.wire).is_unclosable = true;
        self
    }
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
    /// The client runs until it can do no more.
    Idle,
    /// The client runs until it can do no more. The peer awaits a frame; [`Peer::take_awaited`] looks for it.
    Await,
    /// This much virtual time passes.
    Pass(Duration),
    /// The client runs until it can do no more. Then the script is over.
    End,
}

#[derive(Default)]
struct Wire {
    events: Vec<Event>,
    sent: Vec<u8>,
    read: usize,
    read_end: Option<ReadEnd>,
    reader: Option<Waker>,
    written: Vec<u8>,
    /// The number of bytes before the first written frame.
    preface: usize,
    parsed: usize,
    frames: Vec<WrittenFrame>,
    /// The error that writes fail with, and the number of whole frames that still succeed.
    write_failure: Option<(IoFailure, u32)>,
    /// The error that a read fails with once the client has written something.
    answer: Option<io::Error>,
    is_unclosable: bool,
    answers_pings: bool,
}

#[derive(Clone, Copy)]
enum ReadEnd {
    Closed,
    Failed(IoFailure),
}

struct WrittenFrame {
    header: Header,
    awaited: bool,
}

impl<'script> Peer<'script> {
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
        (Peer { script, next: 0, requests: 0, ends: vec![end], current: 0, follows: false, early: None }, transport)
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
            let begun = Event::Step(self.next);
            self.next += 1;
            if self.early == Some(self.next - 1) {
                continue;
            }
            let end = match step {
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
                Step::Connection(number) => {
                    self.ends.get_mut(self.current).into_iter().for_each(PeerEnd::hand_over_all);
                    self.current = *number as usize - 1;
                    return Pause::Idle;
                }
                _ => match self.ends.get_mut(self.current) {
                    Some(end) => end,
                    None => continue,
                },
            };
            end.wire().events.push(begun);
            match step {
                Step::Send(frame) => match &streams {
                    Some(streams) => wire::encode(&streams.frame(frame), &mut end.pending),
                    None => wire::encode(frame, &mut end.pending),
                },
                Step::SendRaw(bytes) => end.pending.extend_from_slice(bytes),
                Step::Await { .. } => {
                    end.hand_over_all();
                    return Pause::Await;
                }
                Step::Pass(milliseconds) => {
                    end.hand_over_all();
                    return Pause::Pass(Duration::from_millis(u64::from(*milliseconds)));
                }
                Step::Split(size) => {
                    end.hand_over_all();
                    end.split = *size as usize;
                }
                Step::Close => end.end_reads(ReadEnd::Closed),
                Step::FailRead(failure) => end.end_reads(ReadEnd::Failed(*failure)),
                Step::FailWrite { failure, after } => {
                    end.wire().write_failure = Some((*failure, *after));
                }
                Step::AnswerPings => end.wire().answers_pings = true,
                Step::Request(_) | Step::Cancel(_) | Step::Read { .. } | Step::Connection(_) => {}
            }
            if end.split == 0 {
                end.hand_over_all();
            }
        }
    }

    /// The step that is an await, if the last one is, with its index, and the end and the stream that it is about.
    fn awaits(&self) -> Option<(usize, &PeerEnd, FrameType, StreamId)> {
        let index = self.next.checked_sub(1)?;
        let (Step::Await { kind, stream }, end) = (self.script.steps().get(index)?, self.ends.get(self.current)?)
        else {
            return None;
        };
        Some((index, end, *kind, self.streams().map_or(*stream, |streams| streams.of(*stream))))
    }

    /// Sends the SETTINGS frame with which the script goes on behind its requests, before its turn. A client may wait for it
    /// before it sends a request (RFC 9113 §3.4).
    pub fn send_settings_early(&mut self) {
        let mut rest = self.script.steps().iter().enumerate().skip(self.next);
        let Some((index, Step::Send(settings))) = rest.find(|(_, step)| step.request().is_none()) else { return };
        let Some(end) = self.ends.get_mut(self.current).filter(|_| self.early.is_none()) else { return };
        if settings.kind == FrameType::SETTINGS {
            self.early = Some(index);
            end.wire().events.push(Event::Step(index));
            wire::encode(settings, &mut end.pending);
            end.hand_over_all();
        }
    }

    /// Whether the peer has sent nothing on the current connection that could hold a request back: only SETTINGS without a
    /// limit of streams.
    pub fn lets_send(&self) -> bool {
        let Some(end) = self.ends.get(self.current) else { return false };
        let mut sent = Bytes::copy_from_slice(&end.wire().sent);
        let holds_nothing = |frame: Frame| match frame.view() {
            View::Settings(settings) => settings.iter().all(|(id, _)| *id != SettingId::MAX_CONCURRENT_STREAMS),
            _ => false,
        };
        std::iter::from_fn(|| wire::decode(&mut sent)).all(holds_nothing)
    }

    /// Whether the client has begun the connection with its preface.
    pub fn has_preface(&self) -> bool {
        self.ends.get(self.current).is_some_and(|end| end.wire().parsed > 0)
    }

    /// Looks for the frame that the last step awaits among those that the client has written, and records its absence.
    /// No later step can match the same frame.
    pub fn take_awaited(&mut self) {
        let Some((index, end, kind, stream)) = self.awaits() else { return };
        let mut wire = end.wire();
        match wire.awaited(kind, stream) {
            Some(frame) => wire.frames[frame].awaited = true,
            None => wire.events.push(Event::AwaitMissed(index)),
        }
    }

    /// Whether the client has written the frame that the last step awaits.
    pub fn has_awaited(&self) -> bool {
        self.awaits().is_none_or(|(_, end, kind, stream)| end.wire().awaited(kind, stream).is_some())
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
            later.iter().for_each(|end| end.wire().events.push(event.clone()));
            first.wire().events.push(event);
        }
    }

    /// Records that the client can do no more, unless nothing has happened since it last could not.
    pub fn rests(&self) {
        for end in &self.ends {
            let mut wire = end.wire();
            if !matches!(wire.events.last(), Some(Event::Rest)) {
                wire.events.push(Event::Rest);
            }
        }
    }

    /// A number that grows whenever something happens on a transport.
    pub fn activity(&self) -> usize {
        let of_end = |end: &PeerEnd| {
            let wire = end.wire();
            wire.events.len() + wire.sent.len() + wire.read + wire.written.len()
        };
        self.ends.iter().map(of_end).sum()
    }

    /// The record of what has crossed the first connection so far.
    pub fn record(&self) -> Record {
        let wire = self.ends[0].wire();
        Record::new(wire.events.clone(), wire.sent.clone().into(), wire.written.clone().into())
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

impl PeerEnd {
    /// An end, and the client's end. The client writes so many bytes before its first frame.
    fn new(preface: usize) -> (PeerEnd, Transport) {
        let wire = Arc::new(Mutex::new(Wire { preface, ..Wire::default() }));
        let transport = Transport { wire: wire.clone() };
        (PeerEnd { split: 0, pending: BytesMut::new(), wire }, transport)
    }

    fn wire(&self) -> MutexGuard<'_, Wire> {
        lock(&self.wire)
    }

    fn requests(&self) -> WrittenRequests {
        let wire = self.wire();
        record::find_requests(&wire.events, &Bytes::copy_from_slice(&wire.written))
    }

    fn take_record(&self) -> Record {
        let wire = std::mem::take(&mut *self.wire());
        Record::new(wire.events, wire.sent.into(), wire.written.into())
    }

    fn hand_over_all(&mut self) {
        self.hand_over(self.pending.len());
    }

    fn hand_over(&mut self, size: usize) {
        if size == 0 {
            return;
        }
        let bytes = self.pending.split_to(size);
        let mut wire = self.wire();
        // Once the client's reads have ended, nothing that the peer sends can reach the client.
        if wire.read_end.is_none() {
            let start = wire.sent.len();
            wire.sent.extend_from_slice(&bytes);
            let place = start..wire.sent.len();
            wire.events.push(Event::Sent(place));
            wire.wake_reader();
        }
    }

    fn end_reads(&mut self, end: ReadEnd) {
        self.hand_over_all();
        let mut wire = self.wire();
        if wire.read_end.is_none() {
            wire.read_end = Some(end);
            if matches!(end, ReadEnd::Closed) {
                wire.events.push(Event::Closed);
            }
            wire.wake_reader();
        }
    }
}

/// Locks, and ignores poisoning: if a holder of the lock panicked, everything recorded so far is still true.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Wire {
    /// The first such frame of the client that no step has awaited.
    fn awaited(&self, kind: FrameType, stream: StreamId) -> Option<usize> {
        self.frames
            .iter()
            .position(|WrittenFrame { header, awaited }| !awaited && (header.kind, header.stream) == (kind, stream))
    }

    fn note_once(&mut self, event: Event) {
        if !self.events.contains(&event) {
            self.events.push(event);
        }
    }

    fn wake_reader(&mut self) {
        if let Some(waker) = self.reader.take() {
            waker.wake();
        }
    }

    /// Answers the PING frame that the client has just written, if the script says so (§6.7).
    fn answer(&mut self, header: Header) {
        let is_ping = header.kind == FrameType::PING && header.flags & flags::ACK == 0;
        let opaque = self.written.last_chunk().copied();
        if let Some(opaque) = opaque.filter(|_| self.answers_pings && is_ping && self.read_end.is_none()) {
            let mut answer = BytesMut::new();
            wire::encode(&Frame::ping(opaque).with_flags(flags::ACK), &mut answer);
            let start = self.sent.len();
            self.sent.extend_from_slice(&answer);
            self.events.push(Event::Sent(start..self.sent.len()));
            self.wake_reader();
        }
    }

    /// Takes the client's bytes, at most to the end of the current frame, and returns the number taken.
    fn take_written(&mut self, bytes: &[u8]) -> usize {
        let begun = self.written.len() - self.parsed;
        let in_preface = self.parsed < self.preface;
        let header = Header::read(&self.written[self.parsed..]);
        let frame = if in_preface { self.preface } else { header.map_or(wire::HEADER_LENGTH, Header::frame_length) };
        let size = bytes.len().min(frame - begun);
        self.written.extend_from_slice(&bytes[..size]);
        let header = Header::read(&self.written[self.parsed..]).filter(|_| !in_preface);
        let whole = match header {
            Some(header) => begun + size == header.frame_length(),
            None => in_preface && begun + size == self.preface,
        };
        if whole {
            if let Some(header) = header {
                self.events.push(Event::Written(self.parsed..self.written.len()));
                self.frames.push(WrittenFrame { header, awaited: false });
                self.answer(header);
            }
            if let Some((_, after)) = &mut self.write_failure {
                *after -= 1;
            }
            self.parsed = self.written.len();
        }
        size
    }
}

/// A server that is done drops its transport, which closes it: not every server shuts it down first.
impl Drop for Transport {
    fn drop(&mut self) {
        let mut wire = lock(&self.wire);
        if wire.preface == 0 {
            wire.note_once(Event::ClientClosed);
        }
    }
}

impl AsyncRead for Transport {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let mut guard = lock(&self.wire);
        let wire = &mut *guard;
        let waiting = &wire.sent[wire.read..];
        if !waiting.is_empty() {
            let size = waiting.len().min(buffer.remaining());
            buffer.put_slice(&waiting[..size]);
            wire.read += size;
            wire.events.push(Event::Received(wire.read));
            return Poll::Ready(Ok(()));
        }
        if !wire.written.is_empty()
            && let Some(error) = wire.answer.take()
        {
            return Poll::Ready(Err(error));
        }
        match wire.read_end {
            Some(ReadEnd::Closed) => {
                wire.note_once(Event::ReadEnd);
                Poll::Ready(Ok(()))
            }
            Some(ReadEnd::Failed(failure)) => {
                wire.note_once(Event::ReadFailed(failure));
                Poll::Ready(Err(failure.kind().into()))
            }
            None => {
                wire.reader = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }
}

impl AsyncWrite for Transport {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let mut wire = lock(&self.wire);
        let mut taken = 0;
        while taken < bytes.len() {
            if let Some((failure, 0)) = wire.write_failure {
                if taken > 0 {
                    break;
                }
                wire.note_once(Event::WriteFailed(failure));
                return Poll::Ready(Err(failure.kind().into()));
            }
            taken += wire.take_written(&bytes[taken..]);
        }
        Poll::Ready(Ok(taken))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut wire = lock(&self.wire);
        if wire.is_unclosable {
            return Poll::Ready(Err(io::ErrorKind::NotConnected.into()));
        }
        wire.note_once(Event::ClientClosed);
        Poll::Ready(Ok(()))
    }
}
