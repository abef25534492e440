//! Whole HTTP clients, with their pools and retries.
//!
//! The [client driver](ClientDriver) plays a script to a [`Client`] as `stacks::drive` plays it to a bare stack: with
//! the same peer, record and laws. A client has more than a stack: a pool of connections, a [label](ErrorLabel) of its
//! own for each error, and perhaps retries. So the first connection that it opens leads to the script's peer, and every
//! later one to a healthy server that answers every request.

mod client_outcome;
mod connections;
mod play;

pub use crate::stacks::Io;
pub use client_outcome::{ClientOutcome, ClientRequestOutcome, ErrorLabel, LogLevel, LogLine};
pub use connections::{Connections, Endpoint};
pub use play::{ClientDriver, ClientDriverError, unplayable};

use crate::{
    script::Request,
    stacks::{BoxError, Head, Part},
    vocabulary::{Phase, StackName},
};
use futures_util::Stream;
use std::{future::Future, io, pin::Pin, sync::Arc};

/// A client to test.
pub trait Client: Sync {
    /// Its name, for reports.
    fn name(&self) -> &'static str;

    /// What it is, in one sentence.
    fn about(&self) -> &'static str;

    /// Its crate and version.
    fn version(&self) -> String;

    /// The stack that it uses.
    fn stack(&self) -> StackName;

    /// Whether it retries requests on its own.
    fn retries(&self) -> bool {
        false
    }

    /// How it reaches its peer.
    fn reach(&self) -> Reach {
        Reach::Memory
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

/// How a client reaches its peer.
#[derive(Clone, Copy, Debug)]
pub enum Reach {
    /// Over a transport in memory, which supports every step of a script.
    Memory,
    /// Over a socket of the loopback interface, where reads and writes cannot be made to fail in a chosen way. The
    /// function opens the endpoint, and fails if no socket is available.
    Loopback(fn(Arc<Connections>) -> Opening),
}

/// An endpoint that is being opened.
pub type Opening = Pin<Box<dyn Future<Output = io::Result<Endpoint>>>>;

/// A client made for one script.
pub trait ClientInstance: Send {
    /// Sends a request. Its path ends with this number.
    fn send(&self, number: usize, request: &Request) -> ResponseFuture;
}

/// The response to a request: its head, then its body.
pub type ResponseFuture = Pin<Box<dyn Future<Output = Result<(Head, Body), Failure>> + Send>>;

/// The body of a response, part by part.
pub type Body = Pin<Box<dyn Stream<Item = Result<Part, BoxError>> + Send>>;

/// The failure of a request before its response.
#[derive(Debug)]
pub struct Failure {
    /// The phase that the request reached.
    pub phase: Phase,
    /// The error as the application gets it.
    pub error: BoxError,
    /// The client's label for it.
    pub label: ErrorLabel,
}
