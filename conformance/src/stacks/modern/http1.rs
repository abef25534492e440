//! hyper 1 over HTTP/1.1, as the client of a peer that does not speak HTTP/2.

use super::{Modern, fields};
use crate::{
    peer::Transport,
    script::Request,
    stacks::{BoxError, Content, Head, Part, Profile, Stack, drive::Spawner, transport::Unclosable},
    vocabulary::{Phase, StackName},
};
use futures_util::future::{join, poll_fn};
use hyper_1::{
    body::Incoming,
    client::conn::http1::{Connection, SendRequest, handshake},
};
use hyper_util::rt::TokioIo;
use std::{
    error::Error,
    future::pending,
    sync::{Arc, Mutex, PoisonError},
};

/// Reports the error of each request.
#[derive(Clone, Copy, Debug)]
pub struct Http1;

/// Reports the error of the connection itself, on a transport that cannot be shut down.
#[derive(Clone, Copy, Debug)]
pub struct Http1Connection;

pub(super) fn request(number: usize, request: &Request) -> Result<http_1::Request<Content>, BoxError> {
    let mut builder = http_1::Request::builder().method(request.method().name()).uri(format!("/{number}"));
    builder = builder.header("host", "peer.test");
    for (name, value) in request.headers() {
        builder = builder.header(name, value);
    }
    Ok(builder.body(Content::new(request.body()))?)
}

impl Stack for Http1 {
    type Client = Arc<Mutex<SendRequest<Content>>>;
    type Body = Incoming;

    const NAME: StackName = StackName::Modern;

    async fn connect(transport: Transport, _: Profile, spawner: Spawner) -> Result<Self::Client, BoxError> {
        let (client, connection) = handshake(TokioIo::new(transport)).await?;
        spawner.spawn(async { drop(connection.await) });
        Ok(Arc::new(Mutex::new(client)))
    }

    async fn send(client: Self::Client, number: usize, sent: Request) -> Result<(Head, Incoming), (Phase, BoxError)> {
        let lock = || client.lock().unwrap_or_else(PoisonError::into_inner);
        let sent = request(number, &sent).map_err(|error| (Phase::Sending, error))?;
        poll_fn(|cx| lock().poll_ready(cx)).await.map_err(|error| (Phase::Sending, error.into()))?;
        let response = lock().send_request(sent);
        let response = response.await.map_err(|error| (Phase::Head, error.into()))?;
        let head = Head { status: response.status().as_u16(), headers: fields(response.headers()) };
        Ok((head, response.into_body()))
    }

    async fn next_part(body: &mut Incoming) -> Option<Result<Part, BoxError>> {
        Modern::next_part(body).await
    }

    fn own_type(error: &(dyn Error + 'static)) -> Option<&'static str> {
        Modern::own_type(error)
    }
}

impl Stack for Http1Connection {
    type Client = Arc<Mutex<Option<(SendRequest<Content>, Connection<TokioIo<Unclosable>, Content>)>>>;
    type Body = ();

    const NAME: StackName = StackName::Modern;

    async fn connect(transport: Transport, _: Profile, _: Spawner) -> Result<Self::Client, BoxError> {
        Ok(Arc::new(Mutex::new(Some(handshake(TokioIo::new(Unclosable(transport))).await?))))
    }

    async fn send(client: Self::Client, number: usize, sent: Request) -> Result<(Head, ()), (Phase, BoxError)> {
        let connected = client.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some((mut client, connection)) = connected else { return pending().await };
        let sent = request(number, &sent).map_err(|error| (Phase::Sending, error))?;
        let response = client.send_request(sent);
        match join(response, connection).await {
            (_, Err(error)) => Err((Phase::Connection, error.into())),
            _ => pending().await,
        }
    }

    async fn next_part((): &mut ()) -> Option<Result<Part, BoxError>> {
        None
    }

    fn own_type(error: &(dyn Error + 'static)) -> Option<&'static str> {
        Modern::own_type(error)
    }
}
