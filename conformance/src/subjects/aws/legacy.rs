//! The client on hyper 0.14, over a transport in memory.

use super::{Alone, HttpClientOfAws, NO_SUCH_NAME};
use crate::{
    chain::StackName,
    stacks::BoxError,
    subjects::{Client, Connections, Io, Place, Reach, Subject},
};
use aws_smithy_http_client::hyper_014::HyperClientBuilder;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use http_02::Uri;
use hyper_014::{
    client::{
        HttpConnector,
        connect::{Connected, Connection, dns::Name},
    },
    service::Service,
};
use std::{
    future::{Ready, ready},
    io,
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// The client on hyper 0.14.
#[derive(Clone, Copy, Debug)]
pub struct LegacyClient;

impl Subject for LegacyClient {
    fn name(&self) -> &'static str {
        "aws legacy"
    }

    fn about(&self) -> &'static str {
        "the AWS SDK's client on hyper 0.14, alone"
    }

    fn stack(&self) -> StackName {
        StackName::Legacy
    }

    fn reach(&self) -> Reach {
        Reach::Memory
    }

    fn client(&self, place: &Place) -> Result<Box<dyn Client>, BoxError> {
        Ok(Box::new(Alone::new(self, place)?))
    }
}

impl HttpClientOfAws for LegacyClient {
    fn http_client(&self, place: &Place) -> Result<SharedHttpClient, BoxError> {
        let mut hyper = hyper_014::Client::builder();
        hyper.http2_only(true);
        let builder = HyperClientBuilder::new().hyper_builder(hyper);
        Ok(match &place.connections {
            Some(connections) => builder.build(Connector(connections.clone())),
            None => builder.build(HttpConnector::new_with_resolver(NoNames)),
        })
    }

    fn under_the_orchestrator(&self) -> (&'static str, &'static str) {
        ("aws legacy, retrying", "the same under the SDK's orchestrator and its standard retry strategy")
    }
}

/// Knows no names: nothing here has one.
#[derive(Clone, Copy)]
struct NoNames;

impl Service<Name> for NoNames {
    type Response = std::iter::Empty<SocketAddr>;
    type Error = io::Error;
    type Future = Ready<io::Result<Self::Response>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Name) -> Self::Future {
        ready(Err(io::Error::other(NO_SUCH_NAME)))
    }
}

/// Opens connections in memory.
#[derive(Clone)]
struct Connector(Arc<Connections>);

impl Service<Uri> for Connector {
    type Response = Connected014;
    type Error = BoxError;
    type Future = Ready<Result<Connected014, BoxError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        ready(Ok(Connected014(self.0.open())))
    }
}

/// A connection, as hyper 0.14 asks for one.
pub(super) struct Connected014<T = Box<dyn Io>>(T);

impl<T> Connection for Connected014<T> {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

impl<T: Io> AsyncRead for Connected014<T> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buffer)
    }
}

impl<T: Io> AsyncWrite for Connected014<T> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}
