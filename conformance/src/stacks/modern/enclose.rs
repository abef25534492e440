//! Errors of hyper 1 that wrap other errors, and errors of calls that need no peer.

use super::{Modern, http1};
use crate::{
    http2::ErrorCode,
    stacks::{
        BoxError, Call, Content, Enclosure, Generation, Holder, Once,
        drive::Spawner,
        generation::{into_io, settle},
        transport::Failing,
    },
};
use bytes::Bytes;
use futures_util::future::join;
use hyper_1::{
    body::{Body, Frame},
    client::conn::http1::handshake,
};
use hyper_util::{client::legacy::Client, rt::TokioIo};
use std::{
    error::Error,
    pin::Pin,
    task::{Context, Poll},
};

const EMPTY: Content = Content::EMPTY;

impl Generation for Modern {
    type Http2 = Modern;
    type Http1 = http1::Http1;
    type Http1Connection = http1::Http1Connection;
    type H2 = super::h2::H2;
    type Pool = super::pool::Pool;

    fn own_type(error: &(dyn Error + 'static)) -> Option<&'static str> {
        if error.is::<hyper_1::Error>() {
            return Some("hyper 1 Error");
        }
        error.is::<h2_04::Error>().then_some("h2 0.4 Error")
    }

    fn enclose(enclosure: Enclosure, inner: BoxError) -> Option<BoxError> {
        match enclosure {
            Enclosure::Connect => {
                pool_error(Err(inner), http_1::Request::builder().uri("http://peer.test/").body(EMPTY).ok()?)
            }
            Enclosure::RequestBody => post(("host", "peer.test"), FailingBody(Some(inner))),
            Enclosure::Read => http1_error(Failing::with(into_io(inner)), http_1::Request::new(EMPTY)),
        }
    }

    fn hold(holder: Holder, error: BoxError) -> Result<BoxError, BoxError> {
        let error = holder.hold::<hyper_1::Error>(error);
        let error = error.or_else(|error| holder.hold::<h2_04::Error>(error));
        error.or_else(|error| holder.hold::<hyper_util::client::legacy::Error>(error))
    }

    fn call(call: Call) -> Option<BoxError> {
        match call {
            Call::Reason(ErrorCode(code)) => Some(h2_04::Error::from(h2_04::Reason::from(code)).into()),
            Call::RelativeUri => pool_error(Ok(Failing::default()), http_1::Request::new(EMPTY)),
            Call::UnsupportedVersion => {
                let mut request = http_1::Request::new(EMPTY);
                *request.version_mut() = http_1::Version::HTTP_09;
                pool_error(Ok(Failing::default()), request)
            }
            Call::NoUpgrade => {
                let response = http_1::Response::new(EMPTY);
                settle(hyper_1::upgrade::on(response))?.err().map(BoxError::from)
            }
            Call::ShortBody => post(("content-length", "10"), FailingBody(None)),
            // hyper 1 has no public body with a sender.
            Call::BodyAborted | Call::BodyClosed => None,
        }
    }
}

/// The error of a request to a pool with this connection.
fn pool_error(connection: Result<Failing, BoxError>, request: http_1::Request<Content>) -> Option<BoxError> {
    let client = Client::builder(Spawner::default()).build::<_, Content>(Once::new(connection));
    settle(client.request(request))?.err().map(BoxError::from)
}

/// The error of a POST with this body, over HTTP/1.1.
fn post(field: (&str, &str), body: FailingBody) -> Option<BoxError> {
    let request = http_1::Request::builder().method("POST").uri("/").header(field.0, field.1).body(body).ok()?;
    http1_error(Failing::default(), request)
}

/// The error of a request over HTTP/1.1.
fn http1_error<B>(transport: Failing, request: http_1::Request<B>) -> Option<BoxError>
where
    B: Body<Data = Bytes, Error: Into<BoxError>> + 'static,
{
    settle(async {
        let (mut client, connection) = handshake(TokioIo::new(transport)).await.ok()?;
        let response = client.send_request(request);
        drop(client);
        join(response, connection).await.0.err().map(BoxError::from)
    })?
}

/// A request body that fails at once, or ends at once.
struct FailingBody(Option<BoxError>);

impl Body for FailingBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        Poll::Ready(self.0.take().map(Err))
    }
}
