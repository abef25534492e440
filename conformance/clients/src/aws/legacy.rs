//! The client on hyper 0.14, over a transport in memory.

use super::{AwsClient, NO_SUCH_NAME, Under};
use aws_smithy_http_client::hyper_014::HyperClientBuilder;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use conformance::{
    client_driver::{Endpoint, Reach},
    stacks::Settings,
    vocabulary::StackName,
};
use hyper_014::{
    client::{HttpConnector, connect::dns::Name},
    service::Service,
};
use std::{
    future::{Ready, ready},
    io,
    iter::Empty,
    net::SocketAddr,
    task::{Context, Poll},
};

/// The client on hyper 0.14.
pub const AWS_LEGACY: AwsClient = AwsClient {
    name: "aws legacy",
    retrying: "aws legacy, retrying",
    dynamodb: "dynamodb on legacy",
    about: "the AWS SDK's client on hyper 0.14, alone",
    stack: StackName::Legacy,
    reach: Reach::Memory,
    http_client: |endpoint| Ok(connecting(over_http2(), endpoint)),
    keeping_alive: Some(|endpoint| {
        let mut hyper = over_http2();
        hyper
            .http2_keep_alive_interval(Settings::EQUAL.keep_alive_interval)
            .http2_keep_alive_timeout(Settings::EQUAL.keep_alive_timeout);
        Ok(connecting(hyper, endpoint))
    }),
    under: Under::Nothing,
};

/// A client that always uses HTTP/2, because it does not negotiate by ALPN.
pub(super) fn over_http2() -> hyper_014::client::Builder {
    let mut hyper = hyper_014::Client::builder();
    hyper.http2_only(true);
    hyper
}

fn connecting(hyper: hyper_014::client::Builder, endpoint: &Endpoint) -> SharedHttpClient {
    let builder = HyperClientBuilder::new().hyper_builder(hyper);
    match endpoint.connections {
        Some(_) => builder.build(endpoint.connector()),
        None => builder.build(HttpConnector::new_with_resolver(NoNames)),
    }
}

/// Resolves no name, because nothing here has one.
#[derive(Clone, Copy)]
struct NoNames;

impl Service<Name> for NoNames {
    type Response = Empty<SocketAddr>;
    type Error = io::Error;
    type Future = Ready<io::Result<Self::Response>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Name) -> Self::Future {
        ready(Err(io::Error::other(NO_SUCH_NAME)))
    }
}
