//! hyper-util's `legacy::Client`: a pool that opens HTTP/2 connections as it needs them.

use super::Modern;
use crate::{
    peer::Transport,
    script::Request,
    stacks::{BoxError, Content, Head, Once, Part, Profile, Stack, drive::Spawner},
    vocabulary::{Phase, StackName},
};
use hyper_1::{
    body::Incoming,
    rt::{Read, ReadBufCursor, Write},
};
use hyper_util::{
    client::legacy::{
        Client,
        connect::{Connected, Connection},
    },
    rt::TokioIo,
};
use std::{
    future::{Ready, ready},
    io,
    pin::Pin,
    task::{Context, Poll},
};
use tokio::io::{AsyncRead, AsyncWrite};
use tower_service::Service;

/// hyper-util's `legacy::Client` with one connection; a second one is refused.
#[derive(Clone, Copy, Debug)]
pub struct Pool;

/// The connector: the first attempt gets the result, a connection or an error. Later ones are refused.
impl<T> Service<http_1::Uri> for Once<Result<T, BoxError>> {
    type Response = PoolConnection<T>;
    type Error = BoxError;
    type Future = Ready<Result<PoolConnection<T>, BoxError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: http_1::Uri) -> Self::Future {
        let refused = || Err(io::Error::from(io::ErrorKind::ConnectionRefused).into());
        ready(self.take().unwrap_or_else(refused).map(|transport| PoolConnection(TokioIo::new(transport))))
    }
}

/// A connection for the pool; early releases of hyper-util do not accept a `TokioIo` as one.
pub struct PoolConnection<T>(TokioIo<T>);

impl<T> Connection for PoolConnection<T> {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

impl<T: AsyncRead + Unpin> Read for PoolConnection<T> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: ReadBufCursor<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buffer)
    }
}

impl<T: AsyncWrite + Unpin> Write for PoolConnection<T> {
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

impl Stack for Pool {
    type Client = Client<Once<Result<Transport, BoxError>>, Content>;
    type Body = Incoming;

    const NAME: StackName = StackName::Modern;

    async fn connect(transport: Transport, _: Profile, spawner: Spawner) -> Result<Self::Client, BoxError> {
        let connector = Once::new(Ok(transport));
        Ok(Client::builder(spawner).http2_only(true).pool_idle_timeout(None).build(connector))
    }

    async fn send(
        client: Self::Client,
        number: usize,
        request: Request,
    ) -> Result<(Head, Incoming), (Phase, BoxError)> {
        let request = super::request(number, &request).map_err(|error| (Phase::Sending, error))?;
        let response = client.request(request).await.map_err(|error| (Phase::Head, error.into()))?;
        Ok(super::head_and_body(response))
    }

    async fn next_part(body: &mut Incoming) -> Option<Result<Part, BoxError>> {
        Modern::next_part(body).await
    }
}
