//! From a log of HTTP/2 frames to a script: what the peer sent, and when the client sent its requests.
//!
//! The logs are those of h2 (`RUST_LOG=h2=debug`), of `nghttp -v` and of curl's `--trace-config http/2`; a capture of
//! packets is read like one. Each has its own reader, which gives the frames of both directions in order. A log does not
//! have everything: h2 leaves out fields and the length of content. What it leaves out is made up, and [`Missing`] names
//! it.

mod capture;
mod connection;
mod curl;
mod field_blocks;
mod h2;
mod nghttp;

pub use capture::{CapturedConnection, NoFrames, Sent, Side, read_capture};

use crate::{
    error_texts::records,
    http2::StreamId,
    peer::{Crossed, Record},
    script::Script,
};
use connection::Connection;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, fmt};

/// What a log of frames tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrameLog {
    /// The program that wrote it.
    pub source: LogSource,
    /// The connections with a request, in the order in which they began.
    pub connections: Vec<LoggedConnection>,
    /// What the log does not have.
    pub missing: BTreeSet<Missing>,
}

/// One connection of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedConnection {
    /// The stream of each request in the log. The script has them on streams 1, 3, 5 and so on.
    pub streams: Vec<StreamId>,
    /// What crossed the connection, as far as the log has it.
    pub record: Record,
    /// The script: its peer sends what the log says that the client received.
    pub script: Script,
}

/// The program that wrote a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogSource {
    /// The crate h2.
    H2,
    /// `nghttp -v`.
    Nghttp,
    /// curl.
    Curl,
    /// A capture of packets, by whatever program.
    Capture,
}

/// What a log does not have, and what is taken in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Missing {
    /// The fields of a response.
    Fields,
    /// Whether a head without END_STREAM, behind which another head comes, is an informational response.
    Informational,
    /// The settings of the peer.
    Settings,
    /// The length of content.
    Lengths,
    /// The method of a request.
    Methods,
    /// How the connection began.
    Beginning,
    /// Whether, and how, the connection ended.
    End,
    /// Which connection a frame on stream 0 belongs to.
    Owner,
    /// Packets, or parts of them.
    Packets,
    /// Which end of a connection is the client.
    Client,
    /// What encrypted connections carry.
    Encrypted,
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Missing::Fields => "the fields: a head is taken for one with status 200, and nothing is malformed",
            Missing::Informational => {
                "whether the first of two heads is informational: the second is taken for trailers if it ends the stream"
            }
            Missing::Settings => "the peer's settings: they are taken to be the defaults",
            Missing::Lengths => "the length of content: every DATA frame is taken to have one byte",
            Missing::Methods => "the methods: a request without content is taken for a GET, any other for a POST",
            Missing::Beginning => "how the connection began: the peer is taken to have sent an empty SETTINGS frame",
            Missing::End => "whether the peer closed the connection behind the last frame",
            Missing::Owner => "which connection a frame without a stream belongs to: it is taken for the newest",
            Missing::Packets => {
                "all packets: a connection is read up to the first that is missing or was captured only in part"
            }
            Missing::Client => "which end is the client: the one with the higher port is taken for it",
            Missing::Encrypted => "what its encrypted connections carry: they are left out",
        })
    }
}

impl LogSource {
    /// What it is: a log or a capture.
    pub fn kind(self) -> &'static str {
        match self {
            LogSource::H2 | LogSource::Nghttp | LogSource::Curl => "log",
            LogSource::Capture => "capture",
        }
    }

    /// Its name in words.
    pub fn name(self) -> &'static str {
        match self {
            LogSource::H2 => "h2",
            LogSource::Nghttp => "nghttp",
            LogSource::Curl => "curl",
            LogSource::Capture => "packets",
        }
    }
}

/// A line of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Line {
    crossed: Crossed,
    /// Whether the fields in it, if it has any, are those of the log.
    has_fields: bool,
}

/// The number at the beginning of a text, in decimal digits, or in hexadecimal ones behind `0x`.
fn leading_number(text: &str) -> Option<u64> {
    let (digits, radix) = text.strip_prefix("0x").map_or((text, 10), |digits| (digits, 16));
    let end = digits.find(|c: char| !c.is_digit(radix)).unwrap_or(digits.len());
    u64::from_str_radix(&digits[..end], radix).ok()
}

/// Content of this length, but no more than a frame has unless the client asks for larger ones (§4.2).
fn blank(length: u64) -> Vec<u8> {
    vec![b'0'; length.min(16_384) as usize]
}

/// Reads a log; `None` if no frame is in it, or no request was sent.
pub fn read(text: &str) -> Option<FrameLog> {
    let records = records(text);
    let read = [
        (LogSource::H2, h2::lines(&records)),
        (LogSource::Nghttp, nghttp::lines(&records)),
        (LogSource::Curl, curl::lines(&records)),
    ];
    let (source, lines) = read.into_iter().max_by_key(|(_, lines)| lines.len())?;
    let (connections, mut missing) = Connection::all(lines);
    match source {
        LogSource::H2 => missing.extend([Missing::Lengths]),
        LogSource::Curl => missing.extend([Missing::Settings]),
        LogSource::Nghttp | LogSource::Capture => {}
    }
    let connections: Vec<LoggedConnection> = connections.into_iter().map(Connection::into_logged).collect();
    (!connections.is_empty()).then_some(FrameLog { source, connections, missing })
}
