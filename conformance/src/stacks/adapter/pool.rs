//! The stack's connection pool, hyper 0.14's `Client` or hyper-util's `legacy::Client`: it opens HTTP/2 connections as it
//! needs them.

use super::{
    Incoming, NAME,
    client::{
        Client,
        connect::{Connected, Connection},
    },
    head_and_body, next_part, pool_builder, request,
};
use crate::{
    peer::Transport,
    stacks::{BoxError, Content, Head, Io, IssuedRequest, Once, Part, Profile, Stack, Unanswered, drive::Spawner},
    vocabulary::{Phase, StackName},
};

/// The pool with one connection; a second one is refused.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pool;

impl Connection for Transport {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

/// For the connectors of clients that are built on the pool.
impl Connection for Box<dyn Io> {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

impl Stack for Pool {
    type Client = Client<Once<Result<Transport, BoxError>>, Content>;
    type Body = Incoming;

    const NAME: StackName = NAME;

    async fn connect(transport: Transport, _: Profile, spawner: Spawner) -> Result<Self::Client, BoxError> {
        let connector = Once::new(Ok(transport));
        Ok(pool_builder(spawner).http2_only(true).pool_idle_timeout(None).build(connector))
    }

    async fn send(client: Self::Client, sent: IssuedRequest) -> Result<(Head, Incoming), Unanswered> {
        let request = request(&sent).map_err(|error| (Phase::Sending, error))?;
        let response = client.request(request).await.map_err(|error| (Phase::Head, error.into()))?;
        Ok(head_and_body(response))
    }

    async fn next_part(body: &mut Incoming) -> Option<Result<Part, BoxError>> {
        next_part(body).await
    }
}
