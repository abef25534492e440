//! Clients that others wrote, as they are shipped, driven for real.
//!
//! A [`Client`] is a client. The [stage](ClientDriver) plays a script to it as `stacks::drive` does to a bare stack: the peer is the
//! same, so is the record of what crossed the wire, and so are the laws. What a client has beside a stack is a pool of
//! connections, a [`ErrorLabel`] of its own for what went wrong, and perhaps retries. So the first connection that it opens is the
//! peer of the script; every later one leads to a server in good health, which answers whatever comes.
//!
//! To add a client: a file with its [`Client`] in it, and its line in [`CLIENTS`].

mod aws;
mod client_driver;
mod client_outcome;
#[cfg(feature = "aws")]
mod connect_failures;
mod connections;
mod healthy_server;
mod logs;
#[cfg(feature = "aws-modern")]
mod loopback;

#[cfg(feature = "aws-modern")]
pub use aws::AWS_MODERN;
#[cfg(feature = "aws")]
pub use aws::AWS_POOL;
#[cfg(feature = "aws-service")]
pub use aws::DynamoDb;
pub use aws::{AWS_LEGACY, AwsClient, LegacyClassifier, MakeClient, Retrying, Setting};
pub use client_driver::{ClientDriver, ClientDriverError, unplayable};
pub use client_outcome::{ClientOutcome, ClientRequestOutcome, ErrorLabel};
#[cfg(feature = "aws")]
pub use connect_failures::ConnectFailure;
pub use connections::{Connections, Endpoint, Io};
pub use logs::{LogLevel, Logged};

use crate::{
    chain::{Phase, StackName},
    script::Request,
    stacks::{BoxError, Head, Part},
};
use futures_util::Stream;
use std::{future::Future, pin::Pin};

/// Every client: the clients alone, then each under the SDK's own orchestrator, which retries, then, with the feature
/// `aws-service`, each under a generated client of a service.
pub const CLIENTS: &[&dyn Client] = &[
    &AWS_LEGACY,
    #[cfg(feature = "aws-modern")]
    &AWS_MODERN,
    #[cfg(feature = "aws")]
    &AWS_POOL,
    &Retrying(&AWS_LEGACY, Setting::AsShipped),
    #[cfg(feature = "aws-modern")]
    &Retrying(&AWS_MODERN, Setting::AsShipped),
    #[cfg(feature = "aws")]
    &Retrying(&AWS_POOL, Setting::AsShipped),
    #[cfg(feature = "aws-service")]
    &DynamoDb::ON_LEGACY,
    #[cfg(feature = "aws-service")]
    &DynamoDb::ON_MODERN,
    #[cfg(feature = "aws-service")]
    &DynamoDb::ON_POOL,
];

/// A client that others wrote.
pub trait Client: Sync {
    /// Its name, for reports.
    fn name(&self) -> &'static str;

    /// What it is, in one sentence.
    fn about(&self) -> &'static str;

    /// The crate that it comes from, with its version.
    fn version(&self) -> &'static str;

    /// The stack that it stands on.
    fn stack(&self) -> StackName;

    /// How it comes to its peer.
    fn reach(&self) -> Reach;

    /// Whether it sends a request again of itself.
    fn retries(&self) -> bool {
        false
    }

    /// A client with no connection yet, which opens its connections at this endpoint.
    ///
    /// # Errors
    ///
    /// What keeps the client from being made.
    fn client(&self, endpoint: &Endpoint) -> Result<Box<dyn ClientInstance>, BoxError>;
}

/// How a client comes to its peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Over a transport in memory, which can do whatever a script asks for.
    Memory,
    /// Over TLS on a socket of the loopback interface: neither a read nor a write can be made to fail there in a chosen
    /// way.
    #[cfg(feature = "aws-modern")]
    Loopback,
}

/// A client that was made for one script.
pub trait ClientInstance: Send {
    /// Sends a request, which carries this number in its path.
    fn send(&self, number: usize, request: &Request) -> ResponseFuture;
}

/// A request on its way: the head of its response, and then the body.
pub type ResponseFuture = Pin<Box<dyn Future<Output = Result<(Head, Body), Failure>> + Send>>;

/// The body of a response, part by part.
pub type Body = Pin<Box<dyn Stream<Item = Result<Part, BoxError>> + Send>>;

/// Why there is no response.
#[derive(Debug)]
pub struct Failure {
    /// How far the request had come.
    pub phase: Phase,
    /// The error as the application gets it.
    pub error: BoxError,
    /// What the client calls it.
    pub label: ErrorLabel,
}
