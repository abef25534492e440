//! The servers behind the later connections of a client.

use super::server::read_whole;
use crate::{peer::number_in, stacks::BoxError};
use h2_04::Reason;
use http_1::{Request, Response};
use hyper_1::{body::Incoming, server::conn::http2::Builder, service::service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncRead, AsyncWrite};

/// Serves one connection until the client closes it. Reads every request whole and answers it with 200 and the content
/// that `answer` makes for its number; calls `received` with the number first.
pub async fn answer_all(
    io: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    received: impl Fn(usize) + Clone + Send + Sync + 'static,
    answer: fn(usize) -> String,
) {
    let service = service_fn(move |request| {
        let number = number_in(Request::uri(&request).path());
        number.into_iter().for_each(&received);
        respond(request, number.map(answer).unwrap_or_default())
    });
    let mut server = Builder::new(TokioExecutor::new());
    // Some clients correct their clock by the date of a response.
    server.auto_date_header(false);
    // A client that disconnects during a request is no error of this server.
    let _ = server.serve_connection(TokioIo::new(io), service).await;
}

async fn respond(mut request: Request<Incoming>, answer: String) -> Result<Response<String>, BoxError> {
    read_whole(request.body_mut()).await?;
    Ok(Response::new(answer))
}

/// Serves one connection until the client closes it, and refuses every request; calls `received` with its number.
pub async fn refuse_all(io: impl AsyncRead + AsyncWrite + Send + Unpin + 'static, received: impl Fn(usize)) {
    let Ok(mut connection) = h2_04::server::handshake(io).await else { return };
    while let Some(Ok((request, mut response))) = connection.accept().await {
        number_in(request.uri().path()).into_iter().for_each(&received);
        response.send_reset(Reason::REFUSED_STREAM);
    }
}
