//! A server in good health: it reads every request whole, and answers 200 with an empty body.

use super::{Connections, Io};
use crate::peer::number_in;
use http_1::{Request, Response};
use hyper_1::{
    body::{Body, Incoming},
    server::conn::http2::Builder,
    service::service_fn,
};
use hyper_util::rt::{TokioExecutor, TokioIo};
use std::{future::poll_fn, pin::Pin, sync::Arc};

/// Serves one connection until the client closes it.
pub(super) async fn serve(io: impl Io + 'static, connections: Arc<Connections>) {
    let service = service_fn(move |request| answer(request, connections.clone()));
    let mut server = Builder::new(TokioExecutor::new());
    // A client may set its own clock by the date of a response.
    server.auto_date_header(false);
    // A client that goes away in the midst of a request is none of our business.
    let _ = server.serve_connection(TokioIo::new(io), service).await;
}

async fn answer(mut request: Request<Incoming>, connections: Arc<Connections>) -> hyper_1::Result<Response<String>> {
    if let Some(number) = number_in(request.uri().path()) {
        connections.answers(number);
    }
    while let Some(frame) = poll_fn(|cx| Pin::new(request.body_mut()).poll_frame(cx)).await {
        frame?;
    }
    Ok(Response::new(String::new()))
}
