//! hyper 0.14's `Client`: a pool that opens HTTP/2 connections as it needs them.

use super::Legacy;
use crate::{
    peer::Transport,
    script::Request,
    stacks::{BoxError, Content, Head, Part, Profile, Stack, drive::Spawner},
    vocabulary::{Phase, StackName},
};
use hyper_014::{
    Body, Client,
    client::connect::{Connected, Connection},
    service::Service,
};
use std::{
    error::Error,
    future::{Ready, ready},
    io,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
};

/// hyper 0.14's `Client` with one connection; a second one is refused.
#[derive(Clone, Copy, Debug)]
pub struct Pool;

/// Gives its one result, a connection or an error; later attempts are refused.
pub struct Connector<T>(Arc<Mutex<Option<Result<T, BoxError>>>>);

impl<T> Connector<T> {
    /// Makes a connector that can connect once, with this result.
    pub fn once(result: Result<T, BoxError>) -> Connector<T> {
        Connector(Arc::new(Mutex::new(Some(result))))
    }
}

impl<T> Clone for Connector<T> {
    fn clone(&self) -> Connector<T> {
        Connector(self.0.clone())
    }
}

impl<T> Service<http_02::Uri> for Connector<T> {
    type Response = T;
    type Error = BoxError;
    type Future = Ready<Result<T, BoxError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: http_02::Uri) -> Self::Future {
        let next = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        ready(next.unwrap_or_else(|| Err(io::Error::from(io::ErrorKind::ConnectionRefused).into())))
    }
}

impl Connection for Transport {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

impl Stack for Pool {
    type Client = Client<Connector<Transport>, Content>;
    type Body = Body;

    const NAME: StackName = StackName::Legacy;

    async fn connect(transport: Transport, _: Profile, spawner: Spawner) -> Result<Self::Client, BoxError> {
        let connector = Connector::once(Ok(transport));
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

    fn own_type(error: &(dyn Error + 'static)) -> Option<&'static str> {
        Legacy::own_type(error)
    }
}
