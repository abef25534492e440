//! Errors of hyper 0.14 that wrap other errors, and errors of calls that need no peer.

use super::{Legacy, http1};
use crate::{
    http2::ErrorCode,
    stacks::{
        BoxError, Call, Enclosure, Generation, Holder, Once,
        generation::{into_io, settle},
        transport::Failing,
    },
};
use bytes::Bytes;
use futures_util::future::join;
use hyper_014::{
    Body, Client,
    body::HttpBody,
    client::{
        conn::http1::handshake,
        connect::{Connected, Connection},
    },
};
use std::{
    error::Error,
    pin::Pin,
    task::{Context, Poll},
};

impl Generation for Legacy {
    type Http2 = Legacy;
    type Http1 = http1::Http1;
    type Http1Connection = http1::Http1Connection;
    type H2 = super::h2::H2;
    type Pool = super::pool::Pool;

    fn own_type(error: &(dyn Error + 'static)) -> Option<&'static str> {
        if error.is::<hyper_014::Error>() {
            return Some("hyper 0.14 Error");
        }
        error.is::<h2_03::Error>().then_some("h2 0.3 Error")
    }

    fn enclose(enclosure: Enclosure, inner: BoxError) -> Option<BoxError> {
        match enclosure {
            Enclosure::Connect => {
                pool_error(Err(inner), http_02::Request::builder().uri("http://peer.test/").body(Body::empty()).ok()?)
            }
            Enclosure::RequestBody => post(("host", "peer.test"), FailingBody(Some(inner))),
            Enclosure::Read => http1_error(Failing::with(into_io(inner)), http_02::Request::new(Body::empty())),
        }
    }

    fn hold(holder: Holder, error: BoxError) -> Result<BoxError, BoxError> {
        holder.hold::<hyper_014::Error>(error).or_else(|error| holder.hold::<h2_03::Error>(error))
    }

    fn call(call: Call) -> Option<BoxError> {
        match call {
            Call::Reason(ErrorCode(code)) => Some(h2_03::Error::from(h2_03::Reason::from(code)).into()),
            Call::RelativeUri => pool_error(Ok(Failing::default()), http_02::Request::new(Body::empty())),
            Call::UnsupportedVersion => {
                let mut request = http_02::Request::new(Body::empty());
                *request.version_mut() = http_02::Version::HTTP_09;
                pool_error(Ok(Failing::default()), request)
            }
            Call::NoUpgrade => {
                let response = http_02::Response::new(Body::empty());
                settle(hyper_014::upgrade::on(response))?.err().map(BoxError::from)
            }
            Call::ShortBody => post(("content-length", "10"), FailingBody(None)),
            Call::BodyAborted => {
                let (sender, mut body) = Body::channel();
                sender.abort();
                settle(body.data())??.err().map(BoxError::from)
            }
            Call::BodyClosed => {
                let (mut sender, body) = Body::channel();
                drop(body);
                settle(sender.send_data(Bytes::from_static(b".")))?.err().map(BoxError::from)
            }
        }
    }
}

/// The error of a request to a pool with this connection.
fn pool_error(connection: Result<Failing, BoxError>, request: http_02::Request<Body>) -> Option<BoxError> {
    let client = Client::builder().build::<_, Body>(Once::new(connection));
    settle(client.request(request))?.err().map(BoxError::from)
}

/// The error of a POST with this body, over HTTP/1.1.
fn post(field: (&str, &str), body: FailingBody) -> Option<BoxError> {
    let request = http_02::Request::builder().method("POST").uri("/").header(field.0, field.1).body(body).ok()?;
    http1_error(Failing::default(), request)
}

/// The error of a request over HTTP/1.1.
fn http1_error<B>(transport: Failing, request: http_02::Request<B>) -> Option<BoxError>
where
    B: HttpBody<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
{
    settle(async {
        let (mut client, connection) = handshake(transport).await.ok()?;
        let response = client.send_request(request);
        drop(client);
        join(response, connection).await.0.err().map(BoxError::from)
    })?
}

/// A request body that fails at once, or ends at once.
struct FailingBody(Option<BoxError>);

impl HttpBody for FailingBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_data(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Bytes, BoxError>>> {
        Poll::Ready(self.0.take().map(Err))
    }

    fn poll_trailers(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<Option<http_02::HeaderMap>, BoxError>> {
        Poll::Ready(Ok(None))
    }
}

impl Connection for Failing {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}
