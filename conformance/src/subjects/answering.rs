//! A server in good health: it reads every request whole, and answers 200 with an empty body.

use super::{Connections, Io};
use crate::peer::number_in;
use bytes::Bytes;
use http_1::{Request, Response};
use hyper_1::{
    body::{Body, Frame, Incoming, SizeHint},
    rt::Executor,
    server::conn::http2::Builder,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use std::{
    convert::Infallible,
    future::{Future, poll_fn},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

/// Serves one connection until the client closes it.
pub(super) async fn serve(io: impl Io + 'static, connections: Arc<Connections>) {
    let service = service_fn(move |request| answer(request, connections.clone()));
    let mut server = Builder::new(Tokio);
    // A client may set its own clock by the date of a response.
    server.auto_date_header(false);
    // A client that goes away in the midst of a request is none of our business.
    let _ = server.serve_connection(TokioIo::new(io), service).await;
}

async fn answer(mut request: Request<Incoming>, connections: Arc<Connections>) -> hyper_1::Result<Response<Empty>> {
    if let Some(number) = number_in(request.uri().path()) {
        connections.answers(number);
    }
    while let Some(frame) = poll_fn(|cx| Pin::new(request.body_mut()).poll_frame(cx)).await {
        frame?;
    }
    Ok(Response::new(Empty))
}

struct Empty;

impl Body for Empty {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(None)
    }

    fn is_end_stream(&self) -> bool {
        true
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(0)
    }
}

#[derive(Clone, Copy)]
struct Tokio;

impl<F: Future<Output: Send> + Send + 'static> Executor<F> for Tokio {
    fn execute(&self, task: F) {
        tokio::spawn(task);
    }
}
