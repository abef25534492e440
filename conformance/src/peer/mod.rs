//! The peer: plays a [`Script`] over an in-memory transport and records what crosses it.
//!
//! [`Peer`] is the server's end, which the driver advances step by step. [`Transport`] is the end that a client stack
//! reads and writes. Nothing here waits: [`Peer::advance`] returns what has to happen before the next step, and the
//! driver makes it happen. The [`Record`] keeps all events in order. It shows which frames the client had received when
//! a request ended, and which requests had reached the wire.

mod record;
mod streams;

pub use record::{Event, Record, WrittenRequests, last_step, number_in};

use crate::{
    http2::{
        Frame, FrameType, StreamId,
        wire::{self, Header},
    },
    script::{IoFailure, Script, Step},
};
use bytes::{Bytes, BytesMut};
use std::{
    io,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
    time::Duration,
};
use streams::Streams;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// The server's end of the transport.
pub struct Peer<'script> {
    script: &'script Script,
    next: usize,
    requests: usize,
    split: usize,
    pending: BytesMut,
    /// Whether it means the streams that the client uses, whatever the script calls them.
    follows: bool,
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

    /// The same, for a client that may use other streams than the script does: the peer follows it.
    pub fn following(script: &'script Script) -> (Peer<'script>, Transport) {
        let (peer, transport) = Peer::new(script);
        (Peer { follows: true, ..peer }, transport)
    }

    /// The peer of a server. A server writes no connection preface before its frames (RFC 9113 §3.4).
    pub fn of_server(script: &'script Script) -> (Peer<'script>, Transport) {
        Peer::after(script, 0)
    }

    fn after(script: &'script Script, preface: usize) -> (Peer<'script>, Transport) {
        let wire = Arc::new(Mutex::new(Wire { preface, ..Wire::default() }));
        let transport = Transport { wire: wire.clone() };
        let pending = BytesMut::new();
        (Peer { script, next: 0, requests: 0, split: 0, pending, follows: false, wire }, transport)
    }

    /// Plays steps until one has to wait for the application or the client. Returns what it waits for.
    pub fn advance(&mut self) -> Pause {
        let streams = self.streams();
        loop {
            if self.split > 0 && self.pending.len() >= self.split {
                self.hand_over(self.split);
                return Pause::Idle;
            }
            let Some(step) = self.script.steps().get(self.next) else {
                self.hand_over(self.pending.len());
                return Pause::End;
            };
            self.note(Event::Step(self.next));
            self.next += 1;
            match step {
                Step::Request(_) => {
                    self.requests += 1;
                    self.note(Event::Issued(self.requests - 1));
                    return Pause::Issue(self.requests - 1);
                }
                Step::Cancel(request) => return Pause::Cancel(*request as usize),
                Step::Read { request, bytes } => {
                    self.note(Event::Reads(*request as usize, *bytes));
                    return Pause::Read(*request as usize, *bytes);
                }
                Step::Send(frame) => match &streams {
                    Some(streams) => wire::encode(&streams.frame(frame), &mut self.pending),
                    None => wire::encode(frame, &mut self.pending),
                },
                Step::SendRaw(bytes) => self.pending.extend_from_slice(bytes),
                Step::Await { .. } => {
                    self.hand_over(self.pending.len());
                    return Pause::Await;
                }
                Step::Pass(milliseconds) => {
                    self.hand_over(self.pending.len());
                    return Pause::Pass(Duration::from_millis(u64::from(*milliseconds)));
                }
                Step::Split(size) => {
                    self.hand_over(self.pending.len());
                    self.split = *size as usize;
                }
                Step::Close => self.end_reads(ReadEnd::Closed),
                Step::FailRead(failure) => self.end_reads(ReadEnd::Failed(*failure)),
                Step::FailWrite { failure, after } => {
                    self.wire().write_failure = Some((*failure, *after));
                }
            }
            if self.split == 0 {
                self.hand_over(self.pending.len());
            }
        }
    }

    /// Looks for the frame that the last step awaits among those that the client has written, and records its absence.
    /// No later step can match the same frame.
    pub fn take_awaited(&mut self) {
        let index = self.next.wrapping_sub(1);
        let Some(Step::Await { kind, stream }) = self.script.steps().get(index) else { return };
        let stream = self.streams().map_or(*stream, |streams| streams.of(*stream));
        let mut wire = self.wire();
        match wire.awaited(*kind, stream) {
            Some(frame) => wire.frames[frame].awaited = true,
            None => wire.events.push(Event::AwaitMissed(index)),
        }
    }

    /// Whether the client has written the frame that the last step awaits.
    pub fn has_awaited(&self) -> bool {
        let index = self.next.wrapping_sub(1);
        let Some(Step::Await { kind, stream }) = self.script.steps().get(index) else { return true };
        let stream = self.streams().map_or(*stream, |streams| streams.of(*stream));
        self.wire().awaited(*kind, stream).is_some()
    }

    /// The client's streams, if they are not the script's.
    fn streams(&self) -> Option<Streams> {
        self.follows.then(|| Streams::new(self.requests())).flatten()
    }

    /// Sends a frame that is not in the script, after the script.
    pub fn send(&mut self, frame: &Frame) {
        wire::encode(frame, &mut self.pending);
        self.hand_over(self.pending.len());
    }

    /// The requests whose field blocks the client has written whole so far.
    pub fn requests(&self) -> WrittenRequests {
        let wire = self.wire();
        record::find_requests(&wire.events, &Bytes::copy_from_slice(&wire.written))
    }

    /// Adds an event to the record.
    pub fn note(&self, event: Event) {
        self.wire().events.push(event);
    }

    /// Records that the client can do no more, unless nothing has happened since it last could not.
    pub fn rests(&self) {
        let mut wire = self.wire();
        if !matches!(wire.events.last(), Some(Event::Rest)) {
            wire.events.push(Event::Rest);
        }
    }

    /// A number that grows whenever something happens on the transport.
    pub fn activity(&self) -> usize {
        let wire = self.wire();
        wire.events.len() + wire.sent.len() + wire.read + wire.written.len()
    }

    /// The record of what has crossed the transport so far.
    pub fn record(&self) -> Record {
        let wire = self.wire();
        Record::new(wire.events.clone(), wire.sent.clone().into(), wire.written.clone().into())
    }

    /// The record of what crossed the transport.
    pub fn into_record(self) -> Record {
        let wire = std::mem::take(&mut *self.wire());
        Record::new(wire.events, wire.sent.into(), wire.written.into())
    }

    fn wire(&self) -> MutexGuard<'_, Wire> {
        lock(&self.wire)
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
        self.hand_over(self.pending.len());
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
