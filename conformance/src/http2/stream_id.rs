use serde::{Deserialize, Serialize};
use std::fmt;

/// A stream identifier: 31 bits, 0 for the connection as a whole (RFC 9113 §5.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(try_from = "u64")]
pub struct StreamId(u32);

/// A number that does not fit into the 31 bits of a stream identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} is above 2^31-1, the largest stream identifier")]
pub struct OutOfRange(pub u64);

impl StreamId {
    /// The connection itself.
    pub const CONNECTION: StreamId = StreamId(0);
    /// The stream of a client's first request.
    pub const FIRST: StreamId = StreamId(1);
    /// The largest identifier; as a GOAWAY's last_stream_id it announces a graceful shutdown (§6.8).
    pub const MAX: StreamId = StreamId(0x7fff_ffff);

    /// The identifier in the low 31 bits of `word`; the reserved bit is dropped.
    pub const fn from_word(word: u32) -> StreamId {
        StreamId(word & StreamId::MAX.0)
    }

    /// The stream of a client's request number `index`, counted from 0, if every earlier one opened a stream.
    pub const fn of_request(index: usize) -> StreamId {
        StreamId::from_word((index as u32).wrapping_mul(2).wrapping_add(1))
    }

    /// The number, below 2^31.
    pub const fn get(self) -> u32 {
        self.0
    }

    /// Whether a client initiates streams with this identifier: it is odd (§5.1.1).
    pub const fn is_client_initiated(self) -> bool {
        self.0 % 2 == 1
    }

    /// Whether this is stream 0.
    pub const fn is_connection(self) -> bool {
        self.0 == 0
    }
}

impl TryFrom<u64> for StreamId {
    type Error = OutOfRange;

    fn try_from(number: u64) -> Result<StreamId, OutOfRange> {
        u32::try_from(number).ok().filter(|number| *number <= StreamId::MAX.0).map(StreamId).ok_or(OutOfRange(number))
    }
}

impl fmt::Display for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
