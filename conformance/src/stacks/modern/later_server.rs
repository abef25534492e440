//! The servers behind the later connections of a client.

use super::server::read_whole;
use crate::{peer::number_in, stacks::BoxError};
use bytes::Bytes;
use h2_04::Reason;
use http_1::{HeaderMap, HeaderName, HeaderValue, Request, Response};
use http_body_util::{BodyExt, Full, combinators::WithTrailers};
use hyper_1::{body::Incoming, server::conn::http2::Builder, service::service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo};
use std::{
    convert::Infallible,
    future::{Ready, ready},
};
use tokio::io::{AsyncRead, AsyncWrite};

/// A response with status 200.
#[derive(Default)]
pub struct Answer {
    /// The fields of its head.
    pub fields: &'static [(&'static str, &'static str)],
    /// Its content.
    pub content: Bytes,
    /// Its trailers; empty for none.
    pub trailers: &'static [(&'static str, &'static str)],
}

/// Serves one connection until the client closes it. Reads every request whole and answers it with what `answer` makes
/// for its number; calls `received` with the number first.
pub async fn answer_all(
    io: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    received: impl Fn(usize) + Clone + Send + Sync + 'static,
    answer: fn(usize) -> Answer,
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

type Content = WithTrailers<Full<Bytes>, Ready<Option<Result<HeaderMap, Infallible>>>>;

async fn respond(mut request: Request<Incoming>, answer: Answer) -> Result<Response<Content>, BoxError> {
    read_whole(request.body_mut()).await?;
    let trailers = (!answer.trailers.is_empty()).then(|| Ok(map(answer.trailers)));
    let mut response = Response::new(Full::new(answer.content).with_trailers(ready(trailers)));
    *response.headers_mut() = map(answer.fields);
    Ok(response)
}

fn map(fields: &[(&'static str, &'static str)]) -> HeaderMap {
    fields.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))).collect()
}

/// Serves one connection until the client closes it, and refuses every request; calls `received` with its number.
pub async fn refuse_all(io: impl AsyncRead + AsyncWrite + Send + Unpin + 'static, received: impl Fn(usize)) {
    let Ok(mut connection) = h2_04::server::handshake(io).await else { return };
    while let Some(Ok((request, mut response))) = connection.accept().await {
        number_in(request.uri().path()).into_iter().for_each(&received);
        response.send_reset(Reason::REFUSED_STREAM);
    }
}
