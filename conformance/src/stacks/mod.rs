//! The client stacks under test: the trait that a stack implements, the settings of a run, and what is observed.
//!
//! A stack is a thin adapter ([`Legacy`], [`Modern`], and for the fuzz target `server` [`LegacyServer`] and
//! [`ModernServer`]); the one driver in [`drive`] runs any of them. Each belongs to a [`Generation`] of the crates,
//! which can be used in other ways too. An [`Observation`] keeps the errors as the application got them; the
//! classifiers read them.

pub mod drive;
mod generation;
mod later_settings;
pub mod legacy;
pub mod modern;
mod once;
pub(crate) mod pace;
pub mod panics;
mod request;
mod serving;
mod write_ahead;

pub use drive::Driver;
pub use generation::{Call, Enclosure, Generation, Holder, Via, generation};
pub use legacy::{Legacy, LegacyServer};
pub use modern::{Modern, ModernServer};
pub use request::{BodyFailed, Content, HttpRequest, IssuedRequest};
pub use serving::Server;
pub use write_ahead::write_ahead;

use crate::{
    http2::hpack::Field,
    peer::{Record, Transport},
    script::Script,
    vocabulary::{Phase, StackName},
};
use bytes::Bytes;
use futures_util::Stream;
use later_settings::LaterSettings;
use once::Once;
use serde::{Deserialize, Serialize};
use std::{error::Error, future::Future, pin::Pin, sync::Arc, time::Duration};
use tokio::io::{AsyncRead, AsyncWrite};

/// An error as an application holds it.
pub type BoxError = Box<dyn Error + Send + Sync>;

/// A transport in both directions.
pub trait Io: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Io for T {}

/// A task of a stack: polled until it is done, on one thread.
pub type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

/// How the client of each stack is observed: one row for each stack.
pub fn observe(stack: StackName) -> fn(&Driver, &Script, Profile) -> Observation {
    match stack {
        StackName::Legacy => Driver::observe::<Legacy>,
        StackName::Modern => Driver::observe::<Modern>,
    }
}

/// A client stack, as the driver needs it.
pub trait Stack: 'static {
    /// A handle that sends requests on the connection. Dropping the last handle closes the connection.
    type Client: Clone + Send + 'static;
    /// The body of a response.
    type Body: Send + 'static;

    /// Which stack this is.
    const NAME: StackName;

    /// Whether it is a [`Server`].
    const IS_SERVER: bool = false;

    /// Makes the connection over `transport`. The stack's background tasks go to `spawner`.
    fn connect(
        transport: Transport,
        profile: Profile,
        spawner: drive::Spawner,
    ) -> impl Future<Output = Result<Self::Client, BoxError>> + Send + 'static;

    /// Sends the request and waits for the head of its response. The phase of an error says whether the connection took
    /// the request.
    fn send(
        client: Self::Client,
        request: IssuedRequest,
    ) -> impl Future<Output = Result<(Head, Self::Body), Unanswered>> + Send + 'static;

    /// The next part of a body; `None` at its end.
    fn next_part(body: &mut Self::Body) -> impl Future<Output = Option<Result<Part, BoxError>>> + Send;
}

/// Which settings a stack runs with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// The same settings on both stacks: [`Settings::EQUAL`]. A difference is a divergence.
    #[default]
    Equal,
    /// Each stack's own defaults. A difference that only these show is configuration.
    Defaults,
}

impl Profile {
    /// Its name: `equal` or `defaults`.
    pub fn name(self) -> &'static str {
        match self {
            Profile::Equal => "equal",
            Profile::Defaults => "defaults",
        }
    }
}

/// The settings of [`Profile::Equal`].
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// The flow-control window of a stream, in bytes.
    pub stream_window: u32,
    /// The flow-control window of the connection, in bytes.
    pub connection_window: u32,
    /// Maximum frame payload accepted, in bytes.
    pub max_frame_size: u32,
    /// Maximum header list accepted, in bytes. Legacy cannot set it; this is its fixed value.
    pub max_header_list_size: u32,
    /// Maximum number of locally reset streams that are remembered.
    pub max_concurrent_reset_streams: usize,
    /// How long a locally reset stream is remembered, in real time. Legacy cannot set it; this is its
    /// fixed value. It is much longer than a script runs, because the wall clock must not decide.
    pub reset_stream_duration: Duration,
    /// Maximum number of request body bytes buffered for a stream.
    pub max_send_buffer_size: usize,
    /// Maximum number of streams opened before the peer's SETTINGS arrive. Legacy cannot set it; this is its value.
    pub initial_max_send_streams: usize,
    /// Maximum number of streams that a client may have open on a server.
    pub max_concurrent_streams: u32,
    /// Maximum number of streams that a client may reset before the server has accepted them.
    pub max_pending_accept_reset_streams: usize,
    /// Maximum number of streams that a server resets for errors before it ends the connection.
    pub max_local_error_reset_streams: usize,
    /// The silence of the peer, while a request is open, after which the client sends a PING.
    pub keep_alive_interval: Duration,
    /// How long the peer may take to answer that PING before the connection fails.
    pub keep_alive_timeout: Duration,
}

