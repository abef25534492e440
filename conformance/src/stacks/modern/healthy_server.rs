//! A healthy server: it reads every request whole and answers 200 with an empty body.

use super::server::read_whole;
use crate::{peer::number_in, stacks::BoxError};
use http_1::{Request, Response};
use hyper_1::{body::Incoming, server::conn::http2::Builder, service::service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncRead, AsyncWrite};

/// Serves one connection until the client closes it, and calls `answers` with the number of every request.
pub async fn serve(
    io: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    answers: impl Fn(usize) + Clone + Send + Sync + 'static,
) {
    let service = service_fn(move |request| answer(request, answers.clone()));
    let mut server = Builder::new(TokioExecutor::new());
    // Some clients correct their clock by the date of a response.
    server.auto_date_header(false);
    // A client that disconnects during a request is no error of this server.
    let _ = server.serve_connection(TokioIo::new(io), service).await;
}

async fn answer(mut request: Request<Incoming>, answers: impl Fn(usize)) -> Result<Response<String>, BoxError> {
    if let Some(number) = number_in(request.uri().path()) {
        answers(number);
    }
    read_whole(request.body_mut()).await?;
    Ok(Response::new(String::new()))
}
