//! hyper over HTTP/1.1, as the client of a peer that does not speak HTTP/2.

use super::{
    Incoming, NAME, head_and_body, http,
    hyper::client::conn::http1::{Connection, SendRequest, handshake},
    next_part, with_content,
};
use crate::{
    peer::{Transport, lock},
    stacks::{BoxError, Content, Head, IssuedRequest, Once, Part, Profile, Stack, Unanswered, drive::Spawner},
    vocabulary::{Phase, StackName},
};
use futures_util::future::{join, poll_fn};
use std::{
    future::pending,
    sync::{Arc, Mutex},
};

/// Reports the error of each request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Http1;

/// Reports the error of the connection itself, on a transport that cannot be shut down.
#[derive(Clone, Copy, Debug)]
pub(super) struct Http1Connection;

fn request(request: &IssuedRequest) -> Result<http::Request<Content>, BoxError> {
    with_content(http::Request::builder().uri(request.target()).header("host", "peer.test"), request)
}

impl Stack for Http1 {
    type Client = Arc<Mutex<SendRequest<Content>>>;
    type Body = Incoming;

    const NAME: StackName = NAME;

    async fn connect(transport: Transport, _: Profile, spawner: Spawner) -> Result<Self::Client, BoxError> {
        let (client, connection) = handshake(transport).await?;
        spawner.spawn(async { drop(connection.await) });
        Ok(Arc::new(Mutex::new(client)))
    }

    async fn send(client: Self::Client, sent: IssuedRequest) -> Result<(Head, Incoming), Unanswered> {
        let lock = || lock(&client);
        let sent = request(&sent).map_err(|error| (Phase::Sending, error))?;
        poll_fn(|cx| lock().poll_ready(cx)).await.map_err(|error| (Phase::Sending, error.into()))?;
        let response = lock().send_request(sent);
        let response = response.await.map_err(|error| (Phase::Head, error.into()))?;
        Ok(head_and_body(response))
    }

    async fn next_part(body: &mut Incoming) -> Option<Result<Part, BoxError>> {
        next_part(body).await
    }
}

impl Stack for Http1Connection {
    type Client = Once<(SendRequest<Content>, Connection<Transport, Content>)>;
    type Body = ();

    const NAME: StackName = NAME;

    async fn connect(transport: Transport, _: Profile, _: Spawner) -> Result<Self::Client, BoxError> {
        Ok(Once::new(handshake(transport.unclosable()).await?))
    }

    async fn send(client: Self::Client, sent: IssuedRequest) -> Result<(Head, ()), Unanswered> {
        let Some((mut client, connection)) = client.take() else { return pending().await };
        let sent = request(&sent).map_err(|error| (Phase::Sending, error))?;
        let response = client.send_request(sent);
        match join(response, connection).await {
            (_, Err(error)) => Err((Phase::Connection, error.into()).into()),
            _ => pending().await,
        }
    }

    async fn next_part((): &mut ()) -> Option<Result<Part, BoxError>> {
        None
    }
}
