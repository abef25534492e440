//! h2 without hyper, as some gRPC clients and proxies use it. Requests have no content.

use super::{
    NAME, fields,
    h2::{
        RecvStream,
        client::{SendRequest, handshake},
    },
    head, http,
};
use crate::{
    peer::Transport,
    stacks::{BoxError, Head, IssuedRequest, Part, Profile, Stack, Unanswered, drive::Spawner},
    vocabulary::{Phase, StackName},
};
use bytes::Bytes;

/// h2 alone.
#[derive(Clone, Copy, Debug)]
pub(super) struct H2;

impl Stack for H2 {
    type Client = SendRequest<Bytes>;
    type Body = RecvStream;

    const NAME: StackName = NAME;

    async fn connect(transport: Transport, _: Profile, spawner: Spawner) -> Result<Self::Client, BoxError> {
        let (client, connection) = handshake(transport).await?;
        spawner.spawn(async { drop(connection.await) });
        Ok(client)
    }

    async fn send(client: Self::Client, sent: IssuedRequest) -> Result<(Head, RecvStream), Unanswered> {
        let request = http::Request::builder().method(sent.method().name());
        let request = request.uri(sent.uri("http://peer.test")).body(());
        let request = request.map_err(|error| (Phase::Sending, error.into()))?;
        let mut client = client.ready().await.map_err(|error| (Phase::Sending, error.into()))?;
        let (response, _) = client.send_request(request, true).map_err(|error| (Phase::Sending, error.into()))?;
        let response = response.await.map_err(|error| (Phase::Head, error.into()))?;
        Ok((head(&response, None), response.into_body()))
    }

    async fn next_part(body: &mut RecvStream) -> Option<Result<Part, BoxError>> {
        if let Some(data) = body.data().await {
            return Some(data.map(Part::Data).map_err(BoxError::from));
        }
        let trailers = body.trailers().await.transpose()?;
        Some(trailers.map(|trailers| Part::Trailers(fields(&trailers))).map_err(BoxError::from))
    }
}
