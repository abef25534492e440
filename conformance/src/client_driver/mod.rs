//! Whole HTTP clients, with their pools and retries.
//!
//! The [client driver](ClientDriver) plays a script to a [`Client`] as `stacks::drive` plays it to a bare stack: with
//! the same peer and record. A client has more than a stack: a pool of connections, perhaps retries, and perhaps a
//! [label](ErrorLabel) of its own for each error. So the first connection that it opens leads to the script's peer, and
//! every [later](Later) one to a server of the suite.

mod client_outcome;
mod connections;
mod function;
pub mod grpc;
pub mod loopback;
mod play;
mod received;

pub use crate::stacks::Io;
pub use client_outcome::{ClientOutcome, ClientRequestOutcome, ErrorLabel, LogLevel, LogLine};
pub use connections::{Connections, Connector, Endpoint, Later, answer};
pub use function::{Function, Sends};
pub use play::{ClientDriver, ClientDriverError, unplayable};
pub use received::Received;

use crate::{
    script::Script,
    stacks::{BoxError, Head, IssuedRequest, Parts},
    vocabulary::{Phase, StackName},
};
use std::{
    collections::BTreeMap,
    future::{Future, ready},
    pin::Pin,
    time::Duration,
};

/// A client to test.
pub trait Client: Sync {
    /// Its name, for reports.
    fn name(&self) -> &str;

    /// What it is, in one sentence, for reports.
    fn about(&self) -> &str {
        ""
    }

    /// Its crate and version, for reports.
    fn version(&self) -> String {
        String::new()
    }

    /// The stack that it uses, if it uses one of the two.
    fn stack(&self) -> Option<StackName> {
        None
    }

    /// What it promises about requests that were not processed.
    fn promise(&self) -> Retries {
        Retries::NotPromised
    }

    /// How it reaches its peer.
    fn reach(&self) -> Reach {
        Reach::Memory
    }

    /// The time in which it runs.
    fn clock(&self) -> Clock {
        Clock::Virtual
    }

    /// Whether it speaks gRPC. If so, scripts are played to it as [`grpc::in_grpc`] translates them, and it hands over
    /// messages.
    fn speaks_grpc(&self) -> bool {
        false
    }

    /// Whether the driver leads its application: content is read when it is asked for, and sent as it is fed. If not, scripts
    /// that do so cannot be played, nor those that drop the client.
    fn is_led(&self) -> bool {
        true
    }

    /// Whether a request can be [cancelled](ClientInstance::cancel). If not, scripts that do so cannot be played.
    fn cancels(&self) -> bool {
        self.is_led()
    }

    /// Whether its requests can have trailers. If not, scripts with such requests cannot be played.
    fn sends_trailers(&self) -> bool {
        self.is_led()
    }

    /// Whether it sends a script's requests as they are. If not, what it makes of them is not judged.
    fn sends_as_given(&self) -> bool {
        true
    }

    /// Whether it tells what its application got. If not, only what crossed the wire is judged.
    fn tells(&self) -> bool {
        true
    }

    /// The indices of the steps that it cannot be made to play, such as a request with content that it does not take.
    fn unplayable(&self, _: &Script) -> Vec<usize> {
        Vec::new()
    }

    /// Makes a client without connections, which opens its connections at this endpoint.
    ///
    /// # Errors
    ///
    /// If the client cannot be made.
    fn instance(&self, endpoint: &Endpoint) -> Result<Box<dyn ClientInstance>, BoxError>;

    /// Runs `play`, and returns what the client logged meanwhile. By default, nothing is recorded.
    fn record_log(&self, play: &mut dyn FnMut()) -> Vec<LogLine> {
        play();
        Vec::new()
    }
}

/// What a client promises about requests that provably were not processed. RFC 9113 §8.7 allows that they are sent
/// again, and demands it of nobody.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Retries {
    /// Nothing.
    #[default]
    NotPromised,
    /// It sends them again, in at most [`Retries::MOST`] attempts.
    Automatic,
    /// It sends them again, in at most this many attempts.
    UpTo(usize),
}

impl Retries {
    /// The number of attempts that no promise exceeds unless it says so.
    pub const MOST: usize = 10;

    /// Whether it promises to send them again.
    pub fn is_promised(self) -> bool {
        matches!(self, Retries::Automatic | Retries::UpTo(2..))
    }

    /// The maximum number of attempts.
    pub fn attempts(self) -> usize {
        match self {
            Retries::UpTo(attempts) => attempts,
            Retries::NotPromised | Retries::Automatic => Retries::MOST,
        }
    }
}

/// The time in which a client runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// The clock of its tokio runtime, on the driver's thread. It stands still until the script lets time pass.
    Virtual,
    /// That of the system, for a client with threads or a process of its own. Scripts that let more time pass than
    /// [`Clock::LONGEST`] cannot be played, and results may differ between plays.
    Real {
        /// How long the peer waits for what the client has to do, such as to connect, to retry, or to end a request.
        patience: Duration,
    },
}

impl Clock {
    /// The longest time that a script may let pass in real time.
    pub const LONGEST: Duration = Duration::from_secs(1);
}

/// How a client reaches its peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Over a transport in memory, which supports every step of a script.
    Memory,
    /// Over sockets of the loopback interface, with prior knowledge of HTTP/2. Reads and writes cannot be made to fail
    /// in a chosen way.
    PriorKnowledge,
    /// The same over TLS.
    #[cfg(feature = "tls")]
    Tls,
}

/// A client made for one script.
pub trait ClientInstance: Send {
    /// Sends a request.
    fn send(&self, request: &IssuedRequest) -> ResponseFuture;

    /// Cancels a request whose [response](ResponseFuture) is dropped, and ends when that is done. By default, there is nothing
    /// to do but to drop it.
    fn cancel(&self, _number: usize) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(ready(()))
    }

    /// What is known only when the script is over. By default, that is nothing.
    fn afterwards(&self) -> Afterwards {
        Afterwards::default()
    }
}

/// What a client tells when a script is over.
#[derive(Debug, Default)]
pub struct Afterwards {
    /// The numbers of the requests that it could not send. If there is one, the script is not judged.
    pub unplayable: Vec<usize>,
    /// How its process ended, if it did.
    pub crashed: Option<String>,
    /// What its application received of requests whose content it did not show.
    pub received: BTreeMap<usize, Received>,
}

/// The response to a request: its head, if the client shows it, then its body.
pub type ResponseFuture = Pin<Box<dyn Future<Output = Result<(Option<Head>, Parts), Failure>> + Send>>;

/// The failure of a request before its response.
#[derive(Debug)]
pub struct Failure {
    /// The phase that the request reached.
    pub phase: Phase,
    /// The error as the application gets it.
    pub error: BoxError,
    /// The client's label for it, if it has one.
    pub label: Option<ErrorLabel>,
}
