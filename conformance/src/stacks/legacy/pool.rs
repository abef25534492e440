//! hyper 0.14's `Client`: a pool that opens HTTP/2 connections as it needs them.

use super::Legacy;
use crate::{
    peer::Transport,
    script::Request,
    stacks::{BoxError, Content, Head, Io, Once, Part, Profile, Stack, drive::Spawner},
    vocabulary::{Phase, StackName},
};
use hyper_014::{
    Body, Client,
    client::connect::{Connected, Connection},
    service::Service,
};
use std::{
    future::{Ready, ready},
    io,
    task::{Context, Poll},
};

/// hyper 0.14's `Client` with one connection; a second one is refused.
#[derive(Clone, Copy, Debug)]
pub struct Pool;

/// The connector: the first attempt gets the result, a connection or an error. Later ones are refused.
impl<T> Service<http_02::Uri> for Once<Result<T, BoxError>> {
    type Response = T;
    type Error = BoxError;
    type Future = Ready<Result<T, BoxError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: http_02::Uri) -> Self::Future {
        ready(self.take().unwrap_or_else(|| Err(io::Error::from(io::ErrorKind::ConnectionRefused).into())))
    }
}

impl Connection for Transport {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

/// For the connectors of clients on hyper 0.14.
impl Connection for Box<dyn Io> {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

impl Stack for Pool {
    type Client = Client<Once<Result<Transport, BoxError>>, Content>;
    type Body = Body;

    const NAME: StackName = StackName::Legacy;

    async fn connect(transport: Transport, _: Profile, spawner: Spawner) -> Result<Self::Client, BoxError> {
        let connector = Once::new(Ok(transport));
        Ok(Client::builder().executor(spawner).http2_only(true).pool_idle_timeout(None).build(connector))
    }

    async fn send(client: Self::Client, number: usize, request: Request) -> Result<(Head, Body), (Phase, BoxError)> {
        let request = super::request(number, &request).map_err(|error| (Phase::Sending, error))?;
        let response = client.request(request).await.map_err(|error| (Phase::Head, error.into()))?;
        Ok(super::head_and_body(response))
    }

    async fn next_part(body: &mut Body) -> Option<Result<Part, BoxError>> {
        Legacy::next_part(body).await
    }
}
