//! A connection in memory: the server's end, which the peer writes, and the client's end, which a stack reads and writes.
//! Everything that crosses it is recorded.

use super::{
    Pause, lock,
    record::{self, Event, Record, WrittenRequests},
    streams::Streams,
};
use crate::{
    http2::{
        Frame, FrameType, SettingId, StreamId, View, flags,
        wire::{self, Header},
    },
    script::{IoFailure, Step},
};
use bytes::{Bytes, BytesMut};
use std::{
    io,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard},
    task::{Context, Poll, Waker},
    time::Duration,
};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// The server's end of one connection.
pub(super) struct PeerEnd {
    pub(super) split: usize,
    pub(super) pending: BytesMut,
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

impl PeerEnd {
    /// An end, and the client's end. The client writes so many bytes before its first frame.
    pub(super) fn new(preface: usize) -> (PeerEnd, Transport) {
        let wire = Arc::new(Mutex::new(Wire { preface, ..Wire::default() }));
        let transport = Transport { wire: wire.clone() };
        (PeerEnd { split: 0, pending: BytesMut::new(), wire }, transport)
    }

    fn wire(&self) -> MutexGuard<'_, Wire> {
        lock(&self.wire)
    }

    /// Plays a step of the peer. Returns what it waits for, if it does.
    pub(super) fn play(&mut self, step: &Step, streams: Option<&Streams>) -> Option<Pause> {
        match step {
            Step::Send(frame) => match streams {
                Some(streams) => wire::encode(&streams.frame(frame), &mut self.pending),
                None => wire::encode(frame, &mut self.pending),
            },
            Step::SendRaw(bytes) => self.pending.extend_from_slice(bytes),
            Step::Await { .. } | Step::Never { .. } => {
                self.hand_over_all();
                return Some(Pause::Expect);
            }
            Step::Pass(milliseconds) => {
                self.hand_over_all();
                return Some(Pause::Pass(Duration::from_millis(u64::from(*milliseconds))));
            }
            Step::Split(size) => {
                self.hand_over_all();
                self.split = *size as usize;
            }
            Step::Close => self.end_reads(ReadEnd::Closed),
            Step::FailRead(failure) => self.end_reads(ReadEnd::Failed(*failure)),
            Step::FailWrite { failure, after } => self.wire().write_failure = Some((*failure, *after)),
            Step::AnswerPings => self.wire().answers_pings = true,
            // The application's, and those of all connections.
            Step::Request(_)
            | Step::Cancel(_)
            | Step::Read { .. }
            | Step::Feed { .. }
            | Step::DropClient
            | Step::Connection(_)
            | Step::RefuseConnections => {}
        }
        if self.split == 0 {
            self.hand_over_all();
        }
        None
    }

    pub(super) fn note(&self, event: Event) {
        self.wire().events.push(event);
    }

    pub(super) fn rests(&self) {
        let mut wire = self.wire();
        if !matches!(wire.events.last(), Some(Event::Rest)) {
            wire.events.push(Event::Rest);
        }
    }

    pub(super) fn activity(&self) -> usize {
        let wire = self.wire();
        wire.events.len() + wire.sent.len() + wire.read + wire.written.len()
    }

    /// Whether only SETTINGS without a limit of streams were sent.
    pub(super) fn lets_send(&self) -> bool {
        let mut sent = Bytes::copy_from_slice(&self.wire().sent);
        let holds_nothing = |frame: Frame| match frame.view() {
            View::Settings(settings) => settings.iter().all(|(id, _)| *id != SettingId::MAX_CONCURRENT_STREAMS),
            _ => false,
        };
        std::iter::from_fn(|| wire::decode(&mut sent)).all(holds_nothing)
    }

    pub(super) fn has_preface(&self) -> bool {
        self.wire().parsed > 0
    }

    /// Whether the client has written such a frame that was not taken.
    pub(super) fn has_written(&self, kind: FrameType, stream: StreamId) -> bool {
        self.wire().awaited(kind, stream).is_some()
    }

    /// Takes the first such frame, so that it is not taken again. Whether there was one.
    pub(super) fn take_written(&self, kind: FrameType, stream: StreamId) -> bool {
        let mut wire = self.wire();
        let frame = wire.awaited(kind, stream);
        frame.into_iter().for_each(|frame| wire.frames[frame].awaited = true);
        frame.is_some()
    }

    pub(super) fn requests(&self) -> WrittenRequests {
        let wire = self.wire();
        record::find_requests(&wire.events, &Bytes::copy_from_slice(&wire.written))
    }

    pub(super) fn record(&self) -> Record {
        let wire = self.wire();
        Record::new(wire.events.clone(), wire.sent.clone().into(), wire.written.clone().into())
    }

    pub(super) fn take_record(&self) -> Record {
        let wire = std::mem::take(&mut *self.wire());
        Record::new(wire.events, wire.sent.into(), wire.written.into())
    }

    pub(super) fn hand_over_all(&mut self) {
        self.hand_over(self.pending.len());
    }

    pub(super) fn hand_over(&mut self, size: usize) {
        if size > 0 {
            let bytes = self.pending.split_to(size);
            self.wire().send(&bytes);
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

    /// Sends bytes of the peer. Once the client's reads have ended, nothing can reach it.
    fn send(&mut self, bytes: &[u8]) {
        if self.read_end.is_none() {
            let start = self.sent.len();
            self.sent.extend_from_slice(bytes);
            self.events.push(Event::Sent(start..self.sent.len()));
            self.wake_reader();
        }
    }

    /// Answers the frame that the client has just written, if it is a PING and the script says so (§6.7).
    fn answer(&mut self, header: Header) {
        let is_ping = header.kind == FrameType::PING && header.flags & flags::ACK == 0;
        if let Some(opaque) = self.written.last_chunk().copied().filter(|_| self.answers_pings && is_ping) {
            let mut answer = BytesMut::new();
            wire::encode(&Frame::ping(opaque).with_flags(flags::ACK), &mut answer);
            self.send(&answer);
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
