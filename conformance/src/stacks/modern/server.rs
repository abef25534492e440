//! hyper 1's server on h2 0.4.

use super::Modern;
use crate::{
    chain::{Phase, StackName},
    peer::Transport,
    script::Request,
    stacks::{BoxError, DATE, Head, Part, Profile, Serving, Stack, drive::Spawner},
};
use bytes::Bytes;
use http_1::{Response, header};
use hyper_1::{
    body::{Body, Frame, Incoming, SizeHint},
    server::conn::http2::Builder,
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::{
    convert::Infallible,
    error::Error,
    future::poll_fn,
    pin::Pin,
    task::{Context, Poll},
};

/// hyper 1 on h2 0.4, as a server that reads every request whole and says how long it was.
#[derive(Clone, Copy, Debug)]
pub struct ModernServer;

impl Stack for ModernServer {
    type Client = Serving;
    type Body = ();

    const NAME: StackName = StackName::Modern;
    const IS_SERVER: bool = true;

    async fn connect(transport: Transport, _: Profile, spawner: Spawner) -> Result<Serving, BoxError> {
        let mut builder = Builder::new(spawner);
        builder.timer(TokioTimer::new());
        let connection = builder.serve_connection(TokioIo::new(transport), service_fn(answer));
        Ok(Serving::new(async { connection.await.map_err(BoxError::from) }))
    }

    async fn send(serving: Serving, _: usize, _: Request) -> Result<(Head, ()), (Phase, BoxError)> {
        serving.end().await
    }

    async fn next_part((): &mut ()) -> Option<Result<Part, BoxError>> {
        None
    }

    fn own_type(error: &(dyn Error + 'static)) -> Option<&'static str> {
        Modern::own_type(error)
    }
}

async fn answer(mut request: http_1::Request<Incoming>) -> Result<Response<Answer>, BoxError> {
    let mut length = 0;
    while let Some(frame) = poll_fn(|cx| Pin::new(request.body_mut()).poll_frame(cx)).await {
        length += frame?.data_ref().map_or(0, Bytes::len);
    }
    let answer = format!("{} {} {length}", request.method(), request.uri());
    Ok(Response::builder().header(header::DATE, DATE).body(Answer(Some(answer.into())))?)
}

/// The whole content of a response.
struct Answer(Option<Bytes>);

impl Body for Answer {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.take().map(|content| Ok(Frame::data(content))))
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.0.as_ref().map_or(0, |content| content.len() as u64))
    }
}
