//! hyper 0.14's server on h2 0.3.

use super::Legacy;
use crate::{
    chain::{Phase, StackName},
    peer::Transport,
    script::Request,
    stacks::{BoxError, DATE, Head, Part, Profile, Serving, Stack, drive::Spawner},
};
use http_02::{Response, header};
use hyper_014::{
    body::{Body, HttpBody},
    server::conn::Http,
    service::service_fn,
};
use std::error::Error;

/// hyper 0.14 on h2 0.3, as a server that reads every request whole and says how long it was.
#[derive(Clone, Copy, Debug)]
pub struct LegacyServer;

impl Stack for LegacyServer {
    type Client = Serving;
    type Body = ();

    const NAME: StackName = StackName::Legacy;
    const IS_SERVER: bool = true;

    async fn connect(transport: Transport, _: Profile, spawner: Spawner) -> Result<Serving, BoxError> {
        let mut http = Http::new().with_executor(spawner);
        http.http2_only(true);
        let connection = http.serve_connection(transport, service_fn(answer));
        Ok(Serving::new(async { connection.await.map_err(BoxError::from) }))
    }

    async fn send(serving: Serving, _: usize, _: Request) -> Result<(Head, ()), (Phase, BoxError)> {
        serving.end().await
    }

    async fn next_part((): &mut ()) -> Option<Result<Part, BoxError>> {
        None
    }

    fn own_type(error: &(dyn Error + 'static)) -> Option<&'static str> {
        Legacy::own_type(error)
    }
}

async fn answer(mut request: http_02::Request<Body>) -> Result<Response<Body>, BoxError> {
    let mut length = 0;
    while let Some(data) = request.body_mut().data().await {
        length += data?.len();
    }
    request.body_mut().trailers().await?;
    let answer = format!("{} {} {length}", request.method(), request.uri());
    Ok(Response::builder().header(header::DATE, DATE).body(answer.into())?)
}
