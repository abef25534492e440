//! The streams of a script on a client that uses others.
//!
//! A script says that its first request is on stream 1, the next on stream 3, and so on. Some clients begin with another
//! stream, and some send requests in another order. The peer then means the streams that the client has used.

use super::WrittenRequests;
use crate::http2::{Frame, StreamId};

/// What a script's streams are on this connection.
pub(super) struct Streams {
    written: WrittenRequests,
    /// How much later the client's first request is than in a script.
    shift: u32,
}

impl Streams {
    /// By the requests that the client has written. `None` if the streams are those of the script.
    pub(super) fn new(written: WrittenRequests) -> Option<Streams> {
        let is_same = |(number, stream): &(usize, StreamId)| *stream == StreamId::of_request(*number);
        let first = written.iter().find(|(number, _)| *number == 0)?.1;
        let shift = first.get().checked_sub(StreamId::FIRST.get())?;
        (!written.iter().all(is_same)).then_some(Streams { written, shift })
    }

    /// The same on a later connection, where the script's first stream is that of the first request written there.
    pub(super) fn of_later(written: WrittenRequests) -> Option<Streams> {
        Streams::new(written.into_iter().enumerate().map(|(index, (_, stream))| (index, stream)).collect())
    }

    /// The stream of the request that the script means; for any other stream of a client, one as far from the first.
    pub(super) fn of(&self, stream: StreamId) -> StreamId {
        if !stream.is_client_initiated() {
            return stream;
        }
        let written = self.written.iter().find(|(number, _)| StreamId::of_request(*number) == stream);
        let shifted = || StreamId::try_from(u64::from(stream.get()) + u64::from(self.shift)).unwrap_or(stream);
        written.map_or_else(shifted, |(_, stream)| *stream)
    }

    /// The frame on the stream that the script means, and with the last_stream_id that it means.
    pub(super) fn frame(&self, frame: &Frame) -> Frame {
        let frame = Frame { stream: self.of(frame.stream), ..frame.clone() };
        frame.with_last_stream_id(|last| self.of(last))
    }
}