impl Settings {
    /// The settings of both client stacks in [`Profile::Equal`].
    pub const EQUAL: Settings = Settings {
        stream_window: 65_535,
        connection_window: 98_304,
        max_frame_size: 16_384,
        max_header_list_size: 16 << 20,
        max_concurrent_reset_streams: 50,
        reset_stream_duration: Duration::from_secs(30),
        max_send_buffer_size: 1 << 20,
        initial_max_send_streams: usize::MAX,
        max_concurrent_streams: 200,
        max_pending_accept_reset_streams: 20,
        max_local_error_reset_streams: 1_024,
        keep_alive_interval: Duration::from_secs(30),
        keep_alive_timeout: Duration::from_secs(10),
    };

    /// The settings of both servers in [`Profile::Equal`]. They are low, so that short fuzzer inputs reach every limit.
    /// A server cannot set how many locally reset streams it remembers, nor for how long.
    pub const EQUAL_OF_SERVERS: Settings = Settings {
        stream_window: 1_024,
        connection_window: 65_535,
        max_header_list_size: 4_096,
        max_concurrent_streams: 16,
        max_pending_accept_reset_streams: 8,
        max_local_error_reset_streams: 32,
        ..Settings::EQUAL
    };
}

/// Why a request got no response.
#[derive(Debug)]
pub struct Unanswered {
    /// How far it came.
    pub phase: Phase,
    /// The error.
    pub error: BoxError,
    /// Whether the application got the request back, to send it again; `None` if the client never hands one back.
    pub handed_back: Option<bool>,
}

impl From<(Phase, BoxError)> for Unanswered {
    fn from((phase, error): (Phase, BoxError)) -> Unanswered {
        Unanswered { phase, error, handed_back: None }
    }
}

/// The head of a response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The status code.
    pub status: u16,
    /// The field lines; invalid UTF-8 is replaced.
    pub headers: Vec<Field>,
    /// What the body said about itself when the head was handed over; `None` if the client's bodies say nothing.
    pub hint: Option<BodyHint>,
}

/// What a body says about itself before it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BodyHint {
    /// Whether nothing more comes: no content, no trailers, no error.
    pub is_end_stream: bool,
    /// The minimum length of the content in bytes, if all of it comes.
    pub lower: u64,
    /// The maximum length of the content in bytes, if it is known.
    pub upper: Option<u64>,
}

/// The body of a response, part by part.
pub type Parts = Pin<Box<dyn Stream<Item = Result<Part, BoxError>> + Send>>;

/// A response of the crate `http`, 0.2 or 1, with any body of the crate `http-body`.
pub trait HttpResponse: Send + 'static {
    /// Its head, and its body part by part.
    fn into_head_and_parts(self) -> (Head, Parts);
}

/// A part of a response's body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Content.
    Data(Bytes),
    /// The trailers, which end the body.
    Trailers(Vec<Field>),
}

/// What an application saw of one script on one stack, and what crossed the transport.
#[derive(Debug, Default)]
pub struct Observation {
    /// What the application saw of each request, in the order of their numbers.
    pub requests: Vec<ObservedRequest>,
    /// How the connection was made or, on a server, how it ended; open before that.
    pub connection: End,
    /// What crossed the transport.
    pub record: Record,
    /// The panics of the stack's tasks. They are not part of the outcome, because debug assertions change them.
    pub panics: Vec<String>,
    /// Whether the stack kept itself busy until the driver gave up.
    pub spinning: bool,
}

/// What an application saw of one request.
#[derive(Clone, Debug, Default)]
pub struct ObservedRequest {
    /// The head of the response.
    pub head: Option<Head>,
    /// The content that the application received.
    pub body: Vec<u8>,
    /// The trailers that the application received.
    pub trailers: Option<Vec<Field>>,
    /// How the request ended.
    pub end: End,
    /// Whether the application got a request that failed back, to send it again; `None` if its client never hands one
    /// back.
    pub handed_back: Option<bool>,
}

/// How a request ended, as its application saw it.
#[derive(Clone, Debug, Default)]
pub enum End {
    /// It has not ended.
    #[default]
    Open,
    /// The whole response was read.
    Complete,
    /// Its application cancelled it before.
    Cancelled,
    /// It failed. Requests that wait for the same connection share its error.
    Failed(Phase, Arc<BoxError>),
}
